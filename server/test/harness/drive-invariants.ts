import { sql } from "kysely";
import type { Blobs } from "../../src/store/blobs/blobs.ts";
import { collectBlobs } from "../../src/store/blobs/collect-blobs.ts";
import type { Store } from "../../src/store/database.ts";

/**
 * Everything that counts in the drives, kept beside what it counts, and every byte that something live stands on: each fault found is
 * a sentence.
 */
export async function findDriveFaults(store: Store, blobs: Blobs): Promise<string[]> {
  const [books, lost] = await Promise.all([findWrongBooks(store), findLostBytes(store, blobs)]);
  return [...books, ...lost];
}

/** @returns what the collector leaves behind although nothing stands on it; it is made to collect all that may go */
export async function findOrphans(store: Store, blobs: Blobs): Promise<string[]> {
  await collectBlobs(store, blobs, new Date(Date.now() + 3_600_000));
  const rows = await sql<{ id: string }>`SELECT id FROM blob b WHERE NOT EXISTS
    (SELECT FROM blob_reference r WHERE r.organization_id = b.organization_id AND r.blob_id = b.id)`.execute(
    store.read,
  );
  const known = await readStoredIds(store);
  const files = (await readFileIds(blobs)).filter((id) => !known.has(id));
  return [
    ...rows.rows.map(({ id }) => `the blob ${id} is nobody's and stays`),
    ...files.map((id) => `the file ${id} is of no blob and stays`),
  ];
}

async function findWrongBooks(store: Store): Promise<string[]> {
  const result = await sql<{ fault: string }>`
    WITH RECURSIVE tree AS (
      SELECT organization_id, id, id AS top, kind, size FROM drive_node WHERE state <> 'purged'
      UNION ALL
      SELECT n.organization_id, n.id, tree.top, n.kind, n.size FROM tree
        JOIN drive_node n ON n.organization_id = tree.organization_id AND n.parent_id = tree.id
    ), sums AS (
      SELECT organization_id, top, sum(size) AS bytes, count(*) FILTER (WHERE kind = 'file') AS files FROM tree GROUP BY 1, 2
    )
    SELECT format('%s %s says %s bytes in %s files, has %s in %s', n.kind, n.name, n.tree_bytes, n.tree_files, s.bytes, s.files) AS fault
      FROM drive_node n JOIN sums s ON s.organization_id = n.organization_id AND s.top = n.id
      WHERE (n.tree_bytes, n.tree_files) IS DISTINCT FROM (s.bytes, s.files)
    UNION ALL
    SELECT format('quota of %s says %s, its files have %s', q.account_id, q.used_bytes, t.bytes) FROM quota q CROSS JOIN LATERAL (
      SELECT coalesce(sum(tree_bytes), 0) AS bytes FROM drive_node n WHERE n.organization_id = q.organization_id
        AND n.account_id = q.account_id AND n.parent_id IS NULL AND n.state IN ('live', 'trashed')) t
      WHERE q.area = 'files' AND q.used_bytes <> t.bytes
    UNION ALL
    SELECT format('%s is beneath what is not there', n.name) FROM drive_node n
      WHERE n.parent_id IS NOT NULL AND NOT EXISTS
        (SELECT FROM drive_node p WHERE p.organization_id = n.organization_id AND p.id = n.parent_id AND p.kind = 'folder'
          AND p.account_id = n.account_id)
    UNION ALL
    SELECT format('%s has no folder', n.name) FROM drive_node n
      WHERE n.parent_id IS NULL AND n.state = 'live' AND n.name <> ''
    UNION ALL
    SELECT format('the content of %s is not its version', n.name) FROM drive_node n
      LEFT JOIN file_version v ON v.organization_id = n.organization_id AND v.id = n.version_id
      WHERE n.kind = 'file' AND n.state <> 'purged'
        AND (v.id IS NULL OR v.node_id <> n.id OR v.size <> n.size OR v.superseded_at IS NOT NULL)
    UNION ALL
    SELECT format('%s has %s contents', n.name, count(*)) FROM drive_node n
      JOIN file_version v ON v.organization_id = n.organization_id AND v.node_id = n.id AND v.superseded_at IS NULL
      GROUP BY n.organization_id, n.id, n.name HAVING count(*) > 1
    UNION ALL
    SELECT format('a version of %s is %s bytes, its segments %s', v.node_id, v.size, s.bytes) FROM file_version v CROSS JOIN LATERAL (
      SELECT coalesce(sum(length), 0) AS bytes FROM file_segment s WHERE s.organization_id = v.organization_id AND s.version_id = v.id) s
      WHERE v.size <> s.bytes
    UNION ALL
    SELECT format('a segment of the version %s has no reference to its blob', s.version_id) FROM file_segment s WHERE NOT EXISTS
      (SELECT FROM blob_reference r WHERE r.organization_id = s.organization_id AND r.blob_id = s.blob_id
        AND r.kind = 'file_version' AND r.owner_id = s.version_id)
    UNION ALL
    SELECT format('a segment of the version %s is longer than its blob', s.version_id) FROM file_segment s
      JOIN blob b ON b.organization_id = s.organization_id AND b.id = s.blob_id WHERE s.length <> b.size
    UNION ALL
    SELECT format('a blob is kept for the version %s, which is gone', r.owner_id) FROM blob_reference r
      WHERE r.kind = 'file_version' AND NOT EXISTS
        (SELECT FROM file_version v WHERE v.organization_id = r.organization_id AND v.id = r.owner_id)
    UNION ALL
    SELECT format('a blob is kept for the piece %s, which is gone', r.owner_id) FROM blob_reference r
      WHERE r.kind = 'upload_chunk' AND NOT EXISTS
        (SELECT FROM upload_chunk c WHERE c.organization_id = r.organization_id AND c.id = r.owner_id)
    UNION ALL
    SELECT format('the piece %s has no reference to its blob', c.id) FROM upload_chunk c
      WHERE c.blob_id IS NOT NULL AND NOT EXISTS
        (SELECT FROM blob_reference r WHERE r.organization_id = c.organization_id AND r.blob_id = c.blob_id
          AND r.kind = 'upload_chunk' AND r.owner_id = c.id)
    UNION ALL
    SELECT format('the upload %s says %s bytes, has %s', u.name, u.received_bytes, c.bytes) FROM upload_session u CROSS JOIN LATERAL (
      SELECT coalesce(sum(length), 0) AS bytes FROM upload_chunk c
        WHERE c.organization_id = u.organization_id AND c.session_id = u.id) c
      WHERE u.received_bytes <> c.bytes
    UNION ALL
    SELECT format('%s changed after its folder', c.name) FROM drive_node n
      JOIN drive_node c ON c.organization_id = n.organization_id AND c.parent_id = n.id AND c.state = 'live'
      WHERE n.state = 'live' AND n.tree_modseq < greatest(c.tree_modseq, c.modseq)
    UNION ALL
    SELECT format('the feed of %s is at %s, a node at %s', f.account_id, f.modseq, max(greatest(n.modseq, n.tree_modseq)))
      FROM feed f JOIN drive_node n ON n.organization_id = f.organization_id AND n.account_id = f.account_id
      WHERE f.area = 'files' GROUP BY f.organization_id, f.account_id, f.modseq
      HAVING max(greatest(n.modseq, n.tree_modseq)) > f.modseq`.execute(store.read);
  return result.rows.map((row) => row.fault);
}

/** Every blob has its bytes, whole. */
async function findLostBytes(store: Store, blobs: Blobs): Promise<string[]> {
  const files = new Set(await readFileIds(blobs));
  const faults: string[] = [];
  const stored = await readStoredIds(store);
  for (const [id, size] of stored) {
    if (!files.has(id)) {
      faults.push(`the bytes of the blob ${id} are lost`);
      continue;
    }
    let length = 0;
    for await (const bytes of blobs.storage.read(id)) length += (bytes as Buffer).length;
    if (length !== size) faults.push(`the blob ${id} has ${length} of ${size} bytes`);
  }
  const rows = await sql<{
    id: string;
  }>`SELECT id FROM blob WHERE data IS NOT NULL AND octet_length(data) <> size`.execute(store.read);
  return [...faults, ...rows.rows.map(({ id }) => `the blob ${id} is not as long as it says`)];
}

async function readStoredIds(store: Store): Promise<Map<string, number>> {
  const rows = await sql<{ id: string; size: number }>`SELECT id, size FROM blob WHERE data IS NULL`.execute(
    store.read,
  );
  return new Map(rows.rows.map(({ id, size }) => [id, size]));
}

async function readFileIds(blobs: Blobs): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of blobs.storage.list()) ids.push(id);
  return ids;
}
