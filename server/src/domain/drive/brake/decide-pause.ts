import { sql } from "kysely";
import type { Transactor } from "../../../store/database.ts";
import { takeModseq } from "../../../store/feed/take-modseq.ts";
import { DomainError } from "../../errors.ts";
import type { Viewer } from "../../identity/viewer.ts";
import type { DriveDeps } from "../model.ts";
import { readRootId } from "../read-root-id.ts";
import { previewRollback, rollBack } from "../rollback/roll-back.ts";
import type { Rollback } from "../rollback/summarize-rollback.ts";
import { listDeciders } from "./list-deciders.ts";
import { type DevicePause, findPause } from "./list-pauses.ts";

export interface PausedDevice {
  accountId: string;
  deviceId: string;
}

/**
 * Lets a paused device go on; for an hour from its next change on nothing brakes it.
 * @throws DomainError `not_found` when it is not paused, or not the viewer's to decide
 */
export async function allowDevice(deps: DriveDeps, viewer: Viewer, device: PausedDevice): Promise<void> {
  const pause = await findPause(deps, viewer, device);
  await deps.store.transact(async (tx) => {
    await takeModseq(tx, pause, "files");
    await sql`UPDATE device_pause SET decided_at = now(), decided_by = ${viewer.principalId}, decision = 'allowed'
      WHERE organization_id = ${pause.organizationId} AND account_id = ${pause.accountId} AND device_id = ${pause.deviceId}
        AND decided_at IS NULL`.execute(tx);
    await putNoticesAway(tx, pause);
  });
}

/**
 * What rolling the space back to before the device's changes would do.
 * @throws DomainError `not_found`, `forbidden` when there is nothing to go back to, or not by this viewer
 */
export async function previewPauseRollback(deps: DriveDeps, viewer: Viewer, device: PausedDevice): Promise<Rollback> {
  const pause = await findPause(deps, viewer, device);
  const { access, rootId, point } = await prepare(deps, pause);
  return onlyFigures(pause, await previewRollback(deps, access, rootId, point));
}

/**
 * Does it. The device stays paused: what it has not sent yet would come again.
 * @param state of the preview that was agreed to
 * @throws DomainError those of the preview, `state_mismatch`, `over_quota`
 */
export async function rollBackPause(
  deps: DriveDeps,
  viewer: Viewer,
  device: PausedDevice,
  state: number,
): Promise<Rollback> {
  const pause = await findPause(deps, viewer, device);
  const { access, rootId, point } = await prepare(deps, pause);
  const done = await rollBack(deps, access, rootId, point, {
    state,
    also: async (tx) => {
      await sql`UPDATE device_pause SET rolled_back_at = now(), rolled_back_by = ${viewer.principalId}
        WHERE organization_id = ${pause.organizationId} AND account_id = ${pause.accountId} AND device_id = ${pause.deviceId}
          AND decided_at IS NULL`.execute(tx);
      await putNoticesAway(tx, pause);
    },
  });
  return onlyFigures(pause, done);
}

async function prepare(deps: DriveDeps, { rollbackAccess: access, sinceModseq }: DevicePause) {
  if (!access || sinceModseq === null) throw new DomainError("forbidden", "This space cannot be rolled back");
  return { access, rootId: await readRootId(deps.store.read, access), point: { beforeModseq: sinceModseq } };
}

/** Names are for who may read them. */
function onlyFigures(pause: DevicePause, rollback: Rollback): Rollback {
  return pause.mayRead ? rollback : { ...rollback, items: [] };
}

async function putNoticesAway(tx: Transactor, pause: DevicePause): Promise<void> {
  const person = { organizationId: pause.deviceOrganizationId, principalId: pause.principalId };
  for (const { organizationId, principalId } of await listDeciders(tx, pause, person)) {
    const { numDeletedRows } = await tx
      .deleteFrom("notification")
      .where("organization_id", "=", organizationId)
      .where("principal_id", "=", principalId)
      .where("topic", "=", "device_paused")
      .where(sql<string>`data->>'device'`, "=", pause.deviceName)
      .executeTakeFirst();
    if (numDeletedRows > 0n) tx.hint({ kind: "notified", id: principalId });
  }
}
