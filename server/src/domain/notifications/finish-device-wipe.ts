import type { IdentityDeps } from "../identity/identity-deps.ts";
import { finishWipe } from "../identity/wipe/answer-wipe.ts";
import { notify } from "./notify.ts";

/**
 * A device says that it has forgotten what it held; its owner is told.
 * @returns whether it was asked to
 * @throws DomainError `throttled`
 */
export async function finishDeviceWipe(deps: IdentityDeps, secret: string, remoteAddress: string): Promise<boolean> {
  const wiped = await finishWipe(deps, secret, remoteAddress, (tx, device) =>
    notify(tx, device, { topic: "device_wiped", data: { device: device.name } }),
  );
  return wiped !== undefined;
}
