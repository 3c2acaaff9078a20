import { sql } from "kysely";
import type { Reader } from "../../../store/database.ts";
import { isUuid } from "../../../store/uuid.ts";
import { DomainError } from "../../errors.ts";
import type { ServerSecrets } from "../../identity/server-secrets.ts";
import type { Viewer } from "../../identity/viewer.ts";

/** A message that waits for a moderator, as a screen shows it. */
export interface HeldMessage {
  id: string;
  groupId: string;
  groupName: string;
  /** Of the group, as the sender wrote it. */
  address: string;
  /** Return path. */
  sender: string;
  /** Of From. */
  author: string;
  subject: string;
  preview: string;
  /** In bytes. */
  size: number;
  receivedAt: Date;
  /** Returned to the author then. */
  returnAt: Date;
  /** Whether the return path was proven: nothing is sent to others, who may have written nothing. */
  isSenderKnown: boolean;
}

/** What deciding needs to know. */
export interface HeldRow extends HeldMessage {
  organizationId: string;
  state: "held" | "accepted" | "refused" | "returned";
  blobId: string;
  messageId: string | null;
  acceptedBy: string[];
  reachedAccounts: string[];
  reachedAddresses: string[];
}

export const linkPurpose = "moderation";

const columns = sql`
  h.organization_id AS "organizationId", h.id, h.group_id AS "groupId", p.display_name AS "groupName", h.address, h.sender, h.author,
  h.subject, h.preview, h.size, h.received_at AS "receivedAt", h.return_at AS "returnAt", h.state, h.blob_id AS "blobId",
  h.message_header_id AS "messageId", h.is_sender_known AS "isSenderKnown", h.accepted_by::text[] AS "acceptedBy",
  h.reached_accounts::text[] AS "reachedAccounts", h.reached_addresses AS "reachedAddresses"`;
const joined = sql`held_message h JOIN principal p ON p.organization_id = h.organization_id AND p.id = h.group_id`;

/** Groups that the viewer moderates; an administrator of the organization may stand in for any moderator. */
function mayModerate(viewer: Viewer) {
  return viewer.roles.has("member_administrator")
    ? sql`h.organization_id = ${viewer.organizationId}`
    : sql`h.organization_id = ${viewer.organizationId} AND EXISTS (SELECT FROM group_moderator m
        WHERE m.organization_id = h.organization_id AND m.group_id = h.group_id AND m.principal_id = ${viewer.principalId})`;
}

/** What waits for the viewer's decision, the oldest first; at most 200. */
export async function listHeld(reader: Reader, viewer: Viewer): Promise<HeldMessage[]> {
  const result = await sql<HeldRow>`
    SELECT ${columns} FROM ${joined} WHERE h.state = 'held' AND ${mayModerate(viewer)}
    ORDER BY h.held_at, h.id LIMIT 200`.execute(reader);
  return result.rows;
}

/**
 * What no moderator answered until now, in all organizations, the oldest first; at most 50.
 * @param except ids that are left out
 */
export async function listOverdue(reader: Reader, now: Date, except: readonly string[]): Promise<HeldRow[]> {
  const result = await sql<HeldRow>`
    SELECT ${columns} FROM ${joined}
    WHERE h.state = 'held' AND h.return_at <= ${now} AND h.id <> ALL(${[...except]}::uuid[])
    ORDER BY h.return_at LIMIT 50`.execute(reader);
  return result.rows;
}

/** @throws DomainError `not_found` when there is none, or it is not the viewer's to decide: the two look the same */
export async function findHeld(reader: Reader, viewer: Viewer, id: string): Promise<HeldRow> {
  const found = isUuid(id)
    ? await sql<HeldRow>`SELECT ${columns} FROM ${joined} WHERE h.id = ${id} AND ${mayModerate(viewer)}`.execute(reader)
    : undefined;
  if (!found?.rows[0]) throw new DomainError("not_found", "There is no such message");
  return found.rows[0];
}

/**
 * What the link in a moderator's mail leads to, and whose link it is.
 * @throws DomainError `expired` when it was decided already, the moderator is none any more, or the link never was: it does not say
 * which
 */
export async function readModerationLink(
  reader: Reader,
  secrets: Pick<ServerSecrets, "hashToken">,
  token: string,
): Promise<HeldRow & { moderatorId: string }> {
  const found = await sql<HeldRow & { moderatorId: string }>`
    SELECT ${columns}, l.moderator_id AS "moderatorId"
    FROM moderation_link l JOIN ${joined} ON h.organization_id = l.organization_id AND h.id = l.held_id
    JOIN principal m ON m.organization_id = l.organization_id AND m.id = l.moderator_id AND m.state = 'active'
    WHERE l.token_hash = ${secrets.hashToken(linkPurpose, token)} AND h.state = 'held' AND (
      EXISTS (SELECT FROM group_moderator g
        WHERE g.organization_id = l.organization_id AND g.group_id = h.group_id AND g.principal_id = l.moderator_id)
      OR EXISTS (SELECT FROM principal_role r WHERE r.organization_id = l.organization_id AND r.principal_id = l.moderator_id
        AND r.role = 'member_administrator'))`.execute(reader);
  const row = found.rows[0];
  if (!row) throw new DomainError("expired", "This message was decided already");
  return row;
}
