import { sql } from "kysely";
import type { Blobs } from "../../../store/blobs/blobs.ts";
import type { Transactor } from "../../../store/database.ts";
import { uuidv7 } from "../../../store/uuid.ts";
import type { IncomingMessage } from "../delivery/incoming-message.ts";
import { storableLine } from "../storable-line.ts";
import type { Judgement } from "./judge-screening.ts";

export type QuarantineReason = "virus" | "spam" | "policy" | "sender";

/** What holds the blob of a quarantined message. */
export const quarantineReferenceKind = "quarantine";

/**
 * Puts a message into the quarantine for accounts of one organization, in the transaction that takes it and before the feeds.
 * @param blobId a blob of the organization, already inserted
 * @param judgement of `judgeForAccount`
 * @returns its id in the quarantine
 */
export async function quarantineMessage(
  tx: Transactor,
  deps: { readonly blobs: Blobs },
  organizationId: string,
  accountIds: readonly string[],
  { message, blobId, judgement }: { message: IncomingMessage; blobId: string; judgement: Judgement },
): Promise<string> {
  const { analyzed } = message;
  const id = uuidv7();
  await deps.blobs.addReference(tx, organizationId, blobId, quarantineReferenceKind, id);
  await tx
    .insertInto("quarantined_message")
    .values({
      organization_id: organizationId,
      id,
      blob_id: blobId,
      size: message.staged.size,
      reason: judgement.reason === "none" ? "spam" : judgement.reason,
      detail: storableLine(judgement.text, 500),
      return_path: storableLine(message.sender, 320),
      sender: storableLine(analyzed.from[0]?.email ?? "", 320),
      subject: storableLine(analyzed.subject, 500),
      message_id: analyzed.messageId === null ? null : storableLine(analyzed.messageId, 500),
      received_at: message.receivedAt,
    })
    .execute();
  await sql`
    INSERT INTO quarantined_recipient (organization_id, quarantine_id, account_id)
    SELECT DISTINCT ${organizationId}::uuid, ${id}::uuid, a FROM unnest(${accountIds as string[]}::uuid[]) AS t (a)`.execute(
    tx,
  );
  return id;
}
