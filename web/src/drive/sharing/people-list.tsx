import type { NodeShare, ShareRight } from "@bouquet/contract/drive.ts";
import { Users, X } from "lucide-react";
import { useState } from "react";
import { request } from "../../api/http.ts";
import { useDriveSharingText } from "../../i18n/drive-sharing.ts";
import { useUiText } from "../../i18n/ui.ts";
import { IconButton } from "../../ui/button.tsx";
import { Note } from "../../ui/feedback.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Avatar, Chip } from "../../ui/marks.tsx";
import { Select } from "../../ui/select.tsx";
import { toast, toastWithUndo } from "../../ui/toast.tsx";
import { levelOf, levelsWithin, rightsOfLevel } from "./levels.ts";
import { useSharingProblem } from "./sharing-problem.ts";

interface Props {
  readonly shares: readonly NodeShare[];
  /** By folders above: shown, changed there. */
  readonly inherited: readonly NodeShare[];
  readonly mayGive: readonly ShareRight[];
  readonly onChanged: () => Promise<void>;
}

/** With whom a node is shared; every change holds at once. */
export function PeopleList({ shares, inherited, mayGive, onChanged }: Props) {
  const t = useDriveSharingText();
  const ui = useUiText();
  const explain = useSharingProblem();
  const [working, setWorking] = useState<number | null>(null);
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
  const change = (share: NodeShare, rights: ShareRight[]) =>
    attempt(share, async () => {
      await request(`/api/drive/shares/${share.number}`, { method: "PATCH", body: { rights } });
      toast(t.changed(share.with.name));
    });
  const end = (share: NodeShare) =>
    attempt(share, async () => {
      await request(`/api/drive/shares/${share.number}`, { method: "DELETE" });
      const { uid } = share.with;
      const { rights, expiresAt, note } = share;
      toastWithUndo(t.ended(share.with.name), ui.undo, () => {
        const body = { uid, rights, expiresAt, note };
        void attempt(share, () => request(`/api/drive/nodes/${share.node.id}/shares`, { method: "POST", body }));
      });
    });
  if (shares.length + inherited.length === 0) return <p className="muted small">{t.nobody}</p>;
  return (
    <>
      {problem && (
        <Note tone="danger" isLive>
          {problem}
        </Note>
      )}
      <ul className="people" aria-label={t.who}>
        {shares.map((share) => (
          <li key={share.number}>
            <Who share={share} />
            <RightsOf share={share} mayGive={mayGive} isDisabled={working !== null} onChange={change} />
            <IconButton
              size="sm"
              className="remove"
              label={t.removeOf(share.with.name)}
              icon={X}
              isPending={working === share.number}
              onPress={() => void end(share)}
            />
          </li>
        ))}
        {inherited.map((share) => (
          <li key={share.number}>
            <Who share={share} />
            <span className="small muted fixed">{t.fromAbove(share.node.name)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

function Who({ share: { with: who, note } }: { share: NodeShare }) {
  const t = useDriveSharingText();
  const facts = [who.address, note && `« ${note} »`].filter(Boolean).join(" · ");
  return (
    <>
      {who.kind === "group" ? (
        <span className="people-tile">
          <Icon of={Users} />
        </span>
      ) : (
        <Avatar name={who.name} seed={who.uid} />
      )}
      <div className="who">
        <span className="row">
          <span className="clip strong">{who.name}</span>
          {who.kind === "group" && <Chip>{t.group}</Chip>}
          {who.organization !== null && <Chip tone="warn">{who.organization}</Chip>}
        </span>
        <span className="small muted clip">{facts}</span>
      </div>
    </>
  );
}

interface RightsProps {
  readonly share: NodeShare;
  readonly mayGive: readonly ShareRight[];
  readonly isDisabled: boolean;
  readonly onChange: (share: NodeShare, rights: ShareRight[]) => Promise<void>;
}

function RightsOf({ share, mayGive, isDisabled, onChange }: RightsProps) {
  const t = useDriveSharingText();
  const { kind } = share.node;
  const level = levelOf(share.rights, kind);
  const offered = levelsWithin(kind, mayGive);
  const shown = offered.includes(level as (typeof offered)[number]) ? offered : [...offered, level];
  return (
    <div className="rights">
      <Select
        label={t.levelOf(share.with.name)}
        hideLabel
        value={level}
        isDisabled={isDisabled}
        onChange={(next) => {
          if (next !== level && next !== "other") void onChange(share, rightsOfLevel(next, kind));
        }}
        choices={shown.map((id) => ({ id, label: t.levels[id], detail: t.levelTexts[id] }))}
      />
    </div>
  );
}
