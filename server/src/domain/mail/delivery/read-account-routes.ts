import { sql } from "kysely";
import type { Reader } from "../../../store/database.ts";
import type { RecipientAccount } from "./resolve-recipient.ts";

/** Where mail of an account goes beside its inbox. */
export interface AccountRoute {
  junkId: string | undefined;
  /** The primary one first; empty when the owner has none. */
  addresses: readonly string[];
  forward: { addresses: readonly string[]; keepsCopy: boolean } | undefined;
}

/** Reads the routes of many accounts in one query. @returns by account id; an account that is gone, or without inbox, is missing */
export async function readAccountRoutes(
  reader: Reader,
  accounts: readonly Pick<RecipientAccount, "organizationId" | "accountId">[],
): Promise<Map<string, AccountRoute & { inboxId: string }>> {
  if (accounts.length === 0) return new Map();
  const result = await sql<{
    id: string;
    inbox_id: string;
    junk_id: string | null;
    addresses: string[] | null;
    forward: string[] | null;
    keeps_copy: boolean | null;
  }>`
    SELECT a.id, i.id AS inbox_id, j.id AS junk_id, f.addresses AS forward, f.keeps_copy,
      (SELECT array_agg(d.address ORDER BY d.kind = 'primary' DESC, d.address) FROM address d
        WHERE d.organization_id = a.organization_id AND d.principal_id = a.owner_id) AS addresses
    FROM unnest(${accounts.map((each) => each.organizationId)}::uuid[], ${accounts.map((each) => each.accountId)}::uuid[])
      AS wanted (organization_id, id)
    JOIN account a ON a.organization_id = wanted.organization_id AND a.id = wanted.id AND a.deleted_at IS NULL
    JOIN mailbox i ON i.organization_id = a.organization_id AND i.account_id = a.id AND i.role = 'inbox' AND i.deleted_at IS NULL
    LEFT JOIN mailbox j ON j.organization_id = a.organization_id AND j.account_id = a.id AND j.role = 'junk' AND j.deleted_at IS NULL
    LEFT JOIN mail_forward f ON f.organization_id = a.organization_id AND f.account_id = a.id`.execute(reader);
  return new Map(
    result.rows.map((row) => [
      row.id,
      {
        inboxId: row.inbox_id,
        junkId: row.junk_id ?? undefined,
        addresses: row.addresses ?? [],
        forward: row.forward ? { addresses: row.forward, keepsCopy: row.keeps_copy! } : undefined,
      },
    ]),
  );
}
