import { type RawBuilder, sql } from "kysely";

/**
 * What a person typed as a tsquery: quotes, `or` and `-` as on the web; the last word also as a beginning, since it may not be typed
 * to its end. Never fails, whatever was typed.
 */
export function textQuery(text: string): RawBuilder<unknown> {
  const typed = text.replaceAll("\0", "").normalize("NFC").slice(0, 1_000);
  const match = /(?:^|[\s,;:()])([\p{L}\p{N}][\p{L}\p{N}'’._@+-]*)$/u.exec(typed);
  const last = match?.[1];
  const quotes = typed.split('"').length - 1;
  if (last === undefined || last.length < 2 || quotes % 2 === 1 || /\bor\s+\S+$/i.test(typed)) {
    return sql`websearch_to_tsquery('french_plain', ${typed})`;
  }
  const head = typed.slice(0, typed.length - last.length).trim();
  // In quotes, to_tsquery takes any characters; a quote inside is doubled, a backslash too.
  const quoted = `'${last.replaceAll("\\", "\\\\").replaceAll("'", "''")}':*`;
  const tail = sql`(websearch_to_tsquery('french_plain', ${last}) || to_tsquery('french_plain', ${quoted}))`;
  return head === "" ? tail : sql`(websearch_to_tsquery('french_plain', ${head}) && ${tail})`;
}
