import type { Reader } from "../../store/database.ts";
import type { AccountKey } from "../../store/feed/take-modseq.ts";
import { notFound } from "./reach-node.ts";

/** @throws DomainError `not_found` when the account has no drive */
export async function readRootId(reader: Reader, key: AccountKey): Promise<string> {
  const row = await reader
    .selectFrom("drive_node")
    .select("id")
    .where("organization_id", "=", key.organizationId)
    .where("account_id", "=", key.accountId)
    .where("parent_id", "is", null)
    .where("state", "=", "live")
    .executeTakeFirst();
  if (!row) throw notFound();
  return row.id;
}
