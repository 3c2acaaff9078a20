import { sql } from "kysely";
import { DomainError } from "../../errors.ts";
import { insertAppPassword } from "../app-passwords.ts";
import type { IdentityDeps } from "../identity-deps.ts";
import type { Viewer } from "../viewer.ts";
import { pagePurpose } from "./begin-device-login.ts";

export const sealPurpose = "device-login-secret";

/** What the page shows of a device that waits. */
export interface WaitingDevice {
  readonly deviceName: string;
  readonly expiresAt: Date;
}

const over = () => new DomainError("expired", "This sign-in is over; begin again on the device");

/** @throws DomainError `expired` when it is over, was answered or never was */
export async function readDeviceLogin(deps: IdentityDeps, pageToken: string): Promise<WaitingDevice> {
  const row = await deps.store.read
    .selectFrom("device_login")
    .select(["device_name", "expires_at"])
    .where("page_hash", "=", deps.secrets.hashToken(pagePurpose, pageToken))
    .where("principal_id", "is", null)
    .where("expires_at", ">", new Date())
    .executeTakeFirst();
  if (!row) throw over();
  return { deviceName: row.device_name, expiresAt: row.expires_at };
}

/**
 * The viewer lets the device in: it gets an app password of its name, for files, calendars and contacts.
 * @throws DomainError `expired`, `conflict` when the viewer has too many app passwords
 */
export async function grantDeviceLogin(deps: IdentityDeps, viewer: Viewer, pageToken: string): Promise<void> {
  await deps.store.transact(async (tx) => {
    const { rows } = await sql<{ poll_hash: Buffer; device_name: string }>`
      UPDATE device_login SET organization_id = ${viewer.organizationId}, principal_id = ${viewer.principalId}, login_name = ${viewer.uid}
      WHERE page_hash = ${deps.secrets.hashToken(pagePurpose, pageToken)} AND principal_id IS NULL AND expires_at > now()
      RETURNING poll_hash, device_name`.execute(tx);
    const row = rows[0];
    if (!row) throw over();
    const { secret } = await insertAppPassword(tx, deps.secrets, viewer, { name: row.device_name, scopes: ["dav"] });
    await tx
      .updateTable("device_login")
      .set({ sealed_secret: deps.secrets.seal(sealPurpose, secret) })
      .where("poll_hash", "=", row.poll_hash)
      .execute();
  });
}

/** The viewer says no: the device may ask for ever, and gets nothing. Nothing happens when it is over already. */
export async function refuseDeviceLogin(deps: IdentityDeps, pageToken: string): Promise<void> {
  await deps.store.transact((tx) =>
    tx
      .deleteFrom("device_login")
      .where("page_hash", "=", deps.secrets.hashToken(pagePurpose, pageToken))
      .where("principal_id", "is", null)
      .execute(),
  );
}
