import type { Reader } from "../../store/database.ts";
import { prepare } from "../../store/prepared.ts";
import { DomainError } from "../errors.ts";
import type { DriveAccess } from "./model.ts";

/** Clients that were told 503 ask again after this long. */
const retryAfterSeconds = 60;

const findPause = prepare<{ device_name: string }>(
  "drive_pause",
  `SELECT device_name FROM device_pause
  WHERE organization_id = $1::uuid AND account_id = $2::uuid AND device_id = $3::uuid AND decided_at IS NULL`,
);

/**
 * Refuses a write of a device that changed too much of this account at once, until somebody has decided.
 * @throws DomainError `paused`
 */
export async function requireNotPaused(
  reader: Reader,
  access: Pick<DriveAccess, "organizationId" | "accountId" | "actor">,
): Promise<void> {
  const device = access.actor?.device;
  if (!device) return;
  const [pause] = await findPause.execute(reader, [access.organizationId, access.accountId, device.id]);
  if (pause) throw pausedError(pause.device_name);
}

export function pausedError(deviceName: string): DomainError {
  return new DomainError("paused", "This device changed too many files at once and was paused", {
    retryAfterSeconds,
    detail: deviceName,
  });
}
