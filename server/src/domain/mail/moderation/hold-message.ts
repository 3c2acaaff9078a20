import type { Blobs } from "../../../store/blobs/blobs.ts";
import type { Transactor } from "../../../store/database.ts";
import { enqueue } from "../../../store/outbox/outbox.ts";
import { uuidv7 } from "../../../store/uuid.ts";
import type { IncomingMessage } from "../delivery/incoming-message.ts";
import type { Hold } from "../delivery/prepared-delivery.ts";
import { proofOfSender } from "../delivery/proof-of-sender.ts";
import { storableLine } from "../storable-line.ts";

/** Unanswered for so long, a message is returned to its author. */
const heldDays = 5;
/** Of what is shown of the message, in characters. */
const maxText = 1_000;

export const heldReference = "held";

/** Outbox topic: the moderators of a held message are to be told. */
export const moderationTopic = "mail.moderation";

/** Payload of `moderationTopic`. */
export interface ModerationOrder {
  heldId: string;
}

/** Keeps a message until a moderator of the group decides, and orders the mail that tells them, in the transaction of the delivery. */
export async function holdMessage(
  tx: Transactor,
  blobs: Blobs,
  held: {
    organizationId: string;
    hold: Hold;
    message: IncomingMessage;
    /** Of the organization, inserted. */
    blob: { id: string; size: number };
    reachedAccounts: readonly string[];
    reachedAddresses: readonly string[];
  },
): Promise<void> {
  const { organizationId, hold, message, blob } = held;
  const { analyzed, sender } = message;
  const id = uuidv7();
  const author = analyzed.from[0];
  await tx
    .insertInto("held_message")
    .values({
      organization_id: organizationId,
      id,
      group_id: hold.groupId,
      address: hold.address,
      sender,
      author: storableLine(
        author ? (author.name ? `${author.name} <${author.email}>` : author.email) : sender,
        maxText,
      ),
      subject: storableLine(analyzed.subject, maxText),
      preview: storableLine(analyzed.preview, maxText),
      message_header_id: analyzed.messageId === null ? null : storableLine(analyzed.messageId, maxText),
      blob_id: blob.id,
      size: blob.size,
      is_sender_known: sender !== "" && proofOfSender(message) === "proved",
      accepted_by: [...hold.acceptedBy],
      reached_accounts: [...held.reachedAccounts],
      reached_addresses: [...held.reachedAddresses],
      received_at: message.receivedAt,
      return_at: new Date(Date.now() + heldDays * 86_400_000),
    })
    .execute();
  await blobs.addReference(tx, organizationId, blob.id, heldReference, id);
  const payload: ModerationOrder = { heldId: id };
  await enqueue(tx, { topic: moderationTopic, organizationId, payload });
}
