import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import type { Reader, Transactor } from "../../store/database.ts";
import { DomainError } from "../errors.ts";
import { hashPassword } from "./hash-password.ts";
import type { IdentityDeps, PrincipalKey } from "./identity-deps.ts";
import { requireAdministrator } from "./require-administrator.ts";
import { requireGoodPassword, storePasswordHash } from "./set-password.ts";
import type { Viewer } from "./viewer.ts";

const purpose = "password-reset";
const validHours = 72;

/** Shown once to whoever made it. */
export interface ResetLink {
  readonly token: string;
  readonly expiresAt: Date;
}

/** What the page of a link shows. */
export interface ResetLinkInfo {
  readonly displayName: string;
  readonly login: string;
  readonly expiresAt: Date;
}

/**
 * An administrator makes a one-time link for a person of their own organization; earlier links of that person end.
 * @param uid the person's
 * @throws DomainError `forbidden` when the viewer does not administer, `not_found` for anyone outside their organization
 */
export async function createResetLink(deps: IdentityDeps, viewer: Viewer, uid: string): Promise<ResetLink> {
  requireAdministrator(viewer);
  const person = await deps.store.read
    .selectFrom("principal")
    .select("id")
    .where("organization_id", "=", viewer.organizationId)
    .where("uid", "=", uid)
    .where("kind", "=", "person")
    .where("state", "=", "active")
    .executeTakeFirst();
  if (!person) throw new DomainError("not_found", "There is no such person");
  return createResetLinkFor(
    deps,
    { organizationId: viewer.organizationId, principalId: person.id },
    viewer.principalId,
  );
}

/** The same for whoever administers the machine: the command line, the demonstration. */
async function createResetLinkFor(deps: IdentityDeps, person: PrincipalKey, createdBy?: string): Promise<ResetLink> {
  const token = randomBytes(24).toString("base64url");
  const expiresAt = new Date(Date.now() + validHours * 3_600_000);
  await deps.store.transact(async (tx) => {
    await tx
      .deleteFrom("password_reset_link")
      .where("organization_id", "=", person.organizationId)
      .where("principal_id", "=", person.principalId)
      .where("used_at", "is", null)
      .execute();
    await tx
      .insertInto("password_reset_link")
      .values({
        token_hash: deps.secrets.hashToken(purpose, token),
        organization_id: person.organizationId,
        principal_id: person.principalId,
        created_by: createdBy ?? null,
        expires_at: expiresAt,
      })
      .execute();
  });
  return { token, expiresAt };
}

/** @throws DomainError `expired` when the link was used, is too old or never was: it does not say which */
export async function readResetLink(deps: IdentityDeps, token: string): Promise<ResetLinkInfo & PrincipalKey> {
  return findLink(deps, deps.store.read, token);
}

/**
 * The person chooses a password with the link, which then ends, as do their open sign-ins.
 * @throws DomainError `expired`, `weak_password`
 */
export async function resetPassword(deps: IdentityDeps, token: string, password: string): Promise<void> {
  const person = await findLink(deps, deps.store.read, token);
  await requireGoodPassword(deps.store.read, person, password);
  const hash = await hashPassword(password);
  await deps.store.transact(async (tx) => {
    const link = await findLink(deps, tx, token, "and lock");
    await tx
      .updateTable("password_reset_link")
      .set({ used_at: new Date() })
      .where("token_hash", "=", deps.secrets.hashToken(purpose, token))
      .execute();
    await storePasswordHash(tx, link, hash);
  });
}

async function findLink(
  deps: IdentityDeps,
  reader: Reader | Transactor,
  token: string,
  locking?: "and lock",
): Promise<ResetLinkInfo & PrincipalKey> {
  const gone = new DomainError("expired", "This link has been used or its time is over");
  if (!/^[\w-]{32}$/.test(token)) throw gone;
  const { rows } = await sql<{
    organization_id: string;
    principal_id: string;
    expires_at: Date;
    display_name: string;
    login: string;
  }>`
    SELECT k.organization_id, k.principal_id, k.expires_at, p.display_name, coalesce(a.address, p.uid) AS login
    FROM password_reset_link k
    JOIN principal p ON p.organization_id = k.organization_id AND p.id = k.principal_id AND p.state = 'active'
    LEFT JOIN address a ON a.organization_id = p.organization_id AND a.principal_id = p.id AND a.kind = 'primary'
    WHERE k.token_hash = ${deps.secrets.hashToken(purpose, token)} AND k.used_at IS NULL AND k.expires_at > now()
    ${locking ? sql`FOR UPDATE OF k` : sql``}`.execute(reader);
  const row = rows[0];
  if (!row) throw gone;
  return {
    organizationId: row.organization_id,
    principalId: row.principal_id,
    displayName: row.display_name,
    login: row.login,
    expiresAt: row.expires_at,
  };
}
