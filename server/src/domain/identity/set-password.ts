import { randomInt } from "node:crypto";
import { sql } from "kysely";
import type { Reader, Transactor } from "../../store/database.ts";
import { DomainError } from "../errors.ts";
import { assessPassword, type PasswordAssessment } from "./assess-password.ts";
import { hashPassword } from "./hash-password.ts";
import type { IdentityDeps, PrincipalKey } from "./identity-deps.ts";
import { revokeFamilies } from "./revoke-sessions.ts";
import { verifyCredentials } from "./verify-credentials.ts";
import type { Viewer } from "./viewer.ts";

/** What this person's password must not be made of: names, addresses, organization, commune. */
async function readPersonalWords(reader: Reader, person: PrincipalKey): Promise<string[]> {
  const { rows } = await sql<{ words: (string | null)[] }>`
    SELECT ARRAY[p.display_name, p.given_name, p.family_name, p.job_title, o.name]
      || ARRAY(SELECT a.address FROM address a WHERE a.organization_id = p.organization_id AND a.principal_id = p.id)
      || ARRAY(SELECT d.name FROM domain d WHERE d.organization_id = p.organization_id) AS words
    FROM principal p JOIN organization o ON o.id = p.organization_id
    WHERE p.organization_id = ${person.organizationId} AND p.id = ${person.principalId}`.execute(reader);
  return (rows[0]?.words ?? []).filter((word) => word !== null);
}

/** Judges a password for this person; nothing of it is kept. */
export async function checkPassword(
  reader: Reader,
  person: PrincipalKey,
  password: string,
): Promise<PasswordAssessment> {
  return assessPassword(password, await readPersonalWords(reader, person));
}

/** @throws DomainError `weak_password` (data.reasons, data.bits) */
export async function requireGoodPassword(reader: Reader, person: PrincipalKey, password: string): Promise<void> {
  const { acceptable, reasons, bits } = await checkPassword(reader, person, password);
  if (!acceptable) {
    throw new DomainError("weak_password", "This password is too easy to guess", { data: { reasons, bits } });
  }
}

/**
 * Writes a hash made by `hashPassword` and ends the sign-ins that the old password had opened.
 * @param keptFamilyId the sign-in that changes it, which goes on
 */
export async function storePasswordHash(
  tx: Transactor,
  person: PrincipalKey,
  hash: string,
  keptFamilyId?: string,
): Promise<void> {
  await sql`
    INSERT INTO password (organization_id, principal_id, hash) VALUES (${person.organizationId}, ${person.principalId}, ${hash})
    ON CONFLICT (organization_id, principal_id) DO UPDATE SET hash = excluded.hash, changed_at = now()`.execute(tx);
  await tx
    .deleteFrom("password_reset_link")
    .where("organization_id", "=", person.organizationId)
    .where("principal_id", "=", person.principalId)
    .where("used_at", "is", null)
    .execute();
  await revokeFamilies(tx, person, keptFamilyId === undefined ? "all" : { except: keptFamilyId });
}

/**
 * Gives a person a password, for whoever administers the machine (command line, demonstration). App passwords stay.
 * @throws DomainError `not_found` when there is no such person, `weak_password`
 */
export async function setPassword(
  deps: Pick<IdentityDeps, "store">,
  person: PrincipalKey,
  password: string,
): Promise<void> {
  const found = await deps.store.read
    .selectFrom("principal")
    .select("id")
    .where("organization_id", "=", person.organizationId)
    .where("id", "=", person.principalId)
    .where("kind", "=", "person")
    .executeTakeFirst();
  if (!found) throw new DomainError("not_found", "There is no such person");
  await requireGoodPassword(deps.store.read, person, password);
  const hash = await hashPassword(password);
  await deps.store.transact((tx) => storePasswordHash(tx, person, hash));
}

/**
 * A person changes their own password; their other sign-ins end, devices with app passwords go on.
 * @throws DomainError `wrong_credentials` or `throttled` for the current one, `weak_password` (also `same_as_current`)
 */
export async function changePassword(
  deps: IdentityDeps,
  viewer: Viewer,
  change: { current: string; next: string; keptFamilyId: string; remoteAddress: string },
): Promise<void> {
  await verifyCredentials(deps, {
    login: viewer.uid,
    password: change.current,
    remoteAddress: change.remoteAddress,
  });
  if (change.next.normalize("NFKC") === change.current.normalize("NFKC")) {
    throw new DomainError("weak_password", "This is the current password", { data: { reasons: ["same_as_current"] } });
  }
  await requireGoodPassword(deps.store.read, viewer, change.next);
  const hash = await hashPassword(change.next);
  await deps.store.transact((tx) => storePasswordHash(tx, viewer, hash, change.keptFamilyId));
}

/** A password to hand over: 16 characters in groups that can be read aloud, 80 bits. */
export function generatePassword(): string {
  const letters = "abcdefghijkmnpqrstuvwxyz23456789";
  const group = () => Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join("");
  return [group(), group(), group(), group()].join("-");
}
