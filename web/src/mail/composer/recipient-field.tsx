import type { EmailAddress } from "@bouquet/contract/jmap-mail.ts";
import { useCallback, useMemo, useRef } from "react";
import { useMailText } from "../../i18n/mail.ts";
import { TokenField, type TokenItem, type TokenSuggestion } from "../../ui/token-field.tsx";
import { useJmap } from "../jmap/accounts.ts";
import { call } from "../jmap/client.ts";
import { domainOf, useOwnAddresses } from "../use-own-addresses.ts";
import { parseAddress } from "./parse-address.ts";

interface Props {
  readonly label: string;
  readonly addresses: readonly EmailAddress[];
  readonly onChange: (addresses: readonly EmailAddress[]) => void;
  readonly autoFocus?: boolean;
  readonly error?: string | null;
}

/** Recipients, completed from the directory and from those one has written to; those outside of the organization are amber. */
export function RecipientField({ label, addresses, onChange, autoFocus, error }: Props) {
  const t = useMailText();
  const { own } = useJmap();
  const ownAddresses = useOwnAddresses();
  const domains = useMemo(() => new Set([...ownAddresses].map(domainOf)), [ownAddresses]);
  /** By address in lower case: what is behind the tokens, and who is in the directory. */
  const known = useRef(new Map<string, { address: EmailAddress; isInside: boolean }>());

  const tokenOf = useCallback(
    (address: EmailAddress): TokenItem => {
      const id = address.email.toLowerCase();
      const isInside = domains.has(domainOf(id)) || known.current.get(id)?.isInside === true;
      known.current.set(id, { address, isInside });
      return {
        id,
        label: address.name?.trim() || address.email,
        ...(!isInside && { tone: "warn" as const, detail: t.externalChip }),
      };
    },
    [domains, t],
  );
  const parse = useCallback(
    (text: string): TokenItem | null => {
      const address = parseAddress(text);
      return address && tokenOf(address);
    },
    [tokenOf],
  );
  const suggest = useCallback(
    async (text: string, signal: AbortSignal): Promise<TokenSuggestion[]> => {
      const { list } = await call("Recipient/query", { accountId: own.id, filter: { text }, limit: 8 }, signal);
      return list.map(({ name, email, kind }) => {
        const isInside = kind !== "correspondent" || domains.has(domainOf(email));
        known.current.set(email.toLowerCase(), { address: { name, email }, isInside });
        return { ...tokenOf({ name, email }), secondary: name ? email : undefined };
      });
    },
    [own.id, domains, tokenOf],
  );
  const tokens = useMemo(() => addresses.map(tokenOf), [addresses, tokenOf]);
  return (
    <TokenField
      label={label}
      hideLabel
      isBare
      tokens={tokens}
      onChange={(next) => onChange(next.flatMap(({ id }) => known.current.get(id)?.address ?? []))}
      parse={parse}
      suggest={suggest}
      autoFocus={autoFocus}
      error={error}
    />
  );
}
