import { sql } from "kysely";
import type { Reader } from "../../store/database.ts";
import type { AccountKey } from "../../store/feed/take-modseq.ts";
import { watchAccounts } from "../changes/watch-accounts.ts";
import type { Viewer } from "../identity/viewer.ts";
import type { DriveDeps } from "./model.ts";
import { type OpenedDrive, openDrive } from "./open-drive.ts";

export interface DriveChange {
  /** Numbers of nodes that changed and of the folders above them; undefined: anything may have. */
  readonly fileIds: readonly number[] | undefined;
}

/** Somebody who saves every second is told at most so often. */
const restMs = 500;
const mostChanges = 100;

/**
 * Tells when anything moved that a viewer sees in their drive, in what is mounted there too, by opening it again after a hint and
 * every 30 s. What moves elsewhere in an account of which only a part is shared is not told.
 * @param onError opening failed; the next time it may not
 * @returns stops watching
 */
export async function watchDrive(
  deps: DriveDeps,
  viewer: Viewer,
  onChange: (change: DriveChange) => void,
  onError: (error: unknown) => void,
): Promise<() => void> {
  let known = await openDrive(deps, viewer);
  let stopped = false;
  let reading = false;
  let isStale = false;
  let rest: NodeJS.Timeout | undefined;
  const { hints } = deps.store;
  let unwatch = watch();
  const stopGrants = hints.subscribe("grants", viewer.principalId, () => touch());
  // What moved between the reading and the watching.
  touch();

  function watch(): () => void {
    return watchAccounts(hints, accountsOf(known), () => touch());
  }
  function touch(): void {
    isStale = true;
    if (reading || rest || stopped) return;
    reading = true;
    void look().finally(() => {
      reading = false;
      if (stopped) return;
      rest = setTimeout(() => {
        rest = undefined;
        if (isStale) touch();
      }, restMs);
    });
  }
  async function look(): Promise<void> {
    isStale = false;
    try {
      const next = await openDrive(deps, viewer);
      if (stopped) return;
      const before = known;
      known = next;
      if (accountsOf(before).join() !== accountsOf(next).join()) {
        unwatch();
        unwatch = watch();
      }
      if (sightOf(before) === sightOf(next)) return;
      const fileIds = await changedIds(deps.store.read, before, next);
      if (!stopped) onChange({ fileIds });
    } catch (error) {
      if (!stopped) onError(error);
    }
  }

  return () => {
    stopped = true;
    clearTimeout(rest);
    stopGrants();
    unwatch();
  };
}

function accountsOf(drive: OpenedDrive): string[] {
  return [...new Set([drive.own.accountId, ...drive.mounts.map(({ access }) => access.accountId)])].sort();
}

/** Where each mount is and what may be done there. */
function mountsOf(drive: OpenedDrive): string {
  return drive.mounts
    .map(({ target, names, access }) => [target.id, names.join("/"), [...access.rights].sort().join()].join("\0"))
    .join("\n");
}

function sightOf(drive: OpenedDrive): string {
  return [drive.root.tree_modseq, ...drive.mounts.map(({ target }) => target.tree_modseq), mountsOf(drive)].join(" ");
}

async function changedIds(
  reader: Reader,
  before: OpenedDrive,
  after: OpenedDrive,
): Promise<readonly number[] | undefined> {
  if (mountsOf(before) !== mountsOf(after)) return undefined;
  const ids = new Set([after.root.file_id]);
  if (before.root.tree_modseq !== after.root.tree_modseq) {
    const own = await readChangedIds(reader, after.own, before.root.tree_modseq);
    if (!own) return undefined;
    for (const id of own) ids.add(id);
  }
  for (const [index, { target }] of after.mounts.entries()) {
    // Its own number is enough: clients have it, and what changed elsewhere in that account is nobody's business.
    if (before.mounts[index]!.target.tree_modseq !== target.tree_modseq) ids.add(target.file_id);
  }
  return [...ids];
}

async function readChangedIds(
  reader: Reader,
  account: AccountKey,
  modseq: number,
): Promise<readonly number[] | undefined> {
  const { rows } = await sql<{ changes: number; file_ids: number[] }>`
    WITH RECURSIVE changed AS (
      SELECT id, parent_id, file_id FROM drive_node
      WHERE organization_id = ${account.organizationId} AND account_id = ${account.accountId} AND modseq > ${modseq}
      ORDER BY modseq LIMIT ${mostChanges + 1}
    ), up AS (
      SELECT * FROM changed
      UNION
      SELECT n.id, n.parent_id, n.file_id FROM up
        JOIN drive_node n ON n.organization_id = ${account.organizationId} AND n.id = up.parent_id
    )
    SELECT (SELECT count(*) FROM changed) AS changes, array_agg(file_id::float8) AS file_ids FROM up`.execute(reader);
  const row = rows[0];
  if (!row || row.changes > mostChanges) return undefined;
  return row.file_ids ?? [];
}
