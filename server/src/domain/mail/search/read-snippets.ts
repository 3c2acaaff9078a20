import { sql } from "kysely";
import type { Reader } from "../../../store/database.ts";
import { isUuid } from "../../../store/uuid.ts";
import type { AccountAccess } from "../../access/account-access.ts";
import { textQuery } from "./text-query.ts";

/** What a search found: text with the found words between `snippetStart` and `snippetEnd`. Null: nothing there. */
export interface Snippet {
  messageId: string;
  subject: string | null;
  body: string | null;
}

/** Characters for private use, which mails do not contain; they are taken out of those that do. */
export const snippetStart = "\ue000";
export const snippetEnd = "\ue001";

const marks = `StartSel=${snippetStart}, StopSel=${snippetEnd}`;
// Longer texts would hold the database: what matches further on is found, but not shown.
const bodyLimit = 20_000;

/**
 * Shows where messages contain what was searched for, as `searchMessages` finds it.
 * @param sought texts looked for in the subject and in the body
 * @returns messages of the account, in no order
 */
export async function readSnippets(
  reader: Reader,
  access: AccountAccess,
  messageIds: readonly string[],
  sought: { subject: readonly string[]; body: readonly string[] },
): Promise<Snippet[]> {
  const ids = [...new Set(messageIds.filter(isUuid))];
  if (ids.length === 0) return [];
  const anyOf = (texts: readonly string[]) =>
    texts.length === 0 ? sql`NULL::tsquery` : sql`(${sql.join(texts.slice(0, 20).map(textQuery), sql` || `)})`;
  const clean = (text: unknown) => sql`translate(${text}, ${snippetStart + snippetEnd}, '')`;
  const result = await sql<{ id: string; subject: string | null; body: string | null }>`
    SELECT m.id,
      ts_headline('french_plain', ${clean(sql`m.subject`)}, ${anyOf(sought.subject)}, ${`HighlightAll=true, ${marks}`}) AS subject,
      ts_headline('french_plain', ${clean(sql`left(substr(t.body, t.body_from), ${bodyLimit})`)}, ${anyOf(sought.body)},
        ${`MaxWords=30, MinWords=12, MaxFragments=1, ${marks}`}) AS body
    FROM message m LEFT JOIN message_text t ON t.organization_id = m.organization_id AND t.message_id = m.id
    WHERE m.organization_id = ${access.organizationId} AND m.account_id = ${access.accountId} AND m.id = ANY(${ids}::uuid[])
      AND EXISTS (SELECT FROM mailbox_message c WHERE c.organization_id = m.organization_id AND c.message_id = m.id)`.execute(
    reader,
  );
  const found = (text: string | null): string | null => (text?.includes(snippetStart) ? text : null);
  return result.rows.map((row) => ({ messageId: row.id, subject: found(row.subject), body: found(row.body) }));
}
