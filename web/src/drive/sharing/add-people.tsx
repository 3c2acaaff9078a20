import type { NodeKind, NodeShare, ShareRight } from "@bouquet/contract/drive.ts";
import { useCallback, useState } from "react";
import { request } from "../../api/http.ts";
import { useDriveSharingText } from "../../i18n/drive-sharing.ts";
import { Button } from "../../ui/button.tsx";
import { Note } from "../../ui/feedback.tsx";
import { TextAreaField } from "../../ui/field.tsx";
import { Select } from "../../ui/select.tsx";
import { toast } from "../../ui/toast.tsx";
import { TokenField, type TokenItem, type TokenSuggestion } from "../../ui/token-field.tsx";
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
  const explain = useSharingProblem();
  const levels = levelsWithin(node.kind, mayGive);
  const [tokens, setTokens] = useState<readonly TokenItem[]>([]);
  const [level, setLevel] = useState<Exclude<Level, "other">>(levels.includes("edit") ? "edit" : "read");
  const [note, setNote] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [isWorking, setWorking] = useState(false);

  const knownUids = known.join(" ");
  const suggest = useCallback(
    async (text: string, signal: AbortSignal): Promise<TokenSuggestion[]> => {
      const { sharees } = await findSharees(text, signal);
      const offered = sharees.filter(({ uid }) => !knownUids.split(" ").includes(uid));
      return offered.map(({ uid, name, kind, address, organization }) => ({
        id: uid,
        label: name,
        secondary: [kind === "group" && t.group, organization, address].filter(Boolean).join(" · "),
      }));
    },
    [t, knownUids],
  );
  const parse = useCallback((text: string): TokenItem | null => {
    const typed = text.trim().toLowerCase();
    return /^[^\s@]+@[^\s@]+$/.test(typed) ? { id: typed, label: typed } : null;
  }, []);

  const give = async () => {
    setWorking(true);
    setProblem(null);
    const left: TokenItem[] = [];
    for (const token of tokens) {
      const body = {
        uid: token.id,
        rights: rightsOfLevel(level, node.kind),
        note: note.trim() === "" ? null : note.trim(),
      };
      try {
        // One after the other: a refusal says of whom.
        const { with: who } = await request<NodeShare>(`/api/drive/nodes/${node.id}/shares`, { method: "POST", body });
        toast(t.given(who.name));
      } catch (error) {
        setProblem(`${token.label} : ${explain(error)}`);
        left.push(token);
      }
    }
    setTokens(left);
    if (left.length === 0) setNote("");
    await onShared();
    setWorking(false);
  };

  return (
    <form
      className="add-people"
      onSubmit={(event) => {
        event.preventDefault();
        if (tokens.length > 0 && !isWorking) void give();
      }}
    >
      <TokenField
        label={t.add}
        tokens={tokens}
        onChange={setTokens}
        parse={parse}
        suggest={suggest}
        placeholder={tokens.length === 0 ? t.addHint : ""}
      />
      {tokens.length > 0 && (
        <>
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
          <div className="acts">
            <Button variant="primary" type="submit" isPending={isWorking}>
              {t.give}
            </Button>
          </div>
        </>
      )}
      {problem && (
        <Note tone="danger" isLive>
          {problem}
        </Note>
      )}
    </form>
  );
}
