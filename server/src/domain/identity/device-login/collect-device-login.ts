import { sql } from "kysely";
import type { IdentityDeps } from "../identity-deps.ts";
import { pollPurpose } from "./begin-device-login.ts";
import { sealPurpose } from "./grant-device-login.ts";

export interface CollectedLogin {
  /** The uid: it stays when an address changes. */
  readonly loginName: string;
  readonly appPassword: string;
}

/**
 * A device asks whether its owner has let it in, and gets its app password, once.
 * @returns undefined while nobody has, and for anything else: nothing is said to whoever guesses
 */
export async function collectDeviceLogin(deps: IdentityDeps, pollToken: string): Promise<CollectedLogin | undefined> {
  const hash = deps.secrets.hashToken(pollPurpose, pollToken);
  const waiting = await deps.store.read
    .selectFrom("device_login")
    .select("principal_id")
    .where("poll_hash", "=", hash)
    .where("sealed_secret", "is not", null)
    .executeTakeFirst();
  // Asked every few seconds: no transaction for a no.
  if (!waiting) return undefined;
  const { rows } = await deps.store.transact((tx) =>
    sql<{ login_name: string; sealed_secret: Buffer }>`
      DELETE FROM device_login WHERE poll_hash = ${hash} AND sealed_secret IS NOT NULL AND expires_at > now()
      RETURNING login_name, sealed_secret`.execute(tx),
  );
  const row = rows[0];
  const secret = row && deps.secrets.open(sealPurpose, row.sealed_secret);
  return secret && { loginName: row.login_name, appPassword: secret.toString("utf8") };
}
