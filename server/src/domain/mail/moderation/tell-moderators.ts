import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import type { Reader, Transactor } from "../../../store/database.ts";
import type { OutboxRow } from "../../../store/outbox/outbox.ts";
import { addMessages, type MessageAddition } from "../add-messages.ts";
import { beginNotice } from "../delivery/begin-notice.ts";
import type { DeliveryDeps } from "../delivery/delivery-deps.ts";
import { findRecipient } from "../delivery/resolve-recipient.ts";
import { composeModerationRequest } from "./compose-moderation-request.ts";
import { linkPurpose } from "./held-message.ts";
import type { ModerationOrder } from "./hold-message.ts";

/**
 * Outbox handler: mails each moderator of the group a link of their own to decide by; its administrators when the group has no
 * moderator left. The link is in nobody's hands but theirs: the database keeps its hash.
 * @param mailOrigin where the page of the link is, such as `https://mail.example.org`
 */
export function tellModerators(
  deps: DeliveryDeps,
  mailOrigin: () => string,
): (tx: Transactor, row: OutboxRow) => Promise<void> {
  return async (tx, { organizationId, payload }) => {
    const { heldId } = payload as ModerationOrder;
    const held = await tx
      .selectFrom("held_message as h")
      .innerJoin("principal as p", (join) =>
        join.onRef("p.organization_id", "=", "h.organization_id").onRef("p.id", "=", "h.group_id"),
      )
      .select(["h.group_id", "h.address", "h.author", "h.subject", "h.preview", "h.return_at", "p.display_name"])
      .where("h.organization_id", "=", organizationId)
      .where("h.id", "=", heldId)
      .where("h.state", "=", "held")
      .executeTakeFirst();
    if (!held) return;
    const additions: MessageAddition[] = [];
    for (const moderator of await findModerators(tx, organizationId, held.group_id)) {
      const recipient = await findRecipient(tx, moderator.address).catch(() => undefined);
      if (!recipient) continue;
      const token = randomBytes(24).toString("base64url");
      await tx
        .insertInto("moderation_link")
        .values({
          token_hash: deps.secrets.hashToken(linkPurpose, token),
          organization_id: organizationId,
          held_id: heldId,
          moderator_id: moderator.id,
        })
        .execute();
      const request = {
        to: moderator.address,
        timeZone: moderator.time_zone,
        groupName: held.display_name,
        groupAddress: held.address,
        author: held.author,
        subject: held.subject,
        preview: held.preview,
        returnAt: held.return_at,
        link: `${mailOrigin()}/moderation/${token}`,
        hostName: deps.hostName,
      };
      const now = new Date();
      additions.push(...(await beginNotice(tx, deps, composeModerationRequest(request, now), [recipient], now)));
    }
    await addMessages(tx, additions);
  };
}

interface Moderator {
  id: string;
  address: string;
  time_zone: string;
}

async function findModerators(reader: Reader, organizationId: string, groupId: string): Promise<Moderator[]> {
  const people = sql`
    SELECT p.id, a.address, p.time_zone FROM principal p
    JOIN address a ON a.organization_id = p.organization_id AND a.principal_id = p.id AND a.kind = 'primary'
    WHERE p.organization_id = ${organizationId} AND p.state = 'active' AND p.kind IN ('person', 'shared_mailbox')`;
  const named = await sql<Moderator>`${people} AND EXISTS (SELECT FROM group_moderator m
    WHERE m.organization_id = ${organizationId} AND m.group_id = ${groupId} AND m.principal_id = p.id) ORDER BY p.id`.execute(
    reader,
  );
  if (named.rows.length > 0) return named.rows;
  const others = await sql<Moderator>`${people} AND EXISTS (SELECT FROM principal_role r
    WHERE r.organization_id = ${organizationId} AND r.role = 'member_administrator' AND r.principal_id = p.id) ORDER BY p.id`.execute(
    reader,
  );
  return others.rows;
}
