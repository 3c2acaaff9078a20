import "./sharing.css";
import type { Mailbox } from "@bouquet/contract/jmap-mail.ts";
import type { MailGrant, MailSharing } from "@bouquet/contract/mail-sharing.ts";
import { X } from "lucide-react";
import { useState } from "react";
import { ApiError } from "../../api/http.ts";
import { useMailSharingText } from "../../i18n/mail-sharing.ts";
import { useUiText } from "../../i18n/ui.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Banner, Note, SkeletonRows } from "../../ui/feedback.tsx";
import { Switch } from "../../ui/field.tsx";
import { PersonRow } from "../../ui/people.tsx";
import { toast, toastWithUndo } from "../../ui/toast.tsx";
import type { MailAccount } from "../jmap/accounts.ts";
import { AddGrantees } from "./add-grantees.tsx";
import { RightsChoice } from "./rights-choice.tsx";
import { placeOf, type SharingPlace, useChangeSharing, useSharing } from "./sharing-queries.ts";

interface Props {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly account: MailAccount;
  readonly mailbox: Mailbox;
}

/** Who may do what with a folder, or with a whole mailbox; every change holds at once. */
export function MailboxSharing({ isOpen, onClose, account, mailbox }: Props) {
  const t = useMailSharingText();
  const ui = useUiText();
  const place = placeOf(account, mailbox);
  const isFolder = place.mailboxId !== null;
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      title={isFolder ? t.titleFolder(mailbox.name) : account.isOwn ? t.titleOwn : t.titleMailbox(account.name)}
      isWide
      actions={<Button onPress={onClose}>{ui.close}</Button>}
    >
      <p className="muted">{isFolder ? t.introFolder : account.isOwn ? t.introOwn : t.introMailbox}</p>
      <Sharing place={place} />
    </Dialog>
  );
}

/** The sentence for what refused a change of rights. */
function useSharingProblem(): (error: unknown) => string {
  const t = useMailSharingText();
  return (error) => {
    if (!(error instanceof ApiError)) return t.failed;
    if (error.code === "not_found") return t.unknown;
    if (error.code === "forbidden") return t.beyond;
    return error.status === 400 || error.status === 422 ? t.already : t.failed;
  };
}

function Sharing({ place }: { place: SharingPlace }) {
  const t = useMailSharingText();
  const ui = useUiText();
  const explain = useSharingProblem();
  const { data, error, refetch } = useSharing(place);
  const [problem, setProblem] = useState<string | null>(null);
  const { grant, setPersonalSeen } = useChangeSharing(place);
  /** Says what went wrong beside the list. @returns whether it succeeded */
  const attempt = async (act: () => Promise<void>): Promise<boolean> => {
    setProblem(null);
    try {
      await act();
      return true;
    } catch (refusal) {
      setProblem(explain(refusal));
      return false;
    }
  };
  if (error && !data) {
    return (
      <Banner tone="warn" action={{ label: ui.retry, run: () => void refetch() }}>
        {t.loadFailed}
      </Banner>
    );
  }
  if (!data) return <SkeletonRows count={2} />;
  const change = async ({ name, identifier, rights: before }: MailGrant, rights: MailGrant["rights"]) => {
    if (!(await attempt(() => grant(identifier, rights)))) return;
    if (rights.length > 0) toast(t.changed(name));
    else toastWithUndo(t.removed(name), ui.undo, () => void attempt(() => grant(identifier, before)));
  };
  return (
    <>
      <AddGrantees
        place={place}
        sharing={data}
        onGive={(identifier, rights) => attempt(() => grant(identifier, rights))}
      />
      {problem && (
        <Note tone="danger" isLive>
          {problem}
        </Note>
      )}
      <GrantList place={place} sharing={data} onChange={change} />
      {data.personalSeen !== undefined && data.grants.length > 0 && (
        <PersonalSeen
          isOn={data.personalSeen}
          onChange={(on) =>
            attempt(() => setPersonalSeen(on)).then((isDone) => {
              if (isDone) toast(on ? t.personalSeenOn : t.personalSeenOff);
            })
          }
        />
      )}
    </>
  );
}

/** Shows what was chosen while the server is told, and what holds when it refused. */
function PersonalSeen({ isOn, onChange }: { isOn: boolean; onChange: (on: boolean) => Promise<void> }) {
  const t = useMailSharingText();
  const [wanted, setWanted] = useState<boolean | null>(null);
  return (
    <Switch
      isSelected={wanted ?? isOn}
      hint={t.personalSeenHint}
      onChange={(on) => {
        setWanted(on);
        void onChange(on).finally(() => setWanted(null));
      }}
    >
      {t.personalSeen}
    </Switch>
  );
}

interface ListProps {
  readonly place: SharingPlace;
  readonly sharing: MailSharing;
  readonly onChange: (grant: MailGrant, rights: MailGrant["rights"]) => Promise<void>;
}

function GrantList({ place, sharing, onChange }: ListProps) {
  const t = useMailSharingText();
  const [working, setWorking] = useState<string | null>(null);
  const run = (grant: MailGrant, rights: MailGrant["rights"]) => {
    setWorking(grant.granteeId);
    void onChange(grant, rights).finally(() => setWorking(null));
  };
  if (sharing.grants.length === 0) return <p className="people-none muted">{t.nobody}</p>;
  return (
    <ul className="people mail-people" aria-label={t.who}>
      {sharing.grants.map((grant) => {
        const isFixed = place.mailboxId !== null && grant.isOnAccount;
        const isWorking = working === grant.granteeId;
        return (
          <PersonRow
            key={`${grant.granteeId}/${grant.isOnAccount}`}
            name={grant.name}
            seed={grant.identifier}
            {...(grant.kind === "group" && { group: t.group })}
            facts={grant.identifier}
            {...(isFixed && { fixed: t.fromMailbox })}
            terms={
              <RightsChoice
                name={grant.name}
                rights={grant.rights}
                mayGive={sharing.mayGive}
                isDisabled={isWorking}
                onChange={(rights) => run(grant, rights)}
              />
            }
            acts={
              <IconButton
                size="sm"
                label={t.removeOf(grant.name)}
                icon={X}
                isPending={isWorking}
                onPress={() => run(grant, [])}
              />
            }
          />
        );
      })}
    </ul>
  );
}
