import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import type { Transactor } from "../../store/database.ts";
import { isUuid, uuidv7 } from "../../store/uuid.ts";
import { DomainError } from "../errors.ts";
import type { IdentityDeps, PrincipalKey } from "./identity-deps.ts";
import { type ClientTraits, idleDays, longestDays, type ServiceName, sessionTokenPurpose } from "./sessions.ts";

/** The only time that the token exists outside the browser. */
export interface OpenedSession {
  readonly token: string;
  readonly familyId: string;
  readonly csrfToken: string;
}

/**
 * Opens the portal's session of a new sign-in. Always a new token and a new family, whatever the browser had before: a planted
 * cookie gains nothing.
 */
export async function openPortalSession(
  deps: IdentityDeps,
  person: PrincipalKey,
  client: ClientTraits,
): Promise<OpenedSession> {
  const familyId = uuidv7();
  return deps.store.transact(async (tx) => {
    const now = new Date();
    const opened = await insertSession(deps, tx, { person, familyId, service: "portal", client, signedInAt: now });
    await sql`
      INSERT INTO presence (organization_id, principal_id) VALUES (${person.organizationId}, ${person.principalId})
      ON CONFLICT (organization_id, principal_id) DO UPDATE SET last_seen_at = now()`.execute(tx);
    return opened;
  });
}

/**
 * Opens the session of a service in the sign-in that the provider vouched for.
 * @throws DomainError `unauthenticated` when that sign-in is over, or is another person's
 */
export async function openServiceSession(
  deps: IdentityDeps,
  request: { uid: string; familyId: string; service: ServiceName; client: ClientTraits },
): Promise<OpenedSession> {
  const over = new DomainError("unauthenticated", "The sign-in is over");
  if (!isUuid(request.familyId)) throw over;
  return deps.store.transact(async (tx) => {
    // Locked, so that signing out meanwhile revokes this one too.
    const { rows } = await sql<{ organization_id: string; principal_id: string; signed_in_at: Date }>`
      SELECT s.organization_id, s.principal_id, s.signed_in_at FROM session s
      JOIN principal p ON p.organization_id = s.organization_id AND p.id = s.principal_id
      WHERE s.family_id = ${request.familyId} AND s.service = 'portal' AND s.revoked_at IS NULL AND s.expires_at > now()
        AND p.uid = ${request.uid} AND p.state = 'active'
      FOR SHARE OF s`.execute(tx);
    const portal = rows[0];
    if (!portal) throw over;
    return insertSession(deps, tx, {
      person: { organizationId: portal.organization_id, principalId: portal.principal_id },
      familyId: request.familyId,
      service: request.service,
      client: request.client,
      signedInAt: portal.signed_in_at,
    });
  });
}

async function insertSession(
  deps: IdentityDeps,
  tx: Transactor,
  session: {
    person: PrincipalKey;
    familyId: string;
    service: ServiceName;
    client: ClientTraits;
    signedInAt: Date;
  },
): Promise<OpenedSession> {
  const token = randomBytes(32).toString("base64url");
  const csrfToken = randomBytes(24).toString("base64url");
  await tx
    .insertInto("session")
    .values({
      organization_id: session.person.organizationId,
      principal_id: session.person.principalId,
      family_id: session.familyId,
      service: session.service,
      token_hash: deps.secrets.hashToken(sessionTokenPurpose, token),
      csrf_token: csrfToken,
      user_agent: session.client.userAgent?.slice(0, 400).replaceAll("\0", "") ?? null,
      remote_address: session.client.remoteAddress,
      signed_in_at: session.signedInAt,
      expires_at: expiryOf(session.signedInAt),
    })
    .execute();
  return { token, familyId: session.familyId, csrfToken };
}

function expiryOf(signedInAt: Date): Date {
  const day = 86_400_000;
  return new Date(Math.min(Date.now() + idleDays * day, signedInAt.getTime() + longestDays * day));
}
