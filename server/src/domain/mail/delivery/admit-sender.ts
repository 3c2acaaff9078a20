import { sql } from "kysely";
import { isRewritten } from "../../../formats/srs/srs.ts";
import type { Reader } from "../../../store/database.ts";
import { DomainError } from "../../errors.ts";
import { normalizeAddress } from "../../identity/normalize-address.ts";
import { domainOf } from "../domain-of.ts";
import type { IncomingMessage } from "./incoming-message.ts";
import { proofOfSender } from "./proof-of-sender.ts";
import type { GroupRecipient, ResolvedRecipient } from "./resolve-recipient.ts";

/**
 * Refuses a sender who may not write to a group, as soon as it is named: a group may take mail from its members only (those of the
 * groups inside it, and people outside, too) or from them and the organization; its moderators always may write. A return path that we
 * rewrote takes notifications only: otherwise whoever gets one, by a forward of their own, could write by us to whom it stands for.
 * @param sender the return path; empty for a notification, which only a group open to anyone takes
 * @throws DomainError `message_refused` with the status 5.7.2 (RFC 3463: the sender may not write to this list)
 */
export async function admitSender(reader: Reader, recipient: ResolvedRecipient, sender: string): Promise<void> {
  if (recipient.kind === "outside" && isRewritten(recipient.address) && sender !== "") {
    throw new DomainError("message_refused", "This address takes delivery notifications only", {
      data: { status: "5.7.1" },
    });
  }
  if (recipient.kind !== "group" || recipient.posting === "anyone") return;
  const standing = await readStanding(reader, recipient, sender);
  if (standing.isModerator || standing.isMember) return;
  if (recipient.posting === "organization" && standing.isOfOrganization) return;
  throw refusal(recipient);
}

/**
 * The same when the message is there: a sender that a group's rule rests on must not be forged. One of our own addresses must be
 * proved by SPF or DKIM, any other one must not be disproved.
 * @throws DomainError `message_refused`
 */
export async function admitMessage(
  reader: Reader,
  recipient: GroupRecipient,
  message: Pick<IncomingMessage, "arrival" | "sender" | "screening">,
): Promise<void> {
  if (recipient.posting === "anyone" || message.arrival === "released") return;
  await admitSender(reader, recipient, message.sender);
  const proof = proofOfSender(message);
  if (proof === "proved") return;
  if (proof === "disproved" || (await isOurs(reader, message.sender))) throw refusal(recipient);
}

/** Whether a message comes from a moderator of a group, proved: it needs no other moderator. */
export async function isFromModerator(
  reader: Reader,
  group: { organizationId: string; groupId: string },
  message: Pick<IncomingMessage, "arrival" | "sender" | "screening" | "isSenderKnown">,
): Promise<boolean> {
  if (proofOfSender(message) !== "proved") return false;
  return (await readStanding(reader, group, message.sender)).isModerator;
}

function refusal(recipient: GroupRecipient): DomainError {
  const who = recipient.posting === "members" ? "its members" : "its organization";
  return new DomainError("message_refused", `The group ${recipient.address} takes mail from ${who} only`, {
    data: { status: "5.7.2" },
  });
}

interface Standing {
  isMember: boolean;
  isModerator: boolean;
  isOfOrganization: boolean;
}

async function readStanding(
  reader: Reader,
  { organizationId, groupId }: { organizationId: string; groupId: string },
  sender: string,
): Promise<Standing> {
  let parsed: { address: string; localPart: string; domain: string };
  try {
    parsed = normalizeAddress(sender);
  } catch {
    return { isMember: false, isModerator: false, isOfOrganization: false };
  }
  const base = `${parsed.localPart.split("+", 1)[0]}@${parsed.domain}`;
  const result = await sql<{ is_member: boolean; is_moderator: boolean; is_inside: boolean }>`
    WITH RECURSIVE inside (id) AS (
      SELECT ${groupId}::uuid
      UNION
      SELECT g.member_id FROM group_member g JOIN inside i ON g.group_id = i.id WHERE g.organization_id = ${organizationId}
    ), author AS (
      SELECT a.principal_id AS id FROM address a
      JOIN principal p ON p.organization_id = a.organization_id AND p.id = a.principal_id AND p.state = 'active'
      WHERE a.organization_id = ${organizationId} AND (a.address IN (${parsed.address}, ${base}) OR a.address IN (
        SELECT l || '@' || d.alias_of FROM domain d, unnest(ARRAY[${parsed.localPart}, ${base.split("@")[0]}]) AS l
        WHERE d.name = ${parsed.domain} AND d.alias_of IS NOT NULL))
    )
    SELECT
      EXISTS (SELECT FROM author JOIN inside USING (id)) OR EXISTS (
        SELECT FROM group_outside_member e JOIN inside i ON i.id = e.group_id
        WHERE e.organization_id = ${organizationId} AND e.address IN (${parsed.address}, ${base})) AS is_member,
      EXISTS (SELECT FROM author JOIN group_moderator m ON m.principal_id = author.id
        WHERE m.organization_id = ${organizationId} AND m.group_id = ${groupId}) AS is_moderator,
      EXISTS (SELECT FROM author) AS is_inside`.execute(reader);
  const row = result.rows[0]!;
  return { isMember: row.is_member, isModerator: row.is_moderator, isOfOrganization: row.is_inside };
}

async function isOurs(reader: Reader, sender: string): Promise<boolean> {
  const row = await reader.selectFrom("domain").select("name").where("name", "=", domainOf(sender)).executeTakeFirst();
  return row !== undefined;
}
