import { randomBytes } from "node:crypto";
import { toDeviceName } from "../app-passwords.ts";
import type { IdentityDeps } from "../identity-deps.ts";
import { networkOf } from "../network-of.ts";
import { chargeAttempt, type ThrottlePolicy } from "../throttle.ts";

export const pollPurpose = "device-login-poll";
export const pagePurpose = "device-login-page";

/** As long as Nextcloud gives. */
const validMinutes = 20;
/** Anybody may begin one, and each is a row. */
const policy: ThrottlePolicy = { freeTries: 200, windowSeconds: 3_600, firstBlockSeconds: 60 };

/** Two secrets: one lets the device ask, the other is in the address of the page where its owner says yes. */
export interface BegunDeviceLogin {
  readonly pollToken: string;
  readonly pageToken: string;
}

/**
 * A device that nobody has signed in to asks for an app password; its owner is sent to a page of the portal.
 * @param userAgent what the device says of itself
 * @throws DomainError `throttled`, `unavailable`
 */
export async function beginDeviceLogin(
  deps: IdentityDeps,
  { userAgent, remoteAddress }: { userAgent: string; remoteAddress: string },
): Promise<BegunDeviceLogin> {
  const network = deps.secrets.hashToken("throttle", `device-login\0${networkOf(remoteAddress)}`);
  await chargeAttempt(deps.store, `device-login:${network.toString("base64url")}`, policy);
  const pollToken = randomBytes(96).toString("base64url");
  const pageToken = randomBytes(96).toString("base64url");
  await deps.store.transact((tx) =>
    tx
      .insertInto("device_login")
      .values({
        poll_hash: deps.secrets.hashToken(pollPurpose, pollToken),
        page_hash: deps.secrets.hashToken(pagePurpose, pageToken),
        device_name: toDeviceName(userAgent),
        expires_at: new Date(Date.now() + validMinutes * 60_000),
      })
      .execute(),
  );
  return { pollToken, pageToken };
}
