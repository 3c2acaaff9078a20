import type { MailRight, MailSharing } from "@bouquet/contract/mail-sharing.ts";
import { useCallback, useState } from "react";
import { useMailSharingText } from "../../i18n/mail-sharing.ts";
import { Button } from "../../ui/button.tsx";
import { toast } from "../../ui/toast.tsx";
import { TokenField, type TokenItem, type TokenSuggestion } from "../../ui/token-field.tsx";
import { useJmap } from "../jmap/accounts.ts";
import { call } from "../jmap/client.ts";
import { levelsWithin, rightsOf } from "./rights.ts";
import { RightsChoice } from "./rights-choice.tsx";
import type { SharingPlace } from "./sharing-queries.ts";

interface Props {
  readonly place: SharingPlace;
  readonly sharing: MailSharing;
  /** @returns whether it succeeded */
  readonly onGive: (identifier: string, rights: MailRight[]) => Promise<boolean>;
}

/** Finds people and groups of the directory by name and gives them all the same rights. */
export function AddGrantees({ sharing, onGive }: Props) {
  const t = useMailSharingText();
  const { own } = useJmap();
  const [tokens, setTokens] = useState<readonly TokenItem[]>([]);
  const [rights, setRights] = useState<MailRight[]>(() => {
    const offered = levelsWithin(sharing.mayGive);
    return rightsOf(offered.includes("write") ? "write" : (offered[0] ?? "read"), "none");
  });
  const [isWorking, setWorking] = useState(false);
  const owner = sharing.owner.address?.toLowerCase();

  const suggest = useCallback(
    async (text: string, signal: AbortSignal): Promise<TokenSuggestion[]> => {
      const { list } = await call("Recipient/query", { accountId: own.id, filter: { text }, limit: 12 }, signal);
      return list
        .filter(({ kind, email }) => (kind === "person" || kind === "group") && email.toLowerCase() !== owner)
        .map(({ name, email, kind }) => ({
          id: email.toLowerCase(),
          label: name ?? email,
          secondary: kind === "group" ? `${email} · ${t.group}` : email,
        }));
    },
    [own.id, owner, t],
  );
  const parse = useCallback((text: string): TokenItem | null => {
    const typed = text.trim().toLowerCase();
    return /^[^\s@]+@[^\s@]+$/.test(typed) ? { id: typed, label: typed } : null;
  }, []);
  const give = async () => {
    setWorking(true);
    const left: TokenItem[] = [];
    for (const token of tokens) {
      // One after the other: the list shows each, and a refusal says of whom.
      if (await onGive(token.id, rights)) toast(t.given(token.label));
      else left.push(token);
    }
    setTokens(left);
    setWorking(false);
  };
  return (
    <form
      className="add-grantees"
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
        placeholder={t.addHint}
        autoFocus
      />
      {tokens.length > 0 && (
        <div className="add-rights">
          <RightsChoice rights={rights} mayGive={sharing.mayGive} onChange={setRights} />
          <Button variant="primary" type="submit" isPending={isWorking}>
            {t.give}
          </Button>
        </div>
      )}
    </form>
  );
}
