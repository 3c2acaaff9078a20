import type { NewNodeShare, NodeKind, NodeShare, ShareRight } from "@bouquet/contract/drive.ts";
import { CalendarClock } from "lucide-react";
import { useCallback, useState } from "react";
import { request } from "../../api/http.ts";
import { useSession } from "../../api/session.ts";
import { type ClockTime, clockAt } from "../../i18n/clock.ts";
import { useDriveText } from "../../i18n/drive.ts";
import { useDriveSharingText } from "../../i18n/drive-sharing.ts";
import { Button } from "../../ui/button.tsx";
import { Note } from "../../ui/feedback.tsx";
import { TextAreaField } from "../../ui/field.tsx";
import { GiveForm } from "../../ui/give-form.tsx";
import { Select } from "../../ui/select.tsx";
import { toast } from "../../ui/toast.tsx";
import type { TokenItem, TokenSuggestion } from "../../ui/token-field.tsx";
import { endAt, later } from "./end-clock.ts";
import { EndField } from "./end-field.tsx";
import { type Level, levelsWithin, rightsOfLevel } from "./levels.ts";
import { useSharingProblem } from "./sharing-problem.ts";
import { findSharees } from "./sharing-queries.ts";

interface Props {
  readonly node: { readonly id: string; readonly kind: NodeKind };
  readonly mayGive: readonly ShareRight[];
  /** Uids of those with whom it is shared already: not offered again. */
  readonly known: readonly string[];
  readonly onShared: () => Promise<void>;
}

/** Finds people and groups by name and gives them all the same rights. */
export function AddPeople({ node, mayGive, known, onShared }: Props) {
  const t = useDriveSharingText();
  const drive = useDriveText();
  const explain = useSharingProblem();
  const { timeZone } = useSession();
  const levels = levelsWithin(node.kind, mayGive);
  const [level, setLevel] = useState<Exclude<Level, "other">>(levels.includes("edit") ? "edit" : "read");
  const [end, setEnd] = useState<ClockTime | null>(null);
  const [note, setNote] = useState("");
  const [problems, setProblems] = useState<readonly string[]>([]);
  const expiresAt = end && endAt(end, timeZone);
  const isOver = expiresAt !== null && new Date(expiresAt) <= new Date();

  const knownUids = known.join(" ");
  const suggest = useCallback(
    async (text: string, signal: AbortSignal): Promise<TokenSuggestion[]> => {
      const { sharees } = await findSharees(text, signal);
      const offered = sharees.filter(({ uid }) => !knownUids.split(" ").includes(uid));
      return offered.map(({ uid, name, kind, address, organization }) => ({
        id: uid,
        label: name,
        ...(organization !== null && { tone: "warn" as const, detail: organization }),
        secondary: [kind === "group" && t.group, organization, address].filter(Boolean).join(" · "),
      }));
    },
    [t, knownUids],
  );
  const give = async ({ id: uid, label }: TokenItem): Promise<boolean> => {
    if (isOver) return false;
    const body: NewNodeShare = { uid, rights: rightsOfLevel(level, node.kind), note: note.trim() || null, expiresAt };
    try {
      const { with: who } = await request<NodeShare>(`/api/drive/nodes/${node.id}/shares`, { method: "POST", body });
      toast(t.given(who.name));
      return true;
    } catch (error) {
      setProblems((before) => [...before, `${label}\u00a0: ${explain(error)}`]);
      return false;
    }
  };

  return (
    <>
      <GiveForm
        label={t.add}
        hideLabel
        placeholder={t.addHint}
        submit={t.give}
        suggest={suggest}
        give={give}
        onStart={() => setProblems([])}
        onGiven={(left) => {
          if (left === 0) setNote("");
          return onShared();
        }}
      >
        <div className="stack stack-3 give-all">
          <Select
            label={t.level}
            value={level}
            onChange={setLevel}
            choices={levels.map((id) => ({ id, label: t.levels[id], detail: t.levelTexts[id] }))}
          />
          <TextAreaField
            label={t.message}
            hint={t.messageHint}
            rows={2}
            value={note}
            onChange={setNote}
            maxLength={2_000}
          />
          {end === null ? (
            <div>
              <Button
                size="sm"
                variant="ghost"
                icon={CalendarClock}
                onPress={() => setEnd({ day: later(clockAt(new Date(), timeZone).day, { months: 1 }), time: "" })}
              >
                {t.addEnd}
              </Button>
            </div>
          ) : (
            <EndField
              label={t.end}
              value={end}
              onChange={setEnd}
              hint={t.endHint}
              error={isOver ? drive.expiryPast : undefined}
            />
          )}
        </div>
      </GiveForm>
      {problems.length > 0 && (
        <Note tone="danger" isLive>
          {problems.map((problem) => (
            <p key={problem}>{problem}</p>
          ))}
        </Note>
      )}
    </>
  );
}
