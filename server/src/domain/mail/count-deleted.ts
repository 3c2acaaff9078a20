import { sql } from "kysely";
import type { Reader } from "../../store/database.ts";
import { deleted } from "../../store/mail/flag-conditions.ts";
import type { AccountAccess } from "../access/account-access.ts";
import { readMailbox } from "./list-mailboxes.ts";

/**
 * Messages of a mailbox that have `\Deleted`, and their bytes: STATUS (DELETED), RFC 9051 section 6.3.11, and DELETED-STORAGE, RFC 9208.
 * @throws DomainError `not_found`
 */
export async function countDeleted(
  reader: Reader,
  access: AccountAccess,
  mailboxId: string,
): Promise<{ count: number; bytes: number }> {
  await readMailbox(reader, access, mailboxId);
  const result = await sql<{ count: number; bytes: number }>`
    SELECT count(*) AS count, coalesce(sum(c.size), 0)::bigint AS bytes FROM mailbox_message c
    WHERE c.organization_id = ${access.organizationId} AND c.mailbox_id = ${mailboxId} AND c.account_id = ${access.accountId}
      AND ${deleted("c")}`.execute(reader);
  return result.rows[0]!;
}
