import { sql } from "kysely";
import { isUuid } from "../../../store/uuid.ts";
import { DomainError } from "../../errors.ts";
import { addMessages } from "../add-messages.ts";
import { beginDelivery } from "../delivery/deliver-message.ts";
import type { DeliveryDeps } from "../delivery/delivery-deps.ts";
import { prepareDelivery } from "../delivery/prepare-delivery.ts";
import type { ResolvedRecipient } from "../delivery/resolve-recipient.ts";
import { stageIncoming } from "../delivery/stage-incoming.ts";
import { decide, endIfDecided, type QuarantineScope } from "./quarantine.ts";
import type { QuarantineReason } from "./quarantine-message.ts";

/**
 * Delivers a message out of the quarantine to the accounts of the scope, through their filters, once: who decides second finds
 * nothing. It arrives now. A message with a virus is released by an administrator only.
 * @returns the accounts that got it
 * @throws DomainError `not_found`, `forbidden`
 */
export async function releaseQuarantined(deps: DeliveryDeps, scope: QuarantineScope, id: string): Promise<string[]> {
  const missing = new DomainError("not_found", "There is no such message in the quarantine");
  if (!isUuid(id)) throw missing;
  const row = await deps.store.read
    .selectFrom("quarantined_message")
    .select(["blob_id", "reason", "return_path"])
    .where("organization_id", "=", scope.organizationId)
    .where("id", "=", id)
    .executeTakeFirst();
  const recipients = row ? await waitingRecipients(deps, scope, id) : [];
  if (!row || recipients.length === 0) throw missing;
  if ((row.reason as QuarantineReason) === "virus" && !scope.mayReleaseViruses) {
    throw new DomainError("forbidden", "Only an administrator may release a message that holds malicious software");
  }
  const source = await deps.blobs.open(deps.store.read, scope.organizationId, row.blob_id);
  if (!source) throw missing;
  const { staged, analyzed } = await stageIncoming(deps, source.open());
  try {
    const prepared = await prepareDelivery(deps, {
      arrival: "released",
      sender: row.return_path,
      staged,
      analyzed,
      receivedAt: new Date(),
      recipients,
    });
    return await deps.store.transact(async (tx) => {
      const decided = await decide(tx, scope, id, "released");
      // Someone decided for one of them while the filters ran.
      if (decided.length !== recipients.length) throw missing;
      await endIfDecided(tx, deps.blobs, scope.organizationId, id);
      await addMessages(tx, await beginDelivery(tx, deps, prepared));
      return decided;
    });
  } catch (error) {
    await deps.blobs.discard(staged);
    throw error;
  }
}

async function waitingRecipients(
  deps: Pick<DeliveryDeps, "store">,
  scope: QuarantineScope,
  id: string,
): Promise<ResolvedRecipient[]> {
  const result = await sql<{ account_id: string; inbox_id: string; address: string | null }>`
    SELECT r.account_id, m.id AS inbox_id, d.address FROM quarantined_recipient r
    JOIN account a ON a.organization_id = r.organization_id AND a.id = r.account_id
    JOIN mailbox m ON m.organization_id = r.organization_id AND m.account_id = r.account_id AND m.role = 'inbox' AND m.deleted_at IS NULL
    LEFT JOIN address d ON d.organization_id = a.organization_id AND d.principal_id = a.owner_id AND d.kind = 'primary'
    WHERE r.organization_id = ${scope.organizationId} AND r.quarantine_id = ${id} AND r.state = 'kept'
      AND (${scope.accountId}::uuid IS NULL OR r.account_id = ${scope.accountId}::uuid)`.execute(deps.store.read);
  return result.rows.map((row) => ({
    kind: "account",
    organizationId: scope.organizationId,
    accountId: row.account_id,
    inboxId: row.inbox_id,
    address: row.address ?? "",
  }));
}
