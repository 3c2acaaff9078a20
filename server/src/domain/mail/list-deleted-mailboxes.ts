import { sql } from "kysely";
import type { Reader } from "../../store/database.ts";
import type { AccountAccess } from "../access/account-access.ts";

export interface DeletedMailbox {
  id: string;
  /** Names from the top, of the deleted mailboxes above it too. */
  path: string[];
  deletedAt: Date;
  /** Copies that can be brought back with it. */
  messages: number;
  /** Bytes of these. */
  size: number;
}

/** Mailboxes that can be restored, last deleted first: those purged since, and those restored, are not among them. */
export async function listDeletedMailboxes(
  reader: Reader,
  access: Pick<AccountAccess, "organizationId" | "accountId">,
): Promise<DeletedMailbox[]> {
  const result = await sql<DeletedMailbox>`
    WITH RECURSIVE place (id, parent_id, path, depth) AS (
      SELECT id, parent_id, ARRAY[name], 1 FROM mailbox
      WHERE organization_id = ${access.organizationId} AND account_id = ${access.accountId} AND deleted_at IS NOT NULL
      UNION ALL
      SELECT p.id, b.parent_id, b.name || p.path, p.depth + 1 FROM place p
      JOIN mailbox b ON b.organization_id = ${access.organizationId} AND b.id = p.parent_id
      WHERE p.depth < 100
    )
    SELECT m.id, p.path, m.deleted_at AS "deletedAt", kept.messages, kept.size
    FROM mailbox m
    JOIN place p ON p.id = m.id AND p.parent_id IS NULL,
    LATERAL (
      SELECT count(*)::int AS messages, coalesce(sum(g.size), 0)::bigint AS size
      FROM expunged_message e JOIN message g ON g.organization_id = e.organization_id AND g.id = e.message_id
      WHERE e.organization_id = m.organization_id AND e.account_id = m.account_id AND e.mailbox_id = m.id
    ) kept
    WHERE m.organization_id = ${access.organizationId} AND m.account_id = ${access.accountId} AND m.deleted_at IS NOT NULL
    ORDER BY m.deleted_at DESC, p.path`.execute(reader);
  return result.rows;
}
