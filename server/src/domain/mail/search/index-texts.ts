import { setImmediate } from "node:timers/promises";
import { sql } from "kysely";
import { decodeWords } from "../../../formats/mime/decode-header.ts";
import { readHeaders } from "../../../formats/mime/headers.ts";
import { collectTokens } from "../../../formats/mime/search-tokens.ts";
import type { MailDeps } from "../model.ts";

interface Unindexed {
  organization_id: string;
  message_id: string;
  /** In lower case, by the database: so it compares texts that are not indexed. */
  head: string;
  rest: string;
  header: Buffer | null;
  header_size: number;
  blob_id: string;
}

/**
 * Indexes texts that were delivered, for the exact search of IMAP and the words of JMAP. Until then a message is found by looking
 * through it. Those with attachments are then due for `readDocuments`. Several copies of the program that do this at once do some of it twice, with the same result.
 * @param limit messages at most
 * @returns how many were indexed
 */
export async function indexTexts(deps: MailDeps, limit: number): Promise<number> {
  const found = await sql<Unindexed>`
    SELECT t.organization_id, t.message_id, lower(left(t.body, t.body_from - 1)) AS head, lower(substr(t.body, t.body_from)) AS rest,
      substring(b.data FROM 1 FOR h.size) AS header, h.size AS header_size, m.blob_id
    FROM (SELECT * FROM message_text WHERE words IS NULL LIMIT ${limit}) t
    JOIN message m ON m.organization_id = t.organization_id AND m.id = t.message_id
    JOIN blob b ON b.organization_id = m.organization_id AND b.id = m.blob_id
    CROSS JOIN LATERAL (SELECT (m.mime ->> 'headerEnd')::integer AS size) h`.execute(deps.store.read);
  if (found.rows.length === 0) return 0;
  const tokens: string[] = [];
  for (const row of found.rows) {
    tokens.push(await tokensOf(deps, row));
    await setImmediate();
  }
  await deps.store.transact(async (tx) => {
    await sql`
      WITH indexed AS (
        UPDATE message_text t SET words = to_tsvector('french_plain', left(t.body, 100000))
          -- Addresses and file names are single words to the parser; people type parts of them.
          || to_tsvector('french_plain', translate(left(t.body, least(t.body_from, 10000)), '@.-_+', '     '))
        FROM unnest(
          ${found.rows.map((row) => row.organization_id)}::uuid[], ${found.rows.map((row) => row.message_id)}::uuid[], ${tokens}::text[]
        ) AS n (organization_id, message_id, tokens)
        WHERE t.organization_id = n.organization_id AND t.message_id = n.message_id AND t.words IS NULL
        RETURNING t.organization_id, t.message_id, n.tokens
      ), documents AS (
        INSERT INTO document_task (organization_id, message_id, account_id, blob_id)
        SELECT m.organization_id, m.id, m.account_id, m.blob_id
        FROM indexed i JOIN message m ON m.organization_id = i.organization_id AND m.id = i.message_id AND m.has_attachment
        ON CONFLICT DO NOTHING
      ) INSERT INTO message_tokens (organization_id, message_id, tokens) SELECT * FROM indexed ON CONFLICT DO NOTHING`.execute(
      tx,
    );
  });
  return found.rows.length;
}

async function tokensOf(deps: MailDeps, row: Unindexed): Promise<string> {
  const header = row.header ?? (await readStored(deps, row.blob_id, row.header_size));
  const above = new Set<string>();
  // As `matchHeaders` compares them.
  const fields = readHeaders(header, 0, header.length).map((field) => {
    const decoded = decodeWords(field.value);
    return `${field.name}: ${field.value}${decoded === field.value ? "" : `\n${decoded}`}`;
  });
  await collect(fields.join("\n").toLowerCase(), above);
  await collect(row.head, above);
  const below = new Set<string>();
  await collect(row.rest, below);
  return `${[...above].join(" ")}\n${[...below].join(" ")}`.replaceAll("\0", "").toWellFormed();
}

async function collect(text: string, tokens: Set<string>): Promise<void> {
  for (const _ of collectTokens(text, tokens)) await setImmediate();
}

async function readStored(deps: MailDeps, blobId: string, size: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of deps.blobs.storage.read(blobId, { start: 0, end: size })) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
