import { sql } from "kysely";
import type { Reader, Store, Transactor } from "../../../store/database.ts";
import type { AccountKey } from "../../../store/feed/take-modseq.ts";
import { enqueue } from "../../../store/outbox/outbox.ts";
import { DomainError } from "../../errors.ts";
import type { PrincipalKey } from "../../identity/identity-deps.ts";
import type { Viewer } from "../../identity/viewer.ts";
import { holdMessagesOf, releaseHeld } from "../submission/held-messages.ts";
import type { PausedSenderOrder } from "./paused-sender-order.ts";
import { pausedSenderTopic } from "./paused-sender-order.ts";

export type PauseReason = "messages" | "recipients" | "unknown_recipients" | "networks" | "administrator";

export interface PausedSender {
  readonly organizationId: string;
  readonly principalId: string;
  readonly displayName: string;
  readonly address: string | undefined;
  readonly reason: PauseReason;
  readonly detail: string;
  readonly pausedAt: Date;
}

/**
 * Stops a person from sending until somebody lets them again: what they have in the queue is held, and they and their administrators
 * are told once, by a mail in the same transaction's outbox.
 * @returns false when they were paused already
 * @throws DomainError `not_found` when there is no such principal
 */
export async function pauseSender(
  store: Store,
  person: PrincipalKey,
  reason: PauseReason,
  detail: string,
): Promise<boolean> {
  const { organizationId, principalId } = person;
  return store.transact(async (tx) => {
    const known = await tx
      .selectFrom("principal")
      .select("id")
      .where("organization_id", "=", organizationId)
      .where("id", "=", principalId)
      .executeTakeFirst();
    if (!known) throw new DomainError("not_found", "There is no such person");
    const { rows } = await sql`
      INSERT INTO sending_pause AS s (organization_id, principal_id, reason, detail)
      VALUES (${organizationId}, ${principalId}, ${reason}, ${detail.slice(0, 500)})
      ON CONFLICT (organization_id, principal_id) DO UPDATE SET reason = excluded.reason, detail = excluded.detail,
        paused_at = now(), resumed_at = NULL, resumed_by = NULL
      WHERE s.resumed_at IS NOT NULL
      RETURNING principal_id`.execute(tx);
    if (rows.length === 0) return false;
    const account = await readAccount(tx, person);
    if (account) await holdMessagesOf(tx, account, heldReason);
    const payload: PausedSenderOrder = { principalId, reason, detail };
    await enqueue(tx, { topic: pausedSenderTopic, organizationId, payload });
    return true;
  });
}

/**
 * Lets a person send again: what was held leaves, and what they sent before counts no more.
 * @param by who did it, for the record
 * @throws DomainError `not_found` when nobody is paused so
 */
export async function resumeSender(
  store: Store,
  { organizationId, principalId }: PrincipalKey,
  by: string,
): Promise<void> {
  await store.transact(async (tx) => {
    const { numAffectedRows } = await sql`
      UPDATE sending_pause SET resumed_at = now(), resumed_by = ${by.slice(0, 200)}
      WHERE organization_id = ${organizationId} AND principal_id = ${principalId} AND resumed_at IS NULL`.execute(tx);
    if (!numAffectedRows) throw new DomainError("not_found", "This person is not paused");
    await sql`DELETE FROM sending_usage WHERE organization_id = ${organizationId} AND principal_id = ${principalId}`.execute(
      tx,
    );
    await sql`DELETE FROM sending_network WHERE organization_id = ${organizationId} AND principal_id = ${principalId}`.execute(
      tx,
    );
    const account = await readAccount(tx, { organizationId, principalId });
    if (account) await releaseHeld(tx, { account }, heldReason);
  });
}

/** By which what was held is found again. */
const heldReason = "sender_paused";

async function readAccount(tx: Transactor, person: PrincipalKey): Promise<AccountKey | undefined> {
  const row = await tx
    .selectFrom("account")
    .select("id")
    .where("organization_id", "=", person.organizationId)
    .where("owner_id", "=", person.principalId)
    .where("deleted_at", "is", null)
    .executeTakeFirst();
  return row && { organizationId: person.organizationId, accountId: row.id };
}

/** Whether a person may not send now. */
export async function isSenderPaused(reader: Reader, { organizationId, principalId }: PrincipalKey): Promise<boolean> {
  const row = await reader
    .selectFrom("sending_pause")
    .select("principal_id")
    .where("organization_id", "=", organizationId)
    .where("principal_id", "=", principalId)
    .where("resumed_at", "is", null)
    .executeTakeFirst();
  return row !== undefined;
}

/** Those who are paused; of one organization, or of all. */
export async function listPausedSenders(reader: Reader, organizationId?: string): Promise<PausedSender[]> {
  const { rows } = await sql<Row>`
    SELECT s.organization_id, s.principal_id, p.display_name, s.reason, s.detail, s.paused_at,
      (SELECT a.address FROM address a WHERE a.organization_id = p.organization_id AND a.principal_id = p.id AND a.kind = 'primary') AS address
    FROM sending_pause s JOIN principal p ON p.organization_id = s.organization_id AND p.id = s.principal_id
    WHERE s.resumed_at IS NULL AND (${organizationId ?? null}::uuid IS NULL OR s.organization_id = ${organizationId ?? null}::uuid)
    ORDER BY s.paused_at DESC, s.principal_id`.execute(reader);
  return rows.map((row) => ({
    organizationId: row.organization_id,
    principalId: row.principal_id,
    displayName: row.display_name,
    address: row.address ?? undefined,
    reason: row.reason,
    detail: row.detail,
    pausedAt: row.paused_at,
  }));
}

interface Row {
  organization_id: string;
  principal_id: string;
  display_name: string;
  address: string | null;
  reason: PauseReason;
  detail: string;
  paused_at: Date;
}

/** An administrator resumes those of their organization, an operator anybody. @throws DomainError `forbidden` */
export function requireSenderAdministrator(viewer: Viewer, organizationId: string): void {
  if (viewer.roles.has("operator")) return;
  if (viewer.roles.has("member_administrator") && viewer.organizationId === organizationId) return;
  throw new DomainError("forbidden", "Only an administrator may do this");
}
