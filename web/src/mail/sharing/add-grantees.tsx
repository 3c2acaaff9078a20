import type { MailRight, MailSharing } from "@bouquet/contract/mail-sharing.ts";
import { useCallback, useState } from "react";
import { useMailSharingText } from "../../i18n/mail-sharing.ts";
import { GiveForm } from "../../ui/give-form.tsx";
import { toast } from "../../ui/toast.tsx";
import type { TokenSuggestion } from "../../ui/token-field.tsx";
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
  const [rights, setRights] = useState<MailRight[]>(() => {
    const offered = levelsWithin(sharing.mayGive);
    return rightsOf(offered.includes("write") ? "write" : (offered[0] ?? "read"), "none");
  });
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
  return (
    <GiveForm
      label={t.add}
      placeholder={t.addHint}
      submit={t.give}
      suggest={suggest}
      give={async ({ id, label }) => {
        const isDone = await onGive(id, rights);
        if (isDone) toast(t.given(label));
        return isDone;
      }}
      autoFocus
    >
      <RightsChoice rights={rights} mayGive={sharing.mayGive} onChange={setRights} />
    </GiveForm>
  );
}
