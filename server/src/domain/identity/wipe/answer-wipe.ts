import { sql } from "kysely";
import type { Transactor } from "../../../store/database.ts";
import { appPasswordPurpose, looksLikeAppPassword, normalizeAppPassword } from "../app-passwords.ts";
import type { IdentityDeps, PrincipalKey } from "../identity-deps.ts";
import { networkOf } from "../network-of.ts";
import { chargeAttempt, type ThrottlePolicy } from "../throttle.ts";

/** Clients ask whenever they are turned away, a whole town hall from one network. */
const policy: ThrottlePolicy = { freeTries: 300, windowSeconds: 300, firstBlockSeconds: 30 };

export interface WipedDevice extends PrincipalKey {
  readonly name: string;
}

/**
 * A device that was turned away asks whether it is to forget what it holds.
 * @param secret its app password
 * @throws DomainError `throttled`
 */
export async function isWipeRequested(deps: IdentityDeps, secret: string, remoteAddress: string): Promise<boolean> {
  const hash = hashOf(deps, secret);
  const { rows } = hash
    ? await sql`SELECT FROM app_password WHERE secret_hash = ${hash} AND wipe_requested_at IS NOT NULL AND wiped_at IS NULL`.execute(
        deps.store.read,
      )
    : { rows: [] };
  if (rows.length === 0) await charge(deps, remoteAddress);
  return rows.length > 0;
}

/**
 * The device says that it has forgotten all. Once.
 * @param tell in the same transaction
 * @returns undefined when it was not asked to
 * @throws DomainError `throttled`
 */
export async function finishWipe(
  deps: IdentityDeps,
  secret: string,
  remoteAddress: string,
  tell: (tx: Transactor, device: WipedDevice) => Promise<void>,
): Promise<WipedDevice | undefined> {
  const hash = hashOf(deps, secret);
  const device = hash
    ? await deps.store.transact(async (tx) => {
        const done = await sql<{ organization_id: string; principal_id: string; name: string }>`
          UPDATE app_password SET wiped_at = now()
          WHERE secret_hash = ${hash} AND wipe_requested_at IS NOT NULL AND wiped_at IS NULL
          RETURNING organization_id, principal_id, name`.execute(tx);
        const row = done.rows[0];
        if (!row) return undefined;
        const wiped = { organizationId: row.organization_id, principalId: row.principal_id, name: row.name };
        await tell(tx, wiped);
        return wiped;
      })
    : undefined;
  if (!device) await charge(deps, remoteAddress);
  return device;
}

function hashOf(deps: IdentityDeps, secret: string): Buffer | undefined {
  const normalized = normalizeAppPassword(secret);
  return looksLikeAppPassword(normalized) ? deps.secrets.hashToken(appPasswordPurpose, normalized) : undefined;
}

async function charge(deps: IdentityDeps, remoteAddress: string): Promise<void> {
  const network = deps.secrets.hashToken("throttle", `wipe\0${networkOf(remoteAddress)}`);
  await chargeAttempt(deps.store, `wipe:${network.toString("base64url")}`, policy);
}
