import { sql } from "kysely";
import type { Address } from "../../../formats/mime/decode-header.ts";
import type { Transactor } from "../../../store/database.ts";
import type { AccountKey } from "../../../store/feed/take-modseq.ts";
import { normalizeAddress } from "../../identity/normalize-address.ts";

/** Remembers whom an account wrote to, so that addresses complete. */
export async function learnCorrespondents(
  tx: Transactor,
  account: AccountKey,
  recipients: readonly string[],
  addressees: readonly Address[],
): Promise<void> {
  const names = new Map<string, string>();
  for (const { name, email } of addressees) {
    const address = normalized(email);
    if (address && name) names.set(address, name.replaceAll("\0", "").toWellFormed().slice(0, 200));
  }
  // In order, so that two messages of one account never wait for each other.
  const addresses = [...new Set(recipients.map(normalized))].filter((each) => each !== undefined).sort();
  if (addresses.length === 0) return;
  await sql`
    INSERT INTO correspondent (organization_id, account_id, address, name)
    SELECT ${account.organizationId}, ${account.accountId}, n.address, nullif(n.name, '')
    FROM unnest(${addresses}::text[], ${addresses.map((address) => names.get(address) ?? "")}::text[]) AS n (address, name)
    ON CONFLICT (organization_id, account_id, address) DO UPDATE
      SET uses = correspondent.uses + 1, last_used_at = now(), name = coalesce(excluded.name, correspondent.name)`.execute(
    tx,
  );
}

function normalized(text: string): string | undefined {
  try {
    return normalizeAddress(text).address;
  } catch {
    return undefined;
  }
}
