import { sql } from "kysely";
import type { Reader } from "../../store/database.ts";
import { type AccountAccess, listAccounts } from "../access/account-access.ts";
import { listDriveAccounts } from "../drive/drive-accounts.ts";
import type { Viewer } from "../identity/viewer.ts";
import type { MessageSummary } from "../mail/model.ts";

/** Bytes. */
export interface Usage {
  readonly usedBytes: number;
  readonly limitBytes: number;
}

export interface MailFigures {
  /** Of the person's own inbox. */
  readonly unread: number;
  /** The latest unread message there. */
  readonly latest: { from: string; subject: string; receivedAt: Date } | undefined;
  readonly usage: Usage;
}

export interface RecentDocument {
  readonly id: string;
  readonly parentId: string;
  readonly name: string;
  /** Name of its folder; empty at the top of a space. */
  readonly folder: string;
  readonly mediaType: string;
  readonly changedAt: Date;
  readonly changedBy: string;
}

export interface DriveFigures {
  readonly usage: Usage;
  /** In all spaces that the person may read, latest first. */
  readonly recent: RecentDocument[];
}

const recentCount = 6;

async function readUsage(reader: Reader, own: AccountAccess | undefined, area: "mail" | "files"): Promise<Usage> {
  const row =
    own &&
    (await reader
      .selectFrom("quota")
      .select(["used_bytes", "limit_bytes"])
      .where("organization_id", "=", own.organizationId)
      .where("account_id", "=", own.accountId)
      .where("area", "=", area)
      .executeTakeFirst());
  return { usedBytes: row?.used_bytes ?? 0, limitBytes: row?.limit_bytes ?? 0 };
}

/** What waits in the mail of the viewer. */
export async function readMailFigures(reader: Reader, viewer: Viewer): Promise<MailFigures> {
  const own = (await listAccounts(reader, viewer)).find((account) => account.isOwn);
  const usage = await readUsage(reader, own, "mail");
  if (!own) return { unread: 0, latest: undefined, usage };
  const inbox = await reader
    .selectFrom("mailbox")
    .select(["id", "unseen"])
    .where("organization_id", "=", own.organizationId)
    .where("account_id", "=", own.accountId)
    .where("role", "=", "inbox")
    .where("deleted_at", "is", null)
    .executeTakeFirst();
  if (!inbox?.unseen) return { unread: 0, latest: undefined, usage };
  const { rows } = await sql<{ subject: string; received_at: Date; summary: MessageSummary }>`
    SELECT m.subject, c.received_at, m.summary FROM mailbox_message c
    JOIN message m ON m.organization_id = c.organization_id AND m.id = c.message_id
    WHERE c.organization_id = ${own.organizationId} AND c.mailbox_id = ${inbox.id} AND NOT c.flags @> ARRAY['\\Seen']
    ORDER BY c.received_at DESC, c.uid DESC LIMIT 1`.execute(reader);
  const latest = rows[0];
  const sender = latest?.summary.from[0];
  return {
    unread: inbox.unseen,
    latest: latest && {
      from: sender?.name || sender?.email || "",
      subject: latest.subject,
      receivedAt: latest.received_at,
    },
    usage,
  };
}

/** The storage of the viewer and what changed last in the spaces they may read. */
export async function readDriveFigures(reader: Reader, viewer: Viewer): Promise<DriveFigures> {
  const readable = await listDriveAccounts(reader, viewer);
  const usage = await readUsage(
    reader,
    readable.find((account) => account.isOwn),
    "files",
  );
  const organizations = readable.map((account) => account.organizationId);
  const ids = readable.map((account) => account.accountId);
  // Newest of each space by the index on modseq, a few more than are shown: what lies under a folder in the trash drops out.
  const { rows } = await sql<{
    id: string;
    parent_id: string;
    name: string;
    folder: string | null;
    content_type: string;
    modified_at: Date;
    changed_by: string | null;
  }>`
    WITH RECURSIVE candidate AS (
      SELECT n.* FROM unnest(${organizations}::uuid[], ${ids}::uuid[]) AS a (organization_id, id)
      CROSS JOIN LATERAL (
        SELECT * FROM drive_node n WHERE n.organization_id = a.organization_id AND n.account_id = a.id
          AND n.state = 'live' AND n.kind = 'file'
        ORDER BY n.modseq DESC LIMIT ${recentCount * 4}) n
    ), above AS (
      SELECT c.organization_id, c.id AS file_id, c.parent_id AS id, 1 AS depth FROM candidate c
      UNION ALL
      SELECT b.organization_id, b.file_id, p.parent_id, b.depth + 1 FROM above b
      JOIN drive_node p ON p.organization_id = b.organization_id AND p.id = b.id AND p.state = 'live'
      WHERE b.id IS NOT NULL AND b.depth < 200
    )
    SELECT c.id, c.parent_id, c.name, c.content_type, c.modified_at, u.display_name AS changed_by,
      CASE WHEN f.parent_id IS NOT NULL THEN f.name END AS folder
    FROM candidate c
    JOIN drive_node f ON f.organization_id = c.organization_id AND f.id = c.parent_id
    LEFT JOIN principal u ON u.organization_id = c.organization_id AND u.id = c.modified_by
    WHERE EXISTS (SELECT FROM above b WHERE b.organization_id = c.organization_id AND b.file_id = c.id AND b.id IS NULL)
    ORDER BY c.modseq DESC, c.id DESC`.execute(reader);
  const recent = rows
    .sort((a, b) => b.modified_at.getTime() - a.modified_at.getTime())
    .slice(0, recentCount)
    .map((row) => ({
      id: row.id,
      parentId: row.parent_id,
      name: row.name,
      folder: row.folder ?? "",
      mediaType: row.content_type,
      changedAt: row.modified_at,
      changedBy: row.changed_by ?? "",
    }));
  return { usage, recent };
}
