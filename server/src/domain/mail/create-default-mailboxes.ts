import { sql } from "kysely";
import type { Transactor } from "../../store/database.ts";
import { type AccountKey, takeModseq } from "../../store/feed/take-modseq.ts";
import { uuidv7 } from "../../store/uuid.ts";
import type { MailboxRole } from "./model.ts";

const defaults: readonly { role: MailboxRole; name: string }[] = [
  { role: "inbox", name: "INBOX" },
  { role: "drafts", name: "Brouillons" },
  { role: "sent", name: "Envoyés" },
  { role: "archive", name: "Archives" },
  { role: "junk", name: "Indésirables" },
  { role: "trash", name: "Corbeille" },
];

/**
 * Gives a new account its mailboxes.
 * @param modseq taken from the account's mail feed in this transaction, when the caller has one
 * @returns mailbox ids by role
 */
export async function createDefaultMailboxes(
  tx: Transactor,
  key: AccountKey,
  modseq?: number,
): Promise<Record<MailboxRole, string>> {
  const taken = modseq ?? (await takeModseq(tx, key, "mail", ["Mailbox"]));
  const rows = defaults.map(({ role, name }, index) => ({ id: uuidv7(), role, name, sort_order: (index + 1) * 10 }));
  await tx
    .insertInto("mailbox")
    .values(
      rows.map((row) => ({
        ...row,
        organization_id: key.organizationId,
        account_id: key.accountId,
        uidvalidity: sql<number>`nextval('uidvalidity')`,
        highest_modseq: taken,
        created_modseq: taken,
        modseq: taken,
        counts_modseq: taken,
      })),
    )
    .execute();
  return Object.fromEntries(rows.map((row) => [row.role, row.id])) as Record<MailboxRole, string>;
}
