import { sql } from "kysely";
import type { Reader } from "../../store/database.ts";
import { readNodeViews } from "../../store/drive/node-view.ts";
import { readLivePaths } from "../../store/drive/read-chain.ts";
import type { AccountAccess } from "../access/account-access.ts";
import { type DriveNode, toDriveNode } from "./model.ts";

export interface FoundNode {
  node: DriveNode;
  /** Names of the folders above, from the root's first child. */
  path: string[];
}

const most = 100;
// Rows whose folder is in the trash match too and are dropped after; this many are looked at.
const considered = 1_000;

/**
 * Files and folders whose name contains every word, whatever the accents and the case, changed last first; at most 100.
 */
export async function searchFiles(
  reader: Reader,
  accesses: readonly AccountAccess[],
  query: string,
): Promise<FoundNode[]> {
  const words = query
    .replaceAll("\0", "")
    .toWellFormed()
    .normalize("NFC")
    .trim()
    .split(/\s+/)
    .filter(Boolean)
    .slice(0, 10);
  if (words.length === 0) return [];
  const conditions = words.map(
    (word) => sql`AND search_form(name) LIKE '%' || search_form(${word.replace(/[\\%_]/g, "\\$&")}) || '%'`,
  );
  return find(reader, accesses, (accountIds, organizationId) =>
    sql<{ id: string }>`
      SELECT id FROM drive_node WHERE organization_id = ${organizationId} AND account_id = ANY(${accountIds}::uuid[])
        AND state = 'live' AND parent_id IS NOT NULL ${sql.join(conditions, sql` `)}
      ORDER BY modified_at DESC, id LIMIT ${considered}`.execute(reader),
  );
}

/** The files changed last in the accounts, newest first; at most 100. */
export async function recentFiles(reader: Reader, accesses: readonly AccountAccess[]): Promise<FoundNode[]> {
  return find(reader, accesses, (accountIds, organizationId) =>
    sql<{ id: string }>`
      SELECT n.id FROM unnest(${accountIds}::uuid[]) a(id) CROSS JOIN LATERAL (
        SELECT id, modified_at FROM drive_node WHERE organization_id = ${organizationId} AND account_id = a.id
          AND kind = 'file' AND state = 'live' ORDER BY modified_at DESC LIMIT ${considered}
      ) n ORDER BY n.modified_at DESC, n.id LIMIT ${considered}`.execute(reader),
  );
}

async function find(
  reader: Reader,
  accesses: readonly AccountAccess[],
  candidates: (accountIds: string[], organizationId: string) => Promise<{ rows: { id: string }[] }>,
): Promise<FoundNode[]> {
  const readable = accesses.filter((access) => access.rights.has("read"));
  const found: FoundNode[] = [];
  for (const organizationId of new Set(readable.map((access) => access.organizationId))) {
    const accountIds = readable.filter((each) => each.organizationId === organizationId).map((each) => each.accountId);
    const ids = (await candidates(accountIds, organizationId)).rows.map((row) => row.id);
    const paths = await readLivePaths(reader, organizationId, ids);
    const shown = ids.filter((id) => paths.has(id)).slice(0, most);
    for (const view of await readNodeViews(reader, organizationId, shown)) {
      found.push({ node: toDriveNode(view), path: paths.get(view.id)!.slice(0, -1) });
    }
  }
  return found
    .sort((a, b) => b.node.modifiedAt.getTime() - a.node.modifiedAt.getTime() || (a.node.id < b.node.id ? -1 : 1))
    .slice(0, most);
}
