import { sql } from "kysely";
import type { Store } from "../../store/database.ts";

/** A record of the OpenID provider: its session, an interaction, a code, a token, a grant. */
export type OidcPayload = Record<string, unknown>;

export interface OidcRecord {
  payload: OidcPayload;
  /** The sign-in that it belongs to. */
  familyId: string | undefined;
}

interface Row {
  payload: OidcPayload;
  consumed_at: Date | null;
  family_id: string | null;
}

const columns = sql`payload, consumed_at, family_id`;
// A record of a sign-in that is over does not exist, whoever still holds its identifier. What a mail program was allowed
// outlives the browser's sign-in, until the person revokes it.
const alive = sql`(expires_at IS NULL OR expires_at > now()) AND (family_id IS NULL OR EXISTS (
  SELECT FROM session s WHERE s.family_id = oidc_record.family_id AND s.service = 'portal' AND s.revoked_at IS NULL AND s.expires_at > now())
  OR EXISTS (SELECT FROM app_password w WHERE w.id = oidc_record.family_id AND w.revoked_at IS NULL))`;

function toRecord(row: Row | undefined): OidcRecord | undefined {
  if (!row) return undefined;
  const consumed = row.consumed_at && { consumed: Math.floor(row.consumed_at.getTime() / 1000) };
  return { payload: { ...row.payload, ...consumed }, familyId: row.family_id ?? undefined };
}

/**
 * Writes a record. One that carries a grant belongs to the sign-in of that grant unless told otherwise.
 * @param ttlSeconds undefined: no end of its own
 */
export async function saveOidcRecord(
  store: Store,
  kind: string,
  id: string,
  record: { payload: OidcPayload; ttlSeconds: number | undefined; familyId: string | undefined },
): Promise<void> {
  const { payload, ttlSeconds, familyId } = record;
  const text = (value: unknown) => (typeof value === "string" ? value : null);
  const grantId = text(payload.grantId);
  await store.transact((tx) =>
    sql`
      INSERT INTO oidc_record (kind, id, payload, grant_id, uid, user_code, family_id, expires_at)
      VALUES (${kind}, ${id}, ${JSON.stringify(payload)}::jsonb, ${grantId}, ${text(payload.uid)}, ${text(payload.userCode)},
        coalesce(${familyId ?? null}::uuid, (SELECT g.family_id FROM oidc_record g WHERE g.kind = 'Grant' AND g.id = ${grantId})),
        now() + make_interval(secs => ${ttlSeconds ?? null}::float8))
      ON CONFLICT (kind, id) DO UPDATE SET payload = excluded.payload, grant_id = excluded.grant_id, uid = excluded.uid,
        user_code = excluded.user_code, family_id = coalesce(excluded.family_id, oidc_record.family_id),
        expires_at = excluded.expires_at`.execute(tx),
  );
}

export async function findOidcRecord(store: Store, kind: string, id: string): Promise<OidcRecord | undefined> {
  if (id.includes("\0")) return undefined; // PostgreSQL has no NUL in text
  const found = await sql<Row>`
    SELECT ${columns} FROM oidc_record WHERE kind = ${kind} AND id = ${id} AND ${alive}`.execute(store.read);
  return toRecord(found.rows[0]);
}

export async function findOidcRecordBy(
  store: Store,
  kind: string,
  key: "uid" | "user_code",
  value: string,
): Promise<OidcRecord | undefined> {
  if (value.includes("\0")) return undefined;
  const found = await sql<Row>`
    SELECT ${columns} FROM oidc_record WHERE kind = ${kind} AND ${sql.ref(key)} = ${value} AND ${alive}`.execute(
    store.read,
  );
  return toRecord(found.rows[0]);
}

/**
 * Marks a code or a token as used.
 * @returns false when it was used before: of two that use it at once only one gets true
 */
export async function consumeOidcRecord(store: Store, kind: string, id: string): Promise<boolean> {
  const result = await store.transact((tx) =>
    sql`UPDATE oidc_record SET consumed_at = now() WHERE kind = ${kind} AND id = ${id} AND consumed_at IS NULL`.execute(
      tx,
    ),
  );
  return result.numAffectedRows === 1n;
}

export async function deleteOidcRecord(store: Store, kind: string, id: string): Promise<void> {
  await store.transact((tx) => tx.deleteFrom("oidc_record").where("kind", "=", kind).where("id", "=", id).execute());
}

export async function deleteOidcRecordsOfGrant(store: Store, kind: string, grantId: string): Promise<void> {
  await store.transact((tx) =>
    tx.deleteFrom("oidc_record").where("kind", "=", kind).where("grant_id", "=", grantId).execute(),
  );
}

/** Whether a service still waits for this interaction. */
export async function isInteractionOpen(store: Store, uid: string): Promise<boolean> {
  return (await findOidcRecord(store, "Interaction", uid)) !== undefined;
}
