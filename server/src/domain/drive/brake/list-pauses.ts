import { sql } from "kysely";
import type { Reader } from "../../../store/database.ts";
import { DomainError } from "../../errors.ts";
import type { Viewer } from "../../identity/viewer.ts";
import { listDriveAccounts } from "../drive-accounts.ts";
import type { DriveAccess, DriveDeps } from "../model.ts";

/** A device that waits for a decision about one account. */
export interface DevicePause {
  organizationId: string;
  accountId: string;
  deviceId: string;
  deviceName: string;
  deviceOrganizationId: string;
  principalId: string;
  personName: string;
  isMine: boolean;
  spaceName: string;
  isMySpace: boolean;
  pausedAt: Date;
  before: Date;
  /** The first of its changes; null when all of them were refused. */
  sinceModseq: number | null;
  changed: number;
  total: number;
  deleted: number;
  renamed: number;
  replaced: number;
  rolledBackAt: Date | null;
  /** By which the viewer may roll the space back. */
  rollbackAccess: DriveAccess | undefined;
  /** False for an administrator who may decide and not read. */
  mayRead: boolean;
}

type Row = Omit<DevicePause, "rollbackAccess" | "isMine" | "isMySpace" | "mayRead"> & { ownerId: string };

const usualDays = 14;

/**
 * The devices that are paused and about which the viewer may decide: theirs, those that wrote to their drive or to a team folder that
 * they manage, and for administrators those of their organization.
 */
export async function listPauses(
  deps: Pick<DriveDeps, "store" | "recoveryDays">,
  viewer: Viewer,
): Promise<DevicePause[]> {
  const reader = deps.store.read;
  const accounts = await listDriveAccounts(reader, viewer);
  const managed = accounts.filter((each) => each.isOwn || each.rights.has("manage"));
  const rows = await readPauses(
    reader,
    viewer,
    managed.map((each) => each.accountId),
  );
  const oldest = Date.now() - (deps.recoveryDays ?? usualDays) * 86_400_000;
  return rows.map(({ ownerId, ...row }) => {
    const access = accounts.find((each) => each.accountId === row.accountId);
    const mayChange = access && (["write", "create", "delete"] as const).every((right) => access.rights.has(right));
    const { organizationId, accountId } = row;
    const isAdministrator = administers(viewer, organizationId);
    const isPossible = row.sinceModseq !== null && row.before.getTime() > oldest && row.rolledBackAt === null;
    return {
      ...row,
      isMine: row.principalId === viewer.principalId && row.deviceOrganizationId === viewer.organizationId,
      isMySpace: ownerId === viewer.principalId,
      mayRead: access !== undefined,
      rollbackAccess: !isPossible
        ? undefined
        : mayChange
          ? access
          : isAdministrator
            ? { organizationId, accountId, viewer, rights: new Set(["read", "write", "create", "delete"] as const) }
            : undefined,
    };
  });
}

/** One of them. @throws DomainError `not_found` */
export async function findPause(
  deps: Pick<DriveDeps, "store" | "recoveryDays">,
  viewer: Viewer,
  { accountId, deviceId }: { accountId: string; deviceId: string },
): Promise<DevicePause> {
  const found = (await listPauses(deps, viewer)).find(
    (each) => each.accountId === accountId && each.deviceId === deviceId,
  );
  if (!found) throw new DomainError("not_found", "This device is not paused");
  return found;
}

function administers(viewer: Viewer, organizationId: string): boolean {
  if (viewer.roles.has("operator")) return true;
  return viewer.roles.has("member_administrator") && viewer.organizationId === organizationId;
}

async function readPauses(reader: Reader, viewer: Viewer, managed: readonly string[]): Promise<Row[]> {
  const isAdministrator = viewer.roles.has("member_administrator");
  const { rows } = await sql<Row>`
    SELECT d.organization_id AS "organizationId", d.account_id AS "accountId", d.device_id AS "deviceId", d.device_name AS "deviceName",
      d.device_organization_id AS "deviceOrganizationId", d.principal_id AS "principalId", p.display_name AS "personName",
      o.id AS "ownerId", o.display_name AS "spaceName", d.paused_at AS "pausedAt", d.before, d.since_modseq AS "sinceModseq",
      d.files_changed AS changed, d.files_total AS total, d.rolled_back_at AS "rolledBackAt", did.*
    FROM device_pause d
    JOIN account a ON a.organization_id = d.organization_id AND a.id = d.account_id AND a.deleted_at IS NULL
    JOIN principal o ON o.organization_id = a.organization_id AND o.id = a.owner_id
    JOIN principal p ON p.organization_id = d.device_organization_id AND p.id = d.principal_id
    CROSS JOIN LATERAL (
      SELECT coalesce(sum(h.files) FILTER (WHERE h.action IN ('trashed', 'left')), 0)::bigint AS deleted,
        count(DISTINCT h.node_id) FILTER (WHERE h.action IN ('renamed', 'moved')) AS renamed,
        count(DISTINCT h.node_id) FILTER (WHERE h.action = 'overwritten') AS replaced
      FROM drive_history h WHERE h.device_id = d.device_id AND h.at >= d.before AND h.at <= d.paused_at
        AND h.organization_id = d.organization_id AND h.account_id = d.account_id AND h.modseq >= d.since_modseq
    ) did
    WHERE d.decided_at IS NULL AND (
      (d.device_organization_id = ${viewer.organizationId} AND d.principal_id = ${viewer.principalId})
      OR d.account_id = ANY(${[...managed]}::uuid[])
      OR (${isAdministrator} AND d.organization_id = ${viewer.organizationId})
      OR ${viewer.roles.has("operator")})
    ORDER BY d.paused_at DESC, d.device_id LIMIT 200`.execute(reader);
  return rows;
}
