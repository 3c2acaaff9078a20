import { sql } from "kysely";
import type { Blobs } from "../../../store/blobs/blobs.ts";
import type { Reader, Store, Transactor } from "../../../store/database.ts";
import { isUuid } from "../../../store/uuid.ts";
import { DomainError } from "../../errors.ts";
import { type QuarantineReason, quarantineReferenceKind } from "./quarantine-message.ts";

/** Which part of the quarantine someone sees. */
export interface QuarantineScope {
  readonly organizationId: string;
  /** null: of the whole organization. */
  readonly accountId: string | null;
  readonly mayReleaseViruses: boolean;
  /** The person who decides; null for the command line. */
  readonly decidedBy: string | null;
}

export interface QuarantinedMessage {
  readonly id: string;
  readonly reason: QuarantineReason;
  readonly detail: string;
  readonly returnPath: string;
  readonly sender: string;
  readonly subject: string;
  readonly messageId: string | null;
  readonly receivedAt: Date;
  readonly size: number;
  /** Those of the scope that it still waits for. */
  readonly accounts: { readonly id: string; readonly name: string; readonly address: string | null }[];
}

interface Row {
  id: string;
  blob_id: string;
  reason: QuarantineReason;
  detail: string;
  return_path: string;
  sender: string;
  subject: string;
  message_id: string | null;
  received_at: Date;
  size: number;
  accounts: { id: string; name: string; address: string | null }[];
}

/**
 * What waits in the quarantine, the newest first.
 * @param options.before the id of the last one of the page before
 */
export async function listQuarantine(
  reader: Reader,
  scope: QuarantineScope,
  options: { readonly before?: string; readonly limit?: number } = {},
): Promise<QuarantinedMessage[]> {
  if (options.before !== undefined && !isUuid(options.before))
    throw new DomainError("invalid", "There is no such page");
  const result = await sql<Row>`
    SELECT q.id, q.blob_id, q.reason, q.detail, q.return_path, q.sender, q.subject, q.message_id, q.received_at, q.size, w.accounts
    FROM quarantined_message q
    CROSS JOIN LATERAL (
      SELECT jsonb_agg(jsonb_build_object('id', a.id, 'name', p.display_name, 'address', d.address) ORDER BY p.display_name) AS accounts
      FROM quarantined_recipient r
      JOIN account a ON a.organization_id = r.organization_id AND a.id = r.account_id
      JOIN principal p ON p.organization_id = a.organization_id AND p.id = a.owner_id
      LEFT JOIN address d ON d.organization_id = p.organization_id AND d.principal_id = p.id AND d.kind = 'primary'
      WHERE r.organization_id = q.organization_id AND r.quarantine_id = q.id AND r.state = 'kept'
        AND (${scope.accountId}::uuid IS NULL OR r.account_id = ${scope.accountId}::uuid)
    ) w
    WHERE q.organization_id = ${scope.organizationId} AND w.accounts IS NOT NULL
      AND (${options.before ?? null}::uuid IS NULL OR q.id < ${options.before ?? null}::uuid)
    ORDER BY q.id DESC LIMIT ${Math.min(options.limit ?? 100, 500)}`.execute(reader);
  return result.rows.map((row) => ({
    id: row.id,
    reason: row.reason,
    detail: row.detail,
    returnPath: row.return_path,
    sender: row.sender,
    subject: row.subject,
    messageId: row.message_id,
    receivedAt: row.received_at,
    size: row.size,
    accounts: row.accounts,
  }));
}

/** Gives a message up for the accounts of the scope. @throws DomainError `not_found` */
export async function deleteQuarantined(
  deps: { readonly store: Store; readonly blobs: Blobs },
  scope: QuarantineScope,
  id: string,
): Promise<void> {
  await deps.store.transact(async (tx) => {
    await decide(tx, scope, id, "deleted");
    await endIfDecided(tx, deps.blobs, scope.organizationId, id);
  });
}

/**
 * Takes the decision for the accounts of the scope that have none yet, once: two who decide at the same time do not both get them.
 * @returns their ids @throws DomainError `not_found`
 */
export async function decide(
  tx: Transactor,
  scope: QuarantineScope,
  id: string,
  state: "released" | "deleted",
): Promise<string[]> {
  const decided = isUuid(id)
    ? await sql<{ account_id: string }>`
        UPDATE quarantined_recipient SET state = ${state}, decided_by = ${scope.decidedBy}, decided_at = now()
        WHERE organization_id = ${scope.organizationId} AND quarantine_id = ${id} AND state = 'kept'
          AND (${scope.accountId}::uuid IS NULL OR account_id = ${scope.accountId}::uuid)
        RETURNING account_id`.execute(tx)
    : { rows: [] };
  if (decided.rows.length === 0) throw new DomainError("not_found", "There is no such message in the quarantine");
  return decided.rows.map((row) => row.account_id);
}

/** Lets go of the bytes when nobody has to decide any more. */
export async function endIfDecided(tx: Transactor, blobs: Blobs, organizationId: string, id: string): Promise<void> {
  const ended = await sql`
    DELETE FROM quarantined_message q
    WHERE q.organization_id = ${organizationId} AND q.id = ${id} AND NOT EXISTS (
      SELECT FROM quarantined_recipient r
      WHERE r.organization_id = q.organization_id AND r.quarantine_id = q.id AND r.state = 'kept')`.execute(tx);
  if (ended.numAffectedRows) await blobs.removeReferences(tx, organizationId, quarantineReferenceKind, [id]);
}

const batch = 500;

/** Ends the time of what nobody asked for. @param before received earlier @returns how many messages went */
export async function purgeQuarantine(
  deps: { readonly store: Store; readonly blobs: Blobs },
  before: Date,
): Promise<number> {
  let purged = 0;
  for (;;) {
    const gone = await deps.store.transact(async (tx) => {
      const result = await sql<{ organization_id: string; id: string }>`
        DELETE FROM quarantined_message WHERE (organization_id, id) IN (
          SELECT organization_id, id FROM quarantined_message WHERE received_at < ${before} ORDER BY received_at
          LIMIT ${batch} FOR UPDATE SKIP LOCKED)
        RETURNING organization_id, id`.execute(tx);
      for (const row of result.rows) {
        await deps.blobs.removeReferences(tx, row.organization_id, quarantineReferenceKind, [row.id]);
      }
      return result.rows.length;
    });
    purged += gone;
    if (gone < batch) return purged;
  }
}
