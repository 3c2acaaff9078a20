import { setImmediate as nextTurn } from "node:timers/promises";
import { sql } from "kysely";
import type { Transactor } from "../../../store/database.ts";
import { type HistoryEntry, type NodeState, recordUncounted } from "../../../store/drive/record-history.ts";
import { type Touch, touchAncestors } from "../../../store/drive/touch-ancestors.ts";
import { recordDepartures } from "../../../store/feed/record-departures.ts";
import { uuidv7 } from "../../../store/uuid.ts";
import { chargeQuota, readQuota } from "../../quota/charge-quota.ts";
import { freeName } from "../find-child.ts";
import type { DriveAccess } from "../model.ts";
import type { PlannedContent, PlannedPlace, RollbackPlan } from "./plan-rollback.ts";

/** Rows in one statement: what is sent is written by the one thread that serves everybody. */
const slice = 2_000;

/**
 * Does what was planned, under the feed's lock: all of it appears with the commit. First everything that leaves its place does, so that
 * two may take each other's; then everything comes to where it belongs. It is history itself.
 * @throws DomainError `over_quota`
 */
export async function applyRollback(
  tx: Transactor,
  access: DriveAccess,
  modseq: number,
  plan: RollbackPlan,
): Promise<void> {
  const { moved, renamed } = splitPlaces(plan);
  await detach(tx, access, modseq, plan, moved);
  const names = await attach(tx, access, modseq, moved, renamed);
  const contents = await bringBackContents(tx, access, modseq, plan.contents);
  for (const part of slices(await toHistory(tx, access, plan, names, contents))) {
    recordUncounted(tx, access, modseq, access, part);
    await nextTurn();
  }
  await settleQuota(tx, access);
}

type Places = readonly PlannedPlace[];

/** What only gets its name back, which nothing else gives up: it need not leave its folder for that, nor do its bytes. */
function splitPlaces(plan: RollbackPlan): { moved: Places; renamed: Places } {
  const spot = (at: { parentId: string | null; name: string }): string => `${at.parentId}/${at.name}`;
  const wanted = new Map(plan.places.map(({ node, to }) => [spot(to), node.id]));
  const moved: PlannedPlace[] = [];
  const renamed: PlannedPlace[] = [];
  for (const place of plan.places) {
    const { now, id } = place.node;
    const stays = now.state === "live" && now.parentId === place.to.parentId && !place.isElsewhere;
    const isAwaited = (wanted.get(spot(now)) ?? id) !== id;
    (stays && !isAwaited ? renamed : moved).push(place);
  }
  return { moved, renamed };
}

async function detach(
  tx: Transactor,
  { organizationId, accountId, viewer }: DriveAccess,
  modseq: number,
  plan: RollbackPlan,
  moved: Places,
): Promise<void> {
  for (const part of slices(moved)) {
    await sql`UPDATE drive_node SET state = 'trashed', parent_id = NULL
      WHERE organization_id = ${organizationId} AND id = ANY(${idsOf(part)}::uuid[]) AND parent_id IS NOT NULL`.execute(
      tx,
    );
  }
  for (const part of slices(plan.trash)) {
    await sql`
      UPDATE drive_node n SET state = 'trashed', parent_id = NULL, removed_at = now(), removed_from = t.parent_id,
        removed_by = ${viewer?.principalId ?? null}::uuid, modseq = ${modseq}
      FROM unnest(${idsOf(part)}::uuid[], ${part.map(({ node }) => node.now.parentId)}::uuid[]) AS t (id, parent_id)
      WHERE n.organization_id = ${organizationId} AND n.id = t.id`.execute(tx);
  }
  for (const part of slices([...plan.places, ...plan.trash])) {
    await sql`DELETE FROM node_lock WHERE organization_id = ${organizationId} AND node_id = ANY(${idsOf(part)}::uuid[])
      AND kind IN ('dav', 'app')`.execute(tx);
  }
  const seen = [...plan.places.filter((each) => !each.isBack), ...plan.trash.filter((each) => each.isSeen)];
  await recordDepartures(
    tx,
    { organizationId, accountId },
    "files",
    modseq,
    seen.map(({ node }) => ({ kind: "node", collectionId: node.now.parentId!, objectId: node.id })),
  );
  const touches = [...moved, ...plan.trash].flatMap(({ node: { now } }) =>
    now.parentId === null ? [] : { folderId: now.parentId, bytes: -now.bytes, files: -now.files },
  );
  await touch(tx, organizationId, modseq, touches);
}

/** @returns the names of those that got another than they had */
async function attach(
  tx: Transactor,
  access: DriveAccess,
  modseq: number,
  moved: Places,
  renamed: Places,
): Promise<Map<string, string>> {
  const { organizationId } = access;
  const names = new Map<string, string>();
  const put = async (part: Places): Promise<void> => {
    await sql`
      UPDATE drive_node n SET state = 'live', parent_id = t.parent_id, name = t.name, removed_at = NULL, removed_by = NULL,
        removed_from = NULL, modseq = ${modseq}, tree_modseq = ${modseq},
        created_modseq = CASE WHEN t.is_back THEN ${modseq} ELSE n.created_modseq END
      FROM unnest(${idsOf(part)}::uuid[], ${part.map(({ to }) => to.parentId)}::uuid[],
        ${part.map(({ node, to }) => names.get(node.id) ?? to.name)}::text[], ${part.map((each) => each.isBack)}::boolean[])
        AS t (id, parent_id, name, is_back)
      WHERE n.organization_id = ${organizationId} AND n.id = t.id`.execute(tx);
  };
  for (const part of slices([...moved.filter((each) => !each.isElsewhere), ...renamed])) await put(part);
  for (const place of moved) {
    if (!place.isElsewhere) continue;
    const folder = { organization_id: organizationId, id: place.to.parentId };
    names.set(place.node.id, await freeName(tx, folder, place.to.name, place.node.kind));
    await put([place]);
  }
  const touches: Touch[] = renamed.map(({ to }) => ({ folderId: to.parentId, bytes: 0, files: 0 }));
  for (const part of slices(moved)) {
    const sizes = await readSizes(tx, organizationId, idsOf(part));
    for (const { node, to } of part) touches.push({ folderId: to.parentId, ...sizes.get(node.id)! });
  }
  await touch(tx, organizationId, modseq, touches);
  return names;
}

async function readSizes(
  tx: Transactor,
  organizationId: string,
  ids: readonly string[],
): Promise<Map<string, { bytes: number; files: number }>> {
  const { rows } = await sql<{ id: string; bytes: number; files: number }>`
    SELECT id, tree_bytes AS bytes, tree_files AS files FROM drive_node
    WHERE organization_id = ${organizationId} AND id = ANY(${[...ids]}::uuid[])`.execute(tx);
  return new Map(rows.map(({ id, bytes, files }) => [id, { bytes, files }]));
}

/** One step for each folder, however much came or left. */
async function touch(tx: Transactor, organizationId: string, modseq: number, touches: readonly Touch[]): Promise<void> {
  const sums = new Map<string, Touch>();
  for (const { folderId, bytes, files } of touches) {
    const sum = sums.get(folderId) ?? { folderId, bytes: 0, files: 0 };
    sums.set(folderId, { folderId, bytes: sum.bytes + bytes, files: sum.files + files });
  }
  for (const part of slices([...sums.values()])) await touchAncestors(tx, organizationId, modseq, part);
}

/** The content of then is a new version over the same blobs; the one of now stays recoverable. @returns the new versions */
async function bringBackContents(
  tx: Transactor,
  access: DriveAccess,
  modseq: number,
  contents: readonly PlannedContent[],
): Promise<Map<string, string>> {
  const { organizationId, accountId, viewer } = access;
  const fresh = new Map(contents.map(({ node }) => [node.id, uuidv7()]));
  const touches: Touch[] = [];
  for (const part of slices(contents)) {
    const wanted = sql`(SELECT * FROM unnest(${part.map(({ node }) => node.id)}::uuid[],
      ${part.map((each) => each.versionId)}::uuid[], ${part.map(({ node }) => fresh.get(node.id)!)}::uuid[])
      AS w (node_id, old_id, new_id))`;
    const { rows } = await sql<{ folderId: string; bytes: number }>`
      WITH wanted AS MATERIALIZED ${wanted}, superseded AS (
        UPDATE file_version v SET superseded_at = now() FROM wanted w
        WHERE v.organization_id = ${organizationId} AND v.node_id = w.node_id AND v.superseded_at IS NULL
      ), versions AS (
        INSERT INTO file_version (organization_id, id, account_id, node_id, size, sha256, sha1, md5, adler32, sha3_256, modified_at,
          created_by, created_by_organization, is_unscanned)
        SELECT v.organization_id, w.new_id, ${accountId}::uuid, v.node_id, v.size, v.sha256, v.sha1, v.md5, v.adler32, v.sha3_256,
          v.modified_at, ${viewer?.principalId ?? null}::uuid, ${viewer?.organizationId ?? null}::uuid, v.is_unscanned
        FROM wanted w JOIN file_version v ON v.organization_id = ${organizationId} AND v.id = w.old_id
      ), segments AS (
        INSERT INTO file_segment (organization_id, version_id, ordinal, blob_id, length)
        SELECT s.organization_id, w.new_id, s.ordinal, s.blob_id, s.length
        FROM wanted w JOIN file_segment s ON s.organization_id = ${organizationId} AND s.version_id = w.old_id
      ), refs AS (
        INSERT INTO blob_reference (organization_id, blob_id, kind, owner_id)
        SELECT DISTINCT s.organization_id, s.blob_id, 'file_version', w.new_id
        FROM wanted w JOIN file_segment s ON s.organization_id = ${organizationId} AND s.version_id = w.old_id
      )
      UPDATE drive_node n SET size = v.size, tree_bytes = v.size, version_id = w.new_id, modified_at = v.modified_at,
        modified_by = ${viewer?.principalId ?? null}::uuid, modseq = ${modseq}, tree_modseq = ${modseq}
      FROM wanted w JOIN file_version v ON v.organization_id = ${organizationId} AND v.id = w.old_id
      WHERE n.organization_id = ${organizationId} AND n.id = w.node_id
      RETURNING n.parent_id AS "folderId", new.size - old.size AS bytes`.execute(tx);
    for (const { folderId, bytes } of rows) touches.push({ folderId, bytes, files: 0 });
  }
  await touch(tx, organizationId, modseq, touches);
  return fresh;
}

async function toHistory(
  tx: Transactor,
  access: DriveAccess,
  plan: RollbackPlan,
  names: ReadonlyMap<string, string>,
  contents: ReadonlyMap<string, string>,
): Promise<HistoryEntry[]> {
  const entries: HistoryEntry[] = [];
  const stands = new Map<string, NodeState>();
  const files = new Map<string, number>();
  for (const part of slices([...plan.places, ...plan.trash])) {
    for (const [id, size] of await readSizes(tx, access.organizationId, idsOf(part))) files.set(id, size.files);
  }
  for (const { node, to, isBack } of plan.places) {
    const { id, kind, now } = node;
    const after = { parentId: to.parentId, name: names.get(id) ?? to.name, versionId: now.versionId };
    stands.set(id, after);
    const action = isBack ? "restored" : now.parentId === to.parentId ? "renamed" : "moved";
    entries.push({
      ...{ action, nodeId: id, kind, files: files.get(id) ?? 0, after },
      // Of what was beneath a folder in the trash too: before that went there, this was its place.
      ...(now.parentId !== null && { before: { parentId: now.parentId, name: now.name, versionId: now.versionId } }),
    });
  }
  for (const { node } of plan.contents) {
    const now = node.now!;
    const before = stands.get(node.id) ?? { parentId: now.parentId!, name: now.name, versionId: now.versionId };
    const after = { ...before, versionId: contents.get(node.id)! };
    entries.push({ action: "overwritten", nodeId: node.id, kind: "file", files: 1, before, after });
  }
  for (const { node } of plan.trash) {
    const { id, kind, now } = node;
    const before = { parentId: now.parentId!, name: now.name, versionId: now.versionId };
    entries.push({ action: "trashed", nodeId: id, kind, files: files.get(id) ?? 0, before });
  }
  return entries;
}

/** What is live and what is in the trash, whatever came from where. @throws DomainError `over_quota` */
async function settleQuota(tx: Transactor, access: DriveAccess): Promise<void> {
  const { rows } = await sql<{ bytes: number }>`
    SELECT coalesce(sum(tree_bytes), 0)::bigint AS bytes FROM (
      SELECT tree_bytes FROM drive_node WHERE organization_id = ${access.organizationId} AND account_id = ${access.accountId}
        AND parent_id IS NULL AND state = 'live'
      UNION ALL
      SELECT tree_bytes FROM drive_node WHERE organization_id = ${access.organizationId} AND account_id = ${access.accountId}
        AND removed_at IS NOT NULL AND state = 'trashed'
    ) AS counted`.execute(tx);
  const { used } = await readQuota(tx, access, "files");
  await chargeQuota(tx, access, "files", rows[0]!.bytes - used);
}

function idsOf(part: readonly { node: { id: string } }[]): string[] {
  return part.map(({ node }) => node.id);
}

function* slices<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < all.length; start += slice) yield all.slice(start, start + slice);
}
