import { sql } from "kysely";
import type { Reader } from "../../store/database.ts";
import type { AccountAccess } from "../access/account-access.ts";
import { readMailbox } from "./list-mailboxes.ts";

/** How many messages of a mailbox have `\Deleted`: STATUS (DELETED), RFC 9051 section 6.3.11. @throws DomainError `not_found` */
export async function countDeleted(reader: Reader, access: AccountAccess, mailboxId: string): Promise<number> {
  await readMailbox(reader, access, mailboxId);
  const result = await sql<{ count: number }>`
    SELECT count(*) AS count FROM mailbox_message
    WHERE organization_id = ${access.organizationId} AND mailbox_id = ${mailboxId} AND account_id = ${access.accountId}
      AND flags @> ARRAY[${"\\Deleted"}::text]`.execute(reader);
  return result.rows[0]!.count;
}
