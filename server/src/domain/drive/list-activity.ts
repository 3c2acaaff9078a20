import { type RawBuilder, sql } from "kysely";
import type { Reader } from "../../store/database.ts";
import type { HistoryAction } from "../../store/drive/record-history.ts";
import type { Place } from "./drive-place.ts";
import type { OpenedDrive } from "./open-drive.ts";
import { placeNodes } from "./place-nodes.ts";

export type { HistoryAction } from "../../store/drive/record-history.ts";

/** One change of what a viewer sees. */
export interface Activity {
  readonly id: number;
  readonly action: HistoryAction;
  readonly at: Date;
  readonly kind: "file" | "folder";
  readonly fileId: number;
  /** As it was called after the change; before it, when it is gone. */
  readonly name: string;
  readonly nameBefore: string | undefined;
  /** Where the viewer sees it now; undefined when it is in the trash, or gone. */
  readonly place: Place | undefined;
  readonly isOwn: boolean;
  /** Who did it; an outside person by a link has no uid. */
  readonly actor: { readonly uid: string | undefined; readonly displayName: string | undefined };
}

export interface ActivityQuery {
  /** Activities that come after this one in the order asked for. */
  readonly since?: number | undefined;
  readonly limit: number;
  readonly isAscending?: boolean;
  readonly by?: "everybody" | "self" | "others";
  /** Only of that one. */
  readonly nodeId?: string | undefined;
}

interface Row {
  id: number;
  organization_id: string;
  account_id: string;
  action: HistoryAction;
  at: Date;
  node_id: string;
  kind: "file" | "folder";
  name_before: string | null;
  name_after: string | null;
  actor_id: string | null;
  actor_organization_id: string | null;
  actor_name: string | null;
  file_id: number | null;
  uid: string | null;
  display_name: string | null;
}

const batch = 100;
/** Rows of a mounted account that the viewer does not see are looked at in vain; so many batches at most. */
const mostBatches = 10;

/**
 * What happened in a viewer's drive and in what is mounted there, newest first, as far back as is kept (the recovery period). What
 * happened in a mount is shown while the viewer sees what it was about, in a share from when it was shared.
 */
export async function listActivity(reader: Reader, drive: OpenedDrive, query: ActivityQuery): Promise<Activity[]> {
  const found: Activity[] = [];
  const sharedAt = await readSharedAt(reader, drive);
  let { since } = query;
  for (let round = 0; round < mostBatches && found.length < query.limit; round++) {
    const rows = await readRows(reader, drive, { ...query, since });
    const places = await placesOf(reader, drive, rows);
    for (const row of rows) {
      const place = places.get(row.node_id);
      const isInOwn = row.account_id === drive.own.accountId;
      const isSeen = place && row.at >= (sharedAt.get(place.mount?.shareNumber ?? 0) ?? beginning);
      if (isInOwn || isSeen) found.push(toActivity(row, place, drive));
    }
    since = rows.at(-1)?.id;
    if (rows.length < batch) break;
  }
  return found.slice(0, query.limit);
}

const beginning = new Date(0);

/** By the number of the share. */
async function readSharedAt(reader: Reader, drive: OpenedDrive): Promise<ReadonlyMap<number, Date>> {
  const numbers = drive.mounts.flatMap(({ shareNumber }) => shareNumber ?? []);
  if (numbers.length === 0) return new Map();
  const { rows } = await sql<{ number: number; created_at: Date }>`
    SELECT share_number AS number, created_at FROM grant_given WHERE share_number = ANY(${numbers}::bigint[])`.execute(
    reader,
  );
  return new Map(rows.map((row) => [row.number, row.created_at]));
}

async function readRows(reader: Reader, drive: OpenedDrive, query: ActivityQuery): Promise<Row[]> {
  const accesses = [drive.own, ...drive.mounts.map(({ access }) => access)];
  const accounts = [...new Map(accesses.map((access) => [access.accountId, access])).values()];
  const { viewer } = drive;
  const conditions: RawBuilder<unknown>[] = [sql`true`];
  if (query.since !== undefined)
    conditions.push(query.isAscending ? sql`h.id > ${query.since}` : sql`h.id < ${query.since}`);
  if (query.nodeId !== undefined) conditions.push(sql`h.node_id = ${query.nodeId}`);
  const isMine = sql`(h.actor_organization_id = ${viewer.organizationId} AND h.actor_id = ${viewer.principalId}) IS TRUE`;
  if (query.by === "self") conditions.push(isMine);
  if (query.by === "others") conditions.push(sql`NOT (${isMine})`);
  const direction = query.isAscending ? sql`ASC` : sql`DESC`;
  const { rows } = await sql<Row>`
    SELECT h.id, h.organization_id, h.account_id, h.action, h.at, h.node_id, h.kind, h.name_before, h.name_after, h.actor_id,
      h.actor_organization_id, h.actor_name, n.file_id, p.uid, p.display_name
    FROM unnest(${accounts.map((each) => each.organizationId)}::uuid[], ${accounts.map((each) => each.accountId)}::uuid[])
      AS a (organization_id, account_id)
    CROSS JOIN LATERAL (
      SELECT h.* FROM drive_history h
      WHERE h.organization_id = a.organization_id AND h.account_id = a.account_id AND ${sql.join(conditions, sql` AND `)}
      ORDER BY h.modseq ${direction}, h.id ${direction} LIMIT ${batch}
    ) h
    LEFT JOIN drive_node n ON n.organization_id = h.organization_id AND n.id = h.node_id
    LEFT JOIN principal p ON p.organization_id = h.actor_organization_id AND p.id = h.actor_id
    ORDER BY h.id ${direction} LIMIT ${batch}`.execute(reader);
  return rows;
}

async function placesOf(reader: Reader, drive: OpenedDrive, rows: readonly Row[]): Promise<Map<string, Place>> {
  const places = new Map<string, Place>();
  for (const [organizationId, those] of Map.groupBy(rows, (row) => row.organization_id)) {
    const ids = [...new Set(those.map((row) => row.node_id))];
    for (const place of await placeNodes(reader, drive, organizationId, ids)) places.set(place.node.id, place);
  }
  return places;
}

function toActivity(row: Row, place: Place | undefined, { viewer }: OpenedDrive): Activity {
  return {
    id: row.id,
    action: row.action,
    at: row.at,
    kind: row.kind,
    fileId: row.file_id ?? 0,
    name: row.name_after ?? row.name_before ?? "",
    nameBefore: row.name_before ?? undefined,
    place,
    isOwn: row.actor_id === viewer.principalId && row.actor_organization_id === viewer.organizationId,
    actor: { uid: row.uid ?? undefined, displayName: row.display_name ?? row.actor_name ?? undefined },
  };
}
