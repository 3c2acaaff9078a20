import { sql } from "kysely";
import type { Reader } from "../../store/database.ts";
import type { PrincipalKey } from "./identity-deps.ts";

/**
 * The account that a person opens as a login of its own, by typing the login of a shared mailbox (or of somebody who lets them) with an
 * app password of their own, which says who they are. Outlook and telephones show it as an account like any other.
 * @param rights of which one on the whole account is needed
 * @returns undefined when there is no such account, or they may not open it
 */
export async function findOpenedAccount(
  reader: Reader,
  person: PrincipalKey,
  login: string,
  rights: readonly string[],
): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    WITH RECURSIVE self (organization_id, id) AS (
      SELECT ${person.organizationId}::uuid, ${person.principalId}::uuid
      UNION
      SELECT m.organization_id, m.group_id FROM group_member m
        JOIN self s ON m.organization_id = s.organization_id AND m.member_id = s.id
    )
    SELECT a.id FROM login l
    JOIN principal p ON p.organization_id = l.organization_id AND p.id = l.principal_id AND p.state = 'active'
      AND p.kind IN ('shared_mailbox', 'person', 'resource')
    JOIN account a ON a.organization_id = p.organization_id AND a.owner_id = p.id AND a.deleted_at IS NULL
    WHERE l.login = ${login} AND EXISTS (
      SELECT FROM grant_received g JOIN self s ON g.organization_id = s.organization_id AND g.principal_id = s.id
      WHERE g.account_organization_id = a.organization_id AND g.account_id = a.id AND g.collection_id IS NULL
        AND (g.expires_at IS NULL OR g.expires_at > now())
        AND g.rights && ${rights as string[]}::text[])`.execute(reader);
  return rows[0]?.id;
}
