import { sql } from "kysely";
import type { Reader } from "../../store/database.ts";
import type { Viewer } from "../identity/viewer.ts";

export interface RecipientSuggestion {
  name: string;
  address: string;
  kind: "person" | "group" | "shared_mailbox" | "correspondent";
}

const limit = 15;

/**
 * Whom the viewer may mean: people, groups and shared mailboxes of their organization, and those they wrote to, found by the
 * beginning of any word of the name, or of the address. Accents and case do not count. Correspondents by use first.
 * @returns at most 15, each address once
 */
export async function completeRecipients(
  reader: Reader,
  viewer: Viewer,
  query: string,
): Promise<RecipientSuggestion[]> {
  const words = query.normalize("NFC").trim().slice(0, 100).split(/\s+/).filter(Boolean).slice(0, 5);
  if (words.length === 0) return [];
  const patterns = words.map((word) => word.replace(/[\\%_]/g, "\\$&"));
  // " x" is matched against " name address": the beginning of a word.
  const matches = (name: unknown, address: unknown) =>
    sql.join(
      patterns.map(
        (pattern) =>
          sql`unaccent(lower(' ' || ${name} || ' ' || ${address} || ' ' || translate(${name} || ' ' || ${address}, '-.@_''’', '      ')))
            LIKE '% ' || unaccent(lower(${pattern}::text)) || '%'`,
      ),
      sql` AND `,
    );
  const result = await sql<RecipientSuggestion>`
    WITH known AS (
      SELECT c.address, coalesce(c.name, '') AS name, c.uses, c.last_used_at
      FROM correspondent c JOIN account a ON a.organization_id = c.organization_id AND a.id = c.account_id
      WHERE a.organization_id = ${viewer.organizationId} AND a.owner_id = ${viewer.principalId}
    ), directory AS (
      SELECT d.address, p.display_name AS name, p.kind
      FROM principal p JOIN address d ON d.organization_id = p.organization_id AND d.principal_id = p.id AND d.kind = 'primary'
      WHERE p.organization_id = ${viewer.organizationId} AND p.state = 'active' AND p.kind IN ('person', 'group', 'shared_mailbox')
    )
    SELECT name, address, kind FROM (
      SELECT d.name, d.address, d.kind, k.uses, k.last_used_at FROM directory d LEFT JOIN known k USING (address)
      WHERE ${matches(sql`d.name`, sql`d.address`)}
      UNION ALL
      SELECT k.name, k.address, 'correspondent', k.uses, k.last_used_at FROM known k
      WHERE NOT EXISTS (SELECT FROM directory d WHERE d.address = k.address) AND ${matches(sql`k.name`, sql`k.address`)}
    ) found
    ORDER BY uses DESC NULLS LAST, last_used_at DESC NULLS LAST, name, address LIMIT ${limit}`.execute(reader);
  return result.rows;
}
