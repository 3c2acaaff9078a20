import { sql } from "kysely";
import type { Reader } from "../database.ts";
import type { AccountKey } from "../feed/take-modseq.ts";
import type { NodeState as Lifecycle } from "./node-row.ts";
import type { NodeState } from "./record-history.ts";

/** A node that changed since a moment, as it was then and as it is. */
export interface ChangedNode {
  id: string;
  kind: "folder" | "file";
  /** Undefined when it was not there. */
  was: NodeState | undefined;
  /** Undefined when nothing is left of it. */
  now: NodePlace | undefined;
}

/** Where a row says to be. What is beneath a folder in the trash says that it is live. */
export interface NodePlace {
  accountId: string;
  parentId: string | null;
  name: string;
  state: Lifecycle;
  versionId: string | null;
  /** Live files that it is or holds. */
  files: number;
  bytes: number;
}

interface Row {
  node_id: string;
  kind: "folder" | "file";
  parent_before: string | null;
  name_before: string | null;
  version_before: string | null;
  account_id: string | null;
  parent_id: string | null;
  name: string | null;
  state: Lifecycle | null;
  version_id: string | null;
  tree_files: number;
  tree_bytes: number;
}

/** The first change of an account after a moment; undefined when nothing changed since. */
export async function readFirstModseq(reader: Reader, key: AccountKey, since: Date): Promise<number | undefined> {
  const { rows } = await sql<{ modseq: number | null }>`
    SELECT min(modseq) AS modseq FROM drive_history
    WHERE organization_id = ${key.organizationId} AND account_id = ${key.accountId} AND at > ${since}`.execute(reader);
  return rows[0]?.modseq ?? undefined;
}

/** The last change of an account; 0 when nothing is remembered. */
export async function readLastModseq(reader: Reader, key: AccountKey): Promise<number> {
  const { rows } = await sql<{ modseq: number | null }>`
    SELECT max(modseq) AS modseq FROM drive_history
    WHERE organization_id = ${key.organizationId} AND account_id = ${key.accountId}`.execute(reader);
  return rows[0]?.modseq ?? 0;
}

/** Every node of which the history of an account says something from `fromModseq` on; at most `limit`, in no order. */
export async function readChangedNodes(
  reader: Reader,
  key: AccountKey,
  fromModseq: number,
  limit: number,
): Promise<ChangedNode[]> {
  const { rows } = await sql<Row>`
    SELECT h.*, n.account_id, n.parent_id, n.name, n.state, n.version_id, n.tree_files, n.tree_bytes FROM (
      SELECT DISTINCT ON (node_id) node_id, kind, parent_before, name_before, version_before FROM drive_history
      WHERE organization_id = ${key.organizationId} AND account_id = ${key.accountId} AND modseq >= ${fromModseq}
      ORDER BY node_id, modseq, id LIMIT ${limit}
    ) h LEFT JOIN drive_node n ON n.organization_id = ${key.organizationId} AND n.id = h.node_id`.execute(reader);
  return rows.map((row) => ({
    id: row.node_id,
    kind: row.kind,
    was:
      row.parent_before === null
        ? undefined
        : { parentId: row.parent_before, name: row.name_before!, versionId: row.version_before },
    now:
      row.account_id === null
        ? undefined
        : {
            accountId: row.account_id,
            parentId: row.parent_id,
            name: row.name!,
            state: row.state!,
            versionId: row.version_id,
            files: row.tree_files,
            bytes: row.tree_bytes,
          },
  }));
}

export interface Ancestor {
  id: string;
  parentId: string | null;
  name: string;
  state: Lifecycle;
  accountId: string;
}

/** Nodes and all above them. */
export async function readAncestors(
  reader: Reader,
  organizationId: string,
  ids: readonly string[],
): Promise<Map<string, Ancestor>> {
  const { rows } = await sql<Ancestor>`
    WITH RECURSIVE up AS (
      SELECT id, parent_id, name, state, account_id FROM drive_node
      WHERE organization_id = ${organizationId} AND id = ANY(${[...ids]}::uuid[])
      UNION
      SELECT n.id, n.parent_id, n.name, n.state, n.account_id FROM up
        JOIN drive_node n ON n.organization_id = ${organizationId} AND n.id = up.parent_id
    ) SELECT id, parent_id AS "parentId", name, state, account_id AS "accountId" FROM up`.execute(reader);
  return new Map(rows.map((row) => [row.id, row]));
}

/** Of these versions, those that are still kept. */
export async function readKeptVersions(
  reader: Reader,
  organizationId: string,
  ids: readonly string[],
): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const { rows } = await sql<{ id: string }>`
    SELECT id FROM file_version WHERE organization_id = ${organizationId} AND id = ANY(${[...ids]}::uuid[])`.execute(
    reader,
  );
  return new Set(rows.map((row) => row.id));
}
