import type { ShareLink } from "@bouquet/contract/drive.ts";
import { CalendarPlus, Copy, Eye, Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { request } from "../../api/http.ts";
import { useSession } from "../../api/session.ts";
import { clockAt } from "../../i18n/clock.ts";
import { useDriveText } from "../../i18n/drive.ts";
import { useDriveSharingText } from "../../i18n/drive-sharing.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { StateDot } from "../../ui/marks.tsx";
import { toast, toastProblem } from "../../ui/toast.tsx";
import { useDriveErrorText } from "../drive-error-text.ts";
import { clockOfEnd, endAt, later } from "../sharing/end-clock.ts";
import { useLinkWords } from "../sharing/link-words.ts";
import { VisitsDialog } from "../sharing/visits-dialog.tsx";
import { useNodeActions } from "../use-node-actions.ts";
import { useCopyLink } from "./copy-link.ts";
import { RevokeLink } from "./revoke-link.tsx";

/** One link of a node. A new one shows its address at once; one that is over can be given another month. */
export function LinkItem({ link, isFresh, onEdit }: { link: ShareLink; isFresh: boolean; onEdit: () => void }) {
  const t = useDriveText();
  const sharing = useDriveSharingText();
  const words = useLinkWords();
  const copy = useCopyLink();
  const [isRevoking, setRevoking] = useState(false);
  const [showsVisits, setShowsVisits] = useState(false);
  const name = link.label ?? t.noLabel;
  return (
    <li className="stack stack-3">
      <div className="row">
        <span className="grow">
          <span className="own-line strong clip">{name}</span>
          <span className="small muted">{words.factsOf(link).join(" · ")}</span>
        </span>
        {link.state !== "active" && <StateDot tone="off">{words.states[link.state]}</StateDot>}
        <IconButton size="sm" label={sharing.visitsOf(name)} icon={Eye} onPress={() => setShowsVisits(true)} />
        <IconButton size="sm" label={t.editOf(name)} icon={Pencil} onPress={onEdit} />
        <IconButton size="sm" label={t.revokeOf(name)} icon={Trash2} onPress={() => setRevoking(true)} />
      </div>
      {link.url !== null && link.state === "active" && (
        <div className="row">
          <input className="input grow" readOnly value={link.url} aria-label={t.linkAddress} />
          <Button
            icon={Copy}
            variant={isFresh ? "primary" : "plain"}
            aria-label={t.copyOf(name)}
            onPress={() => void copy(link)}
          >
            {t.copyLink}
          </Button>
        </div>
      )}
      {(link.state === "expired" || (link.state === "active" && endsSoon(link))) && (
        <div>
          <RenewLink link={link} name={name} />
        </div>
      )}
      {link.url === null && <p className="small muted">{t.linkIsHidden}</p>}
      {isRevoking && <RevokeLink link={link} onClose={() => setRevoking(false)} />}
      {showsVisits && <VisitsDialog link={link} onClose={() => setShowsVisits(false)} />}
    </li>
  );
}

function endsSoon({ expiresAt }: ShareLink): boolean {
  return expiresAt !== null && Date.parse(expiresAt) - Date.now() < 7 * 86_400_000;
}

/** One more month: from its end, or from today when it is over. */
function RenewLink({ link, name }: { link: ShareLink; name: string }) {
  const sharing = useDriveSharingText();
  const words = useLinkWords();
  const errorText = useDriveErrorText();
  const { timeZone } = useSession();
  const { refresh } = useNodeActions();
  const [isPending, setPending] = useState(false);
  const renew = async () => {
    setPending(true);
    try {
      const today = clockAt(new Date(), timeZone).day;
      const end = clockOfEnd(link.expiresAt, timeZone);
      const day = later(end.day > today ? end.day : today, { months: 1 });
      const body = { expiresAt: endAt({ ...end, day }, timeZone) };
      const renewed = await request<ShareLink>(`/api/drive/links/${link.id}`, { method: "PATCH", body });
      toast(sharing.renewed(words.endOf(renewed) ?? ""));
    } catch (error) {
      toastProblem(errorText(error));
    }
    await refresh();
    setPending(false);
  };
  return (
    <Button
      size="sm"
      icon={CalendarPlus}
      isPending={isPending}
      aria-label={sharing.renewOf(name)}
      onPress={() => void renew()}
    >
      {sharing.renew}
    </Button>
  );
}
