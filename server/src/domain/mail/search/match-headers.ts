import { type RawBuilder, sql } from "kysely";
import { decodeWords } from "../../../formats/mime/decode-header.ts";
import { readHeaders } from "../../../formats/mime/headers.ts";
import { hasPlainCase, isTokenText, longestToken } from "../../../formats/mime/search-tokens.ts";
import type { AccountKey } from "../../../store/feed/take-modseq.ts";
import type { AccountAccess } from "../../access/account-access.ts";
import type { MailDeps } from "../model.ts";
import type { SearchKey } from "../search-key.ts";
import { escapeLike } from "./compile-filter.ts";
import { hasToken, isInColumns } from "./compile-key.ts";

type HeaderKey = Extract<SearchKey, { key: "header" | "text" }>;

const batch = 500;

/** The keys of a search that only the bytes of the headers can decide. */
export function collectHeaderKeys(key: SearchKey): HeaderKey[] {
  switch (key.key) {
    case "and":
      return key.keys.flatMap(collectHeaderKeys);
    case "or":
      return [...collectHeaderKeys(key.left), ...collectHeaderKeys(key.right)];
    case "not":
      return collectHeaderKeys(key.of);
    case "header":
      return isInColumns(key.name, key.value) ? [] : [key];
    case "text":
      return [key];
    default:
      return [];
  }
}

/**
 * Reads the headers of a mailbox's messages, in batches, and compares each field as written and decoded.
 * @returns the ids of the messages that match each key
 */
export async function matchHeaders(
  deps: MailDeps,
  access: AccountAccess,
  mailboxId: string,
  keys: readonly HeaderKey[],
): Promise<Map<SearchKey, string[]>> {
  const matched = new Map<SearchKey, string[]>(keys.map((key) => [key, []]));
  const candidates = sql.join(
    keys.map((key) => sql`(${isCandidate(access, key)} AND (b.data IS NULL OR ${mayMatch(key)}))`),
    sql` OR `,
  );
  for (let afterUid = 0; ; ) {
    const result = await sql<{ uid: number; message_id: string; blob_id: string; size: number; header: Buffer | null }>`
      SELECT c.uid, c.message_id, m.blob_id, h.size, substring(b.data FROM 1 FOR h.size) AS header
      FROM mailbox_message c
      JOIN message m ON m.organization_id = c.organization_id AND m.id = c.message_id
      JOIN blob b ON b.organization_id = m.organization_id AND b.id = m.blob_id
      CROSS JOIN LATERAL (SELECT (m.mime ->> 'headerEnd')::integer AS size) h
      WHERE c.organization_id = ${access.organizationId} AND c.mailbox_id = ${mailboxId} AND c.account_id = ${access.accountId}
        AND c.uid > ${afterUid} AND (${candidates})
      ORDER BY c.uid LIMIT ${batch}`.execute(deps.store.read);
    for (const row of result.rows) {
      const header = row.header ?? (await readStored(deps, row.blob_id, row.size));
      const fields = readHeaders(header, 0, header.length);
      for (const key of keys) {
        const wanted = key.value.toLowerCase();
        const name = key.key === "header" ? key.name.toLowerCase() : undefined;
        const matches = fields.some(
          (field) =>
            (name === undefined || field.key === name) &&
            [field.value, decodeWords(field.value)].some((value) =>
              `${field.name}: ${value}`.toLowerCase().includes(wanted, name === undefined ? 0 : field.name.length + 2),
            ),
        );
        if (matches) matched.get(key)!.push(row.message_id);
      }
    }
    if (result.rows.length < batch) return matched;
    afterUid = result.rows.at(-1)!.uid;
  }
}

/**
 * What the index leaves to be looked at: nothing that is indexed when tokens decide, and of other texts what has their longest token.
 * Fields by name are not in it.
 */
function isCandidate(account: AccountKey, key: HeaderKey): RawBuilder<unknown> {
  if (key.key === "header" || !hasPlainCase(key.value)) return sql`true`;
  const narrowed = longestToken(key.value);
  if (narrowed === "") return sql`true`;
  const tail = sql`c.message_id IN (SELECT t.message_id FROM message_text t WHERE t.organization_id = ${account.organizationId}
    AND t.account_id = ${account.accountId} AND t.words IS NULL)`;
  return isTokenText(key.value) ? tail : sql`(${tail} OR ${hasToken("text", narrowed)})`;
}

/**
 * Narrows in the database, for the messages whose bytes are there, what must be compared: the name of the field or, for a text
 * anywhere, its longest run of ASCII without white space, which no folding cuts. Other texts stand in headers as encoded words, and
 * those that people see are in columns. Escaped, because no text of PostgreSQL may hold NUL; that doubles a backslash, which so ends a run.
 */
function mayMatch(key: HeaderKey): RawBuilder<unknown> {
  const runs = (key.key === "header" ? key.name : key.value).match(/[\x21-\x5b\x5d-\x7e]+/g) ?? [];
  const longest = runs.reduce((best, each) => (each.length > best.length ? each : best), "");
  if (longest === "") return sql`false`;
  return sql`encode(substring(b.data FROM 1 FOR h.size), 'escape') ILIKE ${`%${escapeLike(longest)}%`}`;
}

async function readStored(deps: MailDeps, blobId: string, size: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of deps.blobs.storage.read(blobId, { start: 0, end: size })) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
