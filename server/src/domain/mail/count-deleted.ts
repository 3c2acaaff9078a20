import { sql } from "kysely";
import type { Reader } from "../../store/database.ts";
import { deleted } from "../../store/mail/flag-conditions.ts";
import type { AccountAccess } from "../access/account-access.ts";
import { readMailbox } from "./list-mailboxes.ts";

/** How many messages of a mailbox have `\Deleted`: STATUS (DELETED), RFC 9051 section 6.3.11. @throws DomainError `not_found` */
export async function countDeleted(reader: Reader, access: AccountAccess, mailboxId: string): Promise<number> {
  await readMailbox(reader, access, mailboxId);
  const result = await sql<{ count: number }>`
    SELECT count(*) AS count FROM mailbox_message c
    WHERE c.organization_id = ${access.organizationId} AND c.mailbox_id = ${mailboxId} AND c.account_id = ${access.accountId}
      AND ${deleted("c")}`.execute(reader);
  return result.rows[0]!.count;
}
