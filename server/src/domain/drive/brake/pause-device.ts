import { sql } from "kysely";
import type { Store } from "../../../store/database.ts";
import { takeModseq } from "../../../store/feed/take-modseq.ts";
import { enqueue } from "../../../store/outbox/outbox.ts";
import { notify } from "../../notifications/notify.ts";
import type { DriveAccess, DriveActor } from "../model.ts";
import { listDeciders } from "./list-deciders.ts";
import { type PausedDeviceOrder, pausedDeviceTopic } from "./paused-device-order.ts";

export interface Figures {
  /** Files, with the change that was refused. */
  changed: number;
  /** Of the space, as it was before. */
  total: number;
  /** The first of these changes; null when all of them were refused. */
  sinceModseq: number | null;
  /** The moment before it. */
  before: Date;
}

/**
 * Pauses a device for one account, under the lock of its feed: whatever it writes there is refused from then on. Whoever may decide is
 * told once, by a notification and, through the outbox, by mail. Nothing happens when it is paused already.
 */
export async function pauseDevice(
  store: Store,
  access: Pick<DriveAccess, "organizationId" | "accountId" | "viewer">,
  device: NonNullable<DriveActor["device"]>,
  figures: Figures,
): Promise<void> {
  const { organizationId, accountId, viewer } = access;
  if (!viewer) return;
  await store.transact(async (tx) => {
    await takeModseq(tx, access, "files");
    const { rows } = await sql`
      INSERT INTO device_pause (organization_id, account_id, device_id, device_organization_id, principal_id, device_name, before,
        files_changed, files_total, since_modseq)
      VALUES (${organizationId}, ${accountId}, ${device.id}, ${device.organizationId}, ${viewer.principalId}, ${device.name},
        ${figures.before}, ${figures.changed}, ${figures.total}, ${figures.sinceModseq})
      ON CONFLICT DO NOTHING RETURNING device_id`.execute(tx);
    if (rows.length === 0) return;
    const { changed, total } = figures;
    for (const person of await listDeciders(tx, access, viewer)) {
      const isTheirs = person.principalId === viewer.principalId;
      await notify(tx, person, {
        topic: "device_paused",
        data: { device: device.name, changed, total, ...(!isTheirs && { person: person.ofName }) },
      });
    }
    const payload: PausedDeviceOrder = {
      ...{ accountId, changed, total, deviceName: device.name },
      ...{ principalOrganizationId: viewer.organizationId, principalId: viewer.principalId },
    };
    await enqueue(tx, { topic: pausedDeviceTopic, organizationId, payload });
  });
}
