import { sql } from "kysely";
import {
  afterHeaderSeparators,
  afterHeaderTokens,
  type Clue,
  fieldNameClues,
  searchClues,
} from "../../../formats/mime/search-tokens.ts";
import { unicodeCasemap } from "../../../formats/mime/unicode-casemap.ts";
import type { AccountKey } from "../../../store/feed/take-modseq.ts";
import type { SearchKey } from "../search-key.ts";
import { allOf, type Sql } from "./compile-filter.ts";
import { columnOfField, isMessageId } from "./header-columns.ts";

/** A key that seeks a text. */
export type TextKey = Extract<SearchKey, { key: "header" | "text" | "body" }>;

/** What the index tells of a key, as conditions on `mailbox_message c`. */
export interface TextCondition {
  /** These messages match. */
  readonly found: Sql;
  /** Of the others these may match: they must be looked through. Null: there are none. */
  readonly unsure: Sql | null;
}

export function textCondition(account: AccountKey, key: TextKey): TextCondition {
  const sought = unicodeCasemap(key.value);
  if (key.key === "header") return fieldCondition(account, key.name.toLowerCase(), sought);
  // An empty text stands everywhere.
  if (sought === "") return { found: sql`true`, unsure: null };
  const { clues, decides } = searchClues(sought);
  const hasClues = inRuns(clues, key.key === "text" ? "anywhere" : "body");
  if (decides) return { found: hasClues, unsure: isUnindexed(account) };
  return { found: sql`false`, unsure: sql`(${isUnindexed(account)} OR ${hasClues})` };
}

function fieldCondition(account: AccountKey, field: string, sought: string): TextCondition {
  const unsure = isUnindexed(account);
  const column = columnOfField.get(field);
  if (column === undefined) {
    const clues = [...fieldNameClues(unicodeCasemap(field)), ...(sought === "" ? [] : searchClues(sought).clues)];
    return { found: sql`false`, unsure: sql`(${unsure} OR ${inRuns(clues, "header")})` };
  }
  const text = sql`h.${sql.ref(column)}`;
  if (sought === "") return { found: inHeader(sql`${text} IS NOT NULL`), unsure };
  if (field === "message-id" && isMessageId(sought)) {
    // What has angle brackets around it and none inside stands in a lone id only if it is that id.
    const found = sql`c.message_id IN (SELECT h.message_id FROM message_header h
      WHERE h.organization_id = ${account.organizationId} AND h.message_id_alone IS NOT NULL
        AND left(h.message_id_alone, 250) IN (left(${sought}::text, 250), '')
        AND (h.message_id_alone = ${sought} OR h.message_id_alone = '' AND strpos(h.message_ids, ${sought}) > 0))`;
    return { found, unsure };
  }
  return { found: inHeader(sql`strpos(${text}, ${sought}) > 0`), unsure };
}

function inHeader(condition: Sql): Sql {
  return sql`EXISTS (SELECT FROM message_header h
    WHERE h.organization_id = c.organization_id AND h.message_id = c.message_id AND ${condition})`;
}

function inRuns(clues: readonly Clue[], where: "anywhere" | "header" | "body"): Sql {
  const part = { anywhere: undefined, header: 1, body: 2 }[where];
  const conditions = clues.map((clue) => {
    const column = clue.in === "tokens" ? sql`k.tokens` : sql`k.separators`;
    const delimiter = clue.in === "tokens" ? afterHeaderTokens : afterHeaderSeparators;
    const runs = part === undefined ? column : sql`split_part(${column}, ${delimiter}, ${sql.lit(part)})`;
    return sql`strpos(${runs}, ${clue.text}) > 0`;
  });
  return sql`EXISTS (SELECT FROM message_tokens k
    WHERE k.organization_id = c.organization_id AND k.message_id = c.message_id AND ${allOf(conditions)})`;
}

/** The index does not know the message yet, or never will because there is too much in it. */
function isUnindexed(account: AccountKey): Sql {
  return sql`c.message_id IN (SELECT t.message_id FROM message_text t WHERE t.organization_id = ${account.organizationId}
    AND t.account_id = ${account.accountId} AND t.runs_state <> 1)`;
}
