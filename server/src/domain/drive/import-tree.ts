import { sql } from "kysely";
import type { StagedBlob } from "../../store/blobs/blobs.ts";
import type { Transactor } from "../../store/database.ts";
import type { NodeRow } from "../../store/drive/node-row.ts";
import { readChildrenPage } from "../../store/drive/read-children.ts";
import { uuidv7 } from "../../store/uuid.ts";
import type { DriveAccess, DriveDeps } from "./model.ts";
import { openFile } from "./open-file.ts";
import { ignoreGone } from "./walk-tree.ts";

/** What is written in one transaction: so many nodes, or so many bytes of small files. */
const nodesAtOnce = 200;
const bytesAtOnce = 4 * 1024 * 1024;
/** Rows of a folder that are read at once. */
const pageSize = 1_000;

interface Imported {
  id: string;
  parentId: string | null;
  source: NodeRow;
  content?: { versionId: string; staged: StagedBlob; sourceVersionId: string };
}

/**
 * Copies a tree into an account of another organization, bytes and all, where nobody sees it until `attachImported`. What fails
 * meanwhile leaves something that is purged.
 * @param isShallow a folder without what it holds
 * @returns the id of the copy
 */
export async function importTree(
  deps: DriveDeps,
  from: DriveAccess,
  top: NodeRow,
  to: DriveAccess,
  isShallow = false,
): Promise<string> {
  const topId = uuidv7();
  let pending: Imported[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    const batch = pending;
    pending = [];
    bytes = 0;
    await deps.store.transact((tx) => insertBatch(deps, tx, to, topId, batch));
  };
  const add = async (source: NodeRow, id: string, parentId: string | null): Promise<void> => {
    if (source.kind === "folder") pending.push({ id, parentId, source });
    else {
      const opened = await openFile(deps, from, source.id).catch(ignoreGone);
      if (!opened) return;
      const staged = await deps.blobs.stage(opened.source.lend());
      bytes += staged.data?.length ?? 0;
      const current = { ...source, modified_at: opened.modifiedAt, content_type: opened.contentType };
      pending.push({
        id,
        parentId,
        source: current,
        content: { versionId: uuidv7(), staged, sourceVersionId: opened.versionId },
      });
    }
    if (pending.length >= nodesAtOnce || bytes >= bytesAtOnce) await flush();
  };
  try {
    await add(top, topId, null);
    const folders = top.kind === "folder" && !isShallow ? [{ sourceId: top.id, id: topId }] : [];
    for (let folder = folders.pop(); folder; folder = folders.pop()) {
      let after: NodeRow | undefined;
      do {
        const page = await readChildrenPage(deps.store.read, from.organizationId, [folder.sourceId], after, pageSize);
        for (const child of page) {
          const id = uuidv7();
          await add(child, id, folder.id);
          if (child.kind === "folder") folders.push({ sourceId: child.id, id });
        }
        after = page.length < pageSize ? undefined : page.at(-1);
      } while (after);
    }
    if (pending.length > 0) await flush();
  } catch (error) {
    for (const { content } of pending) if (content) await deps.blobs.discard(content.staged).catch(() => undefined);
    await discardImported(deps, to, topId);
    throw error;
  }
  return topId;
}

/** Leaves it to the purge. */
export async function discardImported(deps: DriveDeps, to: DriveAccess, id: string): Promise<void> {
  await deps.store.transact((tx) =>
    tx
      .updateTable("drive_node")
      .set({ state: "purged" })
      .where("organization_id", "=", to.organizationId)
      .where("id", "=", id)
      .where("state", "=", "arriving")
      .execute(),
  );
}

/**
 * Puts what was imported in its folder, with one modseq and its sums worked out. Under the feed's lock.
 * @returns bytes and files of it
 */
export async function attachImported(
  tx: Transactor,
  to: DriveAccess,
  modseq: number,
  id: string,
  place: { parentId: string; name: string },
): Promise<{ bytes: number; files: number; versionId: string | null }> {
  const result = await sql<{ bytes: number; files: number; version_id: string | null }>`
    WITH RECURSIVE down AS (
      SELECT n.id, n.parent_id, n.kind, n.size FROM drive_node n
        WHERE n.organization_id = ${to.organizationId} AND n.id = ${id} AND n.state = 'arriving'
      UNION ALL
      SELECT n.id, n.parent_id, n.kind, n.size FROM down
        JOIN drive_node n ON n.organization_id = ${to.organizationId} AND n.parent_id = down.id
    ), up AS (
      SELECT id, parent_id, size, (kind = 'file')::integer AS files FROM down
      UNION ALL
      SELECT d.id, d.parent_id, up.size, up.files FROM up JOIN down d ON d.id = up.parent_id
    ), total AS (SELECT id, sum(size)::bigint AS bytes, sum(files)::bigint AS files FROM up GROUP BY id)
    UPDATE drive_node n SET created_modseq = ${modseq}, modseq = ${modseq}, tree_modseq = ${modseq},
      tree_bytes = total.bytes, tree_files = total.files, state = 'live', removed_at = NULL,
      parent_id = CASE WHEN n.id = ${id} THEN ${place.parentId}::uuid ELSE n.parent_id END,
      name = CASE WHEN n.id = ${id} THEN ${place.name} ELSE n.name END
    FROM total WHERE n.organization_id = ${to.organizationId} AND n.id = total.id
    RETURNING n.id, n.tree_bytes AS bytes, n.tree_files AS files, n.version_id`.execute(tx);
  const top = (result.rows as { id: string; bytes: number; files: number; version_id: string | null }[]).find(
    (row) => row.id === id,
  );
  if (!top) throw new Error(`The imported tree ${id} is gone`);
  return { bytes: top.bytes, files: top.files, versionId: top.version_id };
}

async function insertBatch(
  deps: DriveDeps,
  tx: Transactor,
  to: DriveAccess,
  topId: string,
  batch: readonly Imported[],
): Promise<void> {
  const { organizationId: organization_id, accountId: account_id } = to;
  const by = to.viewer?.principalId ?? null;
  for (const { content } of batch) {
    if (!content || content.staged.size === 0) continue;
    await deps.blobs.insert(tx, organization_id, content.staged);
    await deps.blobs.addReference(tx, organization_id, content.staged.id, "file_version", content.versionId);
  }
  await tx
    .insertInto("drive_node")
    .values(
      batch.map(({ id, parentId, source, content }) => ({
        ...{ organization_id, id, account_id, parent_id: parentId, name: source.name, kind: source.kind },
        ...{ size: content?.staged.size ?? 0, content_type: source.content_type },
        ...{ version_id: content?.versionId ?? null, modified_at: source.modified_at, modified_by: by, created_by: by },
        ...{ created_modseq: 0, modseq: 0, tree_modseq: 0 },
        ...(id === topId && { state: "arriving", removed_at: new Date() }),
      })),
    )
    .execute();
  await sql`
    INSERT INTO node_property (organization_id, node_id, namespace, name, value)
    SELECT ${organization_id}::uuid, m.id, p.namespace, p.name, p.value
    FROM unnest(${batch.map(({ id }) => id)}::uuid[], ${batch.map(({ source }) => source.id)}::uuid[]) m(id, source_id)
    JOIN node_property p ON p.organization_id = ${batch[0]!.source.organization_id} AND p.node_id = m.source_id`.execute(
    tx,
  );
  // It is still at work: not to be purged.
  await tx
    .updateTable("drive_node")
    .set({ removed_at: new Date() })
    .where("organization_id", "=", organization_id)
    .where("id", "=", topId)
    .where("state", "=", "arriving")
    .execute();
  const files = batch.flatMap(({ id, source, content }) => (content ? [{ id, source, ...content }] : []));
  if (files.length === 0) return;
  await tx
    .insertInto("file_version")
    .values(
      files.map(({ id, source, versionId, staged }) => ({
        ...{ organization_id, id: versionId, account_id, node_id: id, size: staged.size, sha256: staged.sha256 },
        ...{ modified_at: source.modified_at, created_by: by },
        created_by_organization: to.viewer?.organizationId ?? null,
      })),
    )
    .execute();
  await sql`
    UPDATE file_version v SET is_unscanned = true
    FROM unnest(${files.map(({ versionId }) => versionId)}::uuid[], ${files.map(({ sourceVersionId }) => sourceVersionId)}::uuid[]) m(id, source_id)
      JOIN file_version s ON s.organization_id = ${batch[0]!.source.organization_id} AND s.id = m.source_id AND s.is_unscanned
    WHERE v.organization_id = ${organization_id} AND v.id = m.id`.execute(tx);
  const segments = files.filter(({ staged }) => staged.size > 0);
  if (segments.length === 0) return;
  await tx
    .insertInto("file_segment")
    .values(
      segments.map(({ versionId, staged }) => ({
        ...{ organization_id, version_id: versionId, ordinal: 0, blob_id: staged.id, length: staged.size },
      })),
    )
    .execute();
}
