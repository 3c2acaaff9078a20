import { setImmediate } from "node:timers/promises";
import { sql } from "kysely";
import { SearchRuns, writeSeparators, writeTokens } from "../../../formats/mime/search-tokens.ts";
import { casemapPieces } from "../../../formats/mime/unicode-casemap.ts";
import type { MailDeps } from "../model.ts";
import { type HeaderColumns, headerColumns } from "./header-columns.ts";
import { isGone, readSearchedPlaces, readStored, type SearchedMessage } from "./read-searched-texts.ts";

interface Unindexed extends SearchedMessage {
  readonly organization_id: string;
  readonly message_id: string;
}

/** What is written of one message; without tokens it is always looked through. */
interface Indexed {
  readonly organization_id: string;
  readonly message_id: string;
  readonly tokens: string | null;
  readonly separators: string | null;
  readonly header: HeaderColumns | null;
}

/** UTF-16 units of the runs of a message. Beyond, looking into the message costs less than keeping them. */
const maxRuns = 1024 * 1024;

/** UTF-16 units written at once. */
const maxWritten = 4 * 1024 * 1024;

/**
 * Indexes texts that were delivered, for the exact search of IMAP and the words of JMAP. Until then a message is found by looking
 * through it. Those with attachments are then due for `readDocuments`. Several copies of the program that do this at once do some of it
 * twice, with the same result.
 * @param limit messages at most
 * @returns how many were indexed
 */
export async function indexTexts(deps: MailDeps, limit: number): Promise<number> {
  const found = await sql<Unindexed>`
    SELECT t.organization_id, t.message_id, m.blob_id, m.size, m.mime, b.data
    FROM (SELECT * FROM message_text WHERE words IS NULL OR runs_state = 0 LIMIT ${limit}) t
    JOIN message m ON m.organization_id = t.organization_id AND m.id = t.message_id
    JOIN blob b ON b.organization_id = m.organization_id AND b.id = m.blob_id`.execute(deps.store.read);
  if (found.rows.length === 0) return 0;
  let indexed: Indexed[] = [];
  let size = 0;
  for (const row of found.rows) {
    const next = await indexMessage(deps, row);
    indexed.push(next);
    size += (next.tokens?.length ?? 0) + (next.separators?.length ?? 0);
    await setImmediate();
    if (size < maxWritten) continue;
    await writeIndexed(deps, indexed);
    indexed = [];
    size = 0;
  }
  if (indexed.length > 0) await writeIndexed(deps, indexed);
  return found.rows.length;
}

async function writeIndexed(deps: MailDeps, indexed: readonly Indexed[]): Promise<void> {
  await deps.store.transact(async (tx) => {
    await sql`
      WITH made AS (
        SELECT * FROM jsonb_to_recordset(${JSON.stringify(indexed)}::jsonb)
          AS n (organization_id uuid, message_id uuid, tokens text, separators text, header jsonb)
      ), indexed AS (
        UPDATE message_text t SET runs_state = CASE WHEN n.tokens IS NULL THEN 2 ELSE 1 END,
          words = coalesce(old.words, to_tsvector('french_plain', left(t.body, 100000))
            -- Addresses and file names are single words to the parser; people type parts of them.
            || to_tsvector('french_plain', translate(left(t.body, least(t.body_from, 10000)), '@.-_+', '     ')))
        FROM made n JOIN message_text old ON old.organization_id = n.organization_id AND old.message_id = n.message_id
        WHERE t.organization_id = n.organization_id AND t.message_id = n.message_id AND (t.words IS NULL OR t.runs_state = 0)
        RETURNING t.organization_id, t.message_id, n.tokens, n.separators, n.header, old.words IS NULL AS is_new
      ), documents AS (
        INSERT INTO document_task (organization_id, message_id, account_id, blob_id)
        SELECT m.organization_id, m.id, m.account_id, m.blob_id
        FROM indexed i JOIN message m ON m.organization_id = i.organization_id AND m.id = i.message_id
        WHERE i.is_new AND m.has_attachment
        ON CONFLICT DO NOTHING
      ), headers AS (
        INSERT INTO message_header
        SELECT i.organization_id, i.message_id, h.* FROM indexed i CROSS JOIN LATERAL jsonb_to_record(i.header)
          AS h (subject text, "from" text, "to" text, cc text, bcc text, message_ids text, message_id_alone text)
        WHERE i.tokens IS NOT NULL
        ON CONFLICT DO NOTHING
      ) INSERT INTO message_tokens (organization_id, message_id, tokens, separators)
      SELECT organization_id, message_id, tokens, separators FROM indexed WHERE tokens IS NOT NULL
      ON CONFLICT DO NOTHING`.execute(tx);
  });
}

async function indexMessage(deps: MailDeps, row: Unindexed): Promise<Indexed> {
  const { organization_id, message_id } = row;
  const unindexed = { organization_id, message_id, tokens: null, separators: null, header: null };
  const runs = { header: new SearchRuns(), body: new SearchRuns() };
  try {
    for await (const place of readSearchedPlaces(deps, row, "text")) {
      for (const text of place.texts) {
        if (text === null) {
          await setImmediate();
          continue;
        }
        const left = maxRuns - runs.header.size - runs.body.size;
        const collecting = runs[place.in].collect(casemapPieces(text), runs[place.in].size + left);
        let step = collecting.next();
        for (; !step.done; step = collecting.next()) await setImmediate();
        if (!step.value) return unindexed;
      }
    }
    const { headerStart, headerEnd } = row.mime;
    const block =
      row.data?.subarray(headerStart, headerEnd) ?? (await readStored(deps, row.blob_id, headerStart, headerEnd));
    const header = headerColumns(block);
    if (header === null) return unindexed;
    return {
      organization_id,
      message_id,
      tokens: writeTokens(runs.header, runs.body),
      separators: writeSeparators(runs.header, runs.body),
      header,
    };
  } catch (error) {
    // Bytes that are gone must not keep those of others from being indexed.
    if (isGone(error)) return unindexed;
    throw error;
  }
}
