import type { NodeShare, NodeShareChange, ShareRight } from "@bouquet/contract/drive.ts";
import { X } from "lucide-react";
import { useState } from "react";
import { request } from "../../api/http.ts";
import { useSession } from "../../api/session.ts";
import { useDriveSharingText } from "../../i18n/drive-sharing.ts";
import { formatEnd } from "../../i18n/format.ts";
import { useLanguage } from "../../i18n/text.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { Note } from "../../ui/feedback.tsx";
import { Chip } from "../../ui/marks.tsx";
import { PersonRow } from "../../ui/people.tsx";
import { Select } from "../../ui/select.tsx";
import { toast } from "../../ui/toast.tsx";
import { EndButton } from "./end-button.tsx";
import { levelOf, levelsWithin, rightsOfLevel } from "./levels.ts";
import { useSharingProblem } from "./sharing-problem.ts";
import { useEndShare } from "./use-end-share.ts";

interface Props {
  readonly shares: readonly NodeShare[];
  /** By folders above: shown, changed there. */
  readonly inherited: readonly NodeShare[];
  readonly mayGive: readonly ShareRight[];
  readonly onChanged: () => Promise<void>;
}

/** Before the rest is asked for: links stand below. */
const few = 6;

/** With whom a node is shared; every change holds at once. */
export function PeopleList({ shares, inherited, mayGive, onChanged }: Props) {
  const t = useDriveSharingText();
  const endShare = useEndShare();
  const explain = useSharingProblem();
  const language = useLanguage();
  const { timeZone } = useSession();
  const [working, setWorking] = useState<number | null>(null);
  const [showsAll, setShowsAll] = useState(shares.length <= few + 2);
  const [problem, setProblem] = useState<string | null>(null);
  const attempt = async (share: NodeShare, act: () => Promise<void>) => {
    setWorking(share.number);
    setProblem(null);
    try {
      await act();
    } catch (error) {
      setProblem(explain(error));
    }
    await onChanged();
    setWorking(null);
  };
  const change = (share: NodeShare, body: NodeShareChange, done: (share: NodeShare) => string) =>
    attempt(share, async () => {
      toast(done(await request<NodeShare>(`/api/drive/shares/${share.number}`, { method: "PATCH", body })));
    });
  const untilOf = ({ expiresAt }: NodeShare) => expiresAt && formatEnd(expiresAt, { language, timeZone });
  const endChanged = (share: NodeShare) => {
    const until = untilOf(share);
    return until === null ? t.endless(share.with.name) : t.ends(share.with.name, until);
  };
  const whoOf = ({ with: who, note, ...share }: NodeShare) => {
    const until = untilOf({ with: who, note, ...share });
    return {
      name: who.name,
      seed: who.uid,
      ...(who.kind === "group" && { group: t.group }),
      ...(who.organization !== null && { chips: <Chip tone="warn">{who.organization}</Chip> }),
      facts: [who.address, until && t.untilDay(until), note && t.saidNote(note)].filter(Boolean).join(" · "),
    };
  };
  if (shares.length + inherited.length === 0) return <p className="people-none muted small">{t.nobody}</p>;
  return (
    <>
      {problem && (
        <Note tone="danger" isLive>
          {problem}
        </Note>
      )}
      <ul className="people" aria-label={t.who}>
        {shares.slice(0, showsAll ? undefined : few).map((share) => (
          <PersonRow
            key={share.number}
            {...whoOf(share)}
            terms={
              <RightsOf
                share={share}
                mayGive={mayGive}
                isDisabled={working !== null}
                onChange={(rights) => change(share, { rights }, ({ with: who }) => t.changed(who.name))}
              />
            }
            acts={
              <>
                <EndButton
                  share={share}
                  isDisabled={working !== null}
                  onChange={(expiresAt) => change(share, { expiresAt }, endChanged)}
                />
                <IconButton
                  size="sm"
                  label={t.removeOf(share.with.name)}
                  icon={X}
                  isPending={working === share.number}
                  onPress={() => void attempt(share, () => endShare(share))}
                />
              </>
            }
          />
        ))}
        {inherited.map((share) => (
          <PersonRow key={share.number} {...whoOf(share)} fixed={t.fromAbove(share.node.name)} />
        ))}
      </ul>
      {!showsAll && shares.length > few && (
        <div>
          <Button size="sm" variant="ghost" onPress={() => setShowsAll(true)}>
            {t.showAll(shares.length - few)}
          </Button>
        </div>
      )}
    </>
  );
}

interface RightsProps {
  readonly share: NodeShare;
  readonly mayGive: readonly ShareRight[];
  readonly isDisabled: boolean;
  readonly onChange: (rights: ShareRight[]) => Promise<void>;
}

function RightsOf({ share, mayGive, isDisabled, onChange }: RightsProps) {
  const t = useDriveSharingText();
  const { kind } = share.node;
  const level = levelOf(share.rights, kind);
  const offered = levelsWithin(kind, mayGive);
  const shown = offered.includes(level as (typeof offered)[number]) ? offered : [...offered, level];
  return (
    <Select
      label={t.levelOf(share.with.name)}
      hideLabel
      value={level}
      isDisabled={isDisabled}
      onChange={(next) => {
        if (next !== level && next !== "other") void onChange(rightsOfLevel(next, kind));
      }}
      choices={shown.map((id) => ({ id, label: t.levels[id], detail: t.levelTexts[id] }))}
    />
  );
}
