import { sql } from "kysely";
import type { Reader } from "../../store/database.ts";
import { DomainError } from "../errors.ts";
import { dummyHash, hashPassword, isOutdatedHash, matchesPassword } from "./hash-password.ts";
import type { IdentityDeps } from "./identity-deps.ts";
import { mayWork, toViewer, type ViewerRow, viewerColumns } from "./load-viewer.ts";
import { networkOf } from "./network-of.ts";
import { normalizeAddress } from "./normalize-address.ts";
import { chargeAttempt, forgetFailures, refundAttempt, type ThrottlePolicy } from "./throttle.ts";
import type { Viewer } from "./viewer.ts";

/** CNIL recommendation 2022-100: a password of 50 bits needs tries that are slowed down. */
export const nameAndNetworkPolicy: ThrottlePolicy = { freeTries: 5, windowSeconds: 86_400, firstBlockSeconds: 60 };
/** Guesses at one name from many networks; a network the person has used before is not counted. */
export const namePolicy: ThrottlePolicy = { freeTries: 25, windowSeconds: 86_400, firstBlockSeconds: 60 };
/** Guesses at many names; a whole town hall may stand behind one network. */
export const networkPolicy: ThrottlePolicy = { freeTries: 100, windowSeconds: 3_600, firstBlockSeconds: 60 };

export interface Credentials {
  login: string;
  password: string;
  remoteAddress: string;
}

/**
 * Checks what a person typed at the sign-in page. Tries are counted per name and network, per network, and per name over
 * networks the person has not used before; open sessions and devices notice nothing. An unknown name costs the same time.
 * @throws DomainError `wrong_credentials` (data.attemptsLeft), `throttled`, `unavailable`
 */
export async function verifyCredentials(deps: IdentityDeps, credentials: Credentials): Promise<Viewer> {
  const { store, secrets } = deps;
  const login = normalizeLogin(credentials.login);
  const network = networkOf(credentials.remoteAddress);
  // Hashed: what is typed as a name is sometimes the password.
  const keyOf = (kind: string, ...parts: string[]) =>
    `${kind}:${secrets.hashToken("throttle", [kind, ...parts].join("\0")).toString("base64url")}`;
  const nameAndNetwork = keyOf("sign-in", login, network);
  const wholeNetwork = keyOf("sign-in-network", network);
  const wholeName = keyOf("sign-in-name", login);

  const known = await findPerson(store.read, login, network);
  const countsForName = !known?.used_network;
  const charges: [key: string, policy: ThrottlePolicy][] = [
    [wholeNetwork, networkPolicy],
    ...(countsForName ? [[wholeName, namePolicy] as [string, ThrottlePolicy]] : []),
    [nameAndNetwork, nameAndNetworkPolicy],
  ];
  const triesLeft = await chargeAll(deps, charges);
  let matches: boolean;
  try {
    matches = await matchesPassword(credentials.password, known?.hash ?? dummyHash);
  } catch (error) {
    // Not judged, so not counted.
    for (const [key] of charges) await refundAttempt(store, key);
    throw error;
  }
  if (!known || !matches) {
    throw new DomainError("wrong_credentials", "The name or the password is not right", {
      detail: known ? "wrong password" : "unknown name",
      data: { attemptsLeft: triesLeft },
    });
  }
  await forgetFailures(store, nameAndNetwork);
  await refundAttempt(store, wholeNetwork);
  if (countsForName) await refundAttempt(store, wholeName);
  if (isOutdatedHash(known.hash!)) await rehash(deps, known, credentials.password);
  return toViewer(known);
}

/** Charges all or none: a try that one of them refuses is not judged, so it counts for none. */
async function chargeAll(deps: IdentityDeps, charges: [key: string, policy: ThrottlePolicy][]): Promise<number> {
  let triesLeft = Number.POSITIVE_INFINITY;
  const charged: string[] = [];
  try {
    for (const [key, policy] of charges) {
      triesLeft = Math.min(triesLeft, (await chargeAttempt(deps.store, key, policy)).triesLeft);
      charged.push(key);
    }
  } catch (error) {
    for (const key of charged) await refundAttempt(deps.store, key);
    throw error;
  }
  return triesLeft;
}

/** The comparison form of what is typed as a name: an address as it is stored, or the immutable uid. */
export function normalizeLogin(login: string): string {
  try {
    return normalizeAddress(login).address;
  } catch {
    return login.trim().normalize("NFC").toLowerCase();
  }
}

interface PersonRow extends ViewerRow {
  hash: string | null;
  used_network: boolean;
}

async function findPerson(reader: Reader, login: string, network: string): Promise<PersonRow | undefined> {
  if (/[\0]/.test(login)) return undefined; // PostgreSQL has no NUL in text
  const { rows } = await sql<Omit<PersonRow, "used_network"> & { addresses: (string | null)[] }>`
    SELECT ${viewerColumns}, w.hash,
      ARRAY(SELECT DISTINCT s.remote_address FROM session s WHERE s.organization_id = p.organization_id
        AND s.principal_id = p.id AND s.signed_in_at > now() - interval '90 days') AS addresses
    FROM login l
    JOIN principal p ON p.organization_id = l.organization_id AND p.id = l.principal_id AND ${mayWork}
    LEFT JOIN password w ON w.organization_id = p.organization_id AND w.principal_id = p.id
    WHERE l.login = ${login}`.execute(reader);
  const row = rows[0];
  if (!row) return undefined;
  return { ...row, used_network: row.addresses.some((address) => address !== null && networkOf(address) === network) };
}

async function rehash(deps: IdentityDeps, row: PersonRow, password: string): Promise<void> {
  const hash = await hashPassword(password);
  await deps.store.transact((tx) =>
    tx
      .updateTable("password")
      .set({ hash })
      .where("organization_id", "=", row.organization_id)
      .where("principal_id", "=", row.principal_id)
      .where("hash", "=", row.hash)
      .execute(),
  );
}
