import { sql } from "kysely";
import type { Reader } from "../../../store/database.ts";
import type { AccountKey } from "../../../store/feed/take-modseq.ts";

/** Whom a group leads to, and its rules. */
export interface GroupExpansion {
  /** Those of the members, nested groups included, each once. */
  accounts: (AccountKey & { inboxId: string })[];
  /** Members who have no account here. */
  outside: string[];
  /** Moderated groups that must let the message through first: this one, or one inside it. Their members are not in the others. */
  holds: string[];
  /** Who may write to it. */
  posting: "members" | "organization" | "anyone";
  hidesMembers: boolean;
}

/**
 * Whom a group leads to, through the groups inside it, however they contain one another. A moderated group on the way is not entered
 * but named in `holds`. The rules on who may write are those of the group itself, not of those inside: whoever put them there wants
 * them reached.
 * @param acceptedBy moderated groups whose moderators let the message through
 */
export async function expandGroup(
  reader: Reader,
  group: { organizationId: string; groupId: string },
  acceptedBy: readonly string[] = [],
): Promise<GroupExpansion> {
  // UNION, not UNION ALL: groups may contain one another.
  const result = await sql<{ what: string; value: string; inbox_id: string | null }>`
    WITH RECURSIVE inside (id, holds) AS (
      SELECT ${group.groupId}::uuid, ${group.groupId}::uuid <> ALL(${[...acceptedBy]}::uuid[]) AND EXISTS (
        SELECT FROM group_option o
        WHERE o.organization_id = ${group.organizationId} AND o.group_id = ${group.groupId} AND o.is_moderated)
      UNION
      SELECT g.member_id, coalesce(o.is_moderated, false) AND g.member_id <> ALL(${[...acceptedBy]}::uuid[])
      FROM group_member g JOIN inside i ON g.group_id = i.id AND NOT i.holds
      LEFT JOIN group_option o ON o.organization_id = g.organization_id AND o.group_id = g.member_id
      WHERE g.organization_id = ${group.organizationId}
    )
    SELECT 'account' AS what, a.id::text AS value, m.id::text AS inbox_id
    FROM inside i
    JOIN principal p ON p.organization_id = ${group.organizationId} AND p.id = i.id AND p.state <> 'deleted' AND p.kind <> 'group'
    JOIN account a ON a.organization_id = p.organization_id AND a.owner_id = p.id AND a.deleted_at IS NULL
    JOIN mailbox m ON m.organization_id = a.organization_id AND m.account_id = a.id AND m.role = 'inbox' AND m.deleted_at IS NULL
    UNION
    SELECT 'outside', e.address, NULL FROM inside i JOIN group_outside_member e
      ON e.organization_id = ${group.organizationId} AND e.group_id = i.id WHERE NOT i.holds
    UNION
    SELECT 'hold', i.id::text, NULL FROM inside i
    JOIN principal p ON p.organization_id = ${group.organizationId} AND p.id = i.id AND p.state <> 'deleted' WHERE i.holds
    UNION ALL
    SELECT 'posting', o.posting, CASE WHEN o.hides_members THEN 'hidden' END FROM group_option o
      WHERE o.organization_id = ${group.organizationId} AND o.group_id = ${group.groupId}
    ORDER BY 1, 2`.execute(reader);
  const expansion: GroupExpansion = { accounts: [], outside: [], holds: [], posting: "anyone", hidesMembers: false };
  for (const { what, value, inbox_id } of result.rows) {
    if (what === "account") {
      expansion.accounts.push({ organizationId: group.organizationId, accountId: value, inboxId: inbox_id! });
    } else if (what === "outside") expansion.outside.push(value);
    else if (what === "hold") expansion.holds.push(value);
    else {
      expansion.posting = value as GroupExpansion["posting"];
      expansion.hidesMembers = inbox_id !== null;
    }
  }
  return expansion;
}
