import { sql } from "kysely";
import type { IdentityDeps } from "./identity-deps.ts";
import { mayWork, toViewer, type ViewerRow, viewerColumns } from "./load-viewer.ts";
import {
  idleDays,
  longestDays,
  type OpenSession,
  type ServiceName,
  sessionTokenPurpose,
  touchSeconds,
} from "./sessions.ts";

/**
 * The open session of a cookie on one service's origin; a cookie of another service opens nothing. Being asked counts as being
 * seen, at most every five minutes.
 * @returns undefined when there is none, it is over or revoked, or the person may not work any more
 */
export async function findSession(
  deps: IdentityDeps,
  service: ServiceName,
  token: string,
  remoteAddress: string,
): Promise<OpenSession | undefined> {
  if (!/^[\w-]{43}$/.test(token)) return undefined;
  const { rows } = await sql<
    ViewerRow & {
      id: string;
      family_id: string;
      csrf_token: string;
      signed_in_at: Date;
      expires_at: Date;
      last_seen_at: Date;
      stale: boolean;
    }
  >`
    SELECT ${viewerColumns}, s.id, s.family_id, s.csrf_token, s.signed_in_at, s.expires_at, s.last_seen_at,
      s.last_seen_at < now() - make_interval(secs => ${touchSeconds}) AS stale
    FROM session s JOIN principal p ON p.organization_id = s.organization_id AND p.id = s.principal_id
    WHERE s.token_hash = ${deps.secrets.hashToken(sessionTokenPurpose, token)} AND s.service = ${service}
      AND s.revoked_at IS NULL AND s.expires_at > now() AND ${mayWork}`.execute(deps.store.read);
  const row = rows[0];
  if (!row) return undefined;
  if (row.stale) await touch(deps, row, remoteAddress);
  return {
    id: row.id,
    familyId: row.family_id,
    service,
    csrfToken: row.csrf_token,
    viewer: toViewer(row),
    signedInAt: row.signed_in_at,
    expiresAt: row.expires_at,
    lastSeenAt: row.last_seen_at,
  };
}

/** The whole family lives on when one of its services is used. */
async function touch(
  deps: IdentityDeps,
  session: { organization_id: string; principal_id: string; id: string; family_id: string },
  remoteAddress: string,
): Promise<void> {
  await deps.store.transact(async (tx) => {
    const touched = await sql`
      UPDATE session SET last_seen_at = now(), remote_address = ${remoteAddress}
      WHERE organization_id = ${session.organization_id} AND id = ${session.id}
        AND last_seen_at < now() - make_interval(secs => ${touchSeconds})`.execute(tx);
    if (!touched.numAffectedRows) return; // another request was first
    await sql`
      UPDATE session SET expires_at = least(now() + make_interval(days => ${idleDays}), signed_in_at + make_interval(days => ${longestDays}))
      WHERE organization_id = ${session.organization_id} AND family_id = ${session.family_id} AND revoked_at IS NULL`.execute(
      tx,
    );
    await sql`
      UPDATE presence SET last_seen_at = now()
      WHERE organization_id = ${session.organization_id} AND principal_id = ${session.principal_id}`.execute(tx);
  });
}

/** Whether a sign-in goes on, without counting as being seen: for streams that stay open. */
export async function isSignInOpen(
  deps: Pick<IdentityDeps, "store">,
  session: Pick<OpenSession, "id" | "viewer">,
): Promise<boolean> {
  const { rows } = await sql`
    SELECT FROM session s JOIN principal p ON p.organization_id = s.organization_id AND p.id = s.principal_id
    WHERE s.organization_id = ${session.viewer.organizationId} AND s.id = ${session.id}
      AND s.revoked_at IS NULL AND s.expires_at > now() AND ${mayWork}`.execute(deps.store.read);
  return rows.length > 0;
}
