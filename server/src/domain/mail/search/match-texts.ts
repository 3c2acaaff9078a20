import { setImmediate } from "node:timers/promises";
import { sql } from "kysely";
import { fieldTexts } from "../../../formats/mime/header-texts.ts";
import { unicodeCasemap } from "../../../formats/mime/unicode-casemap.ts";
import { copiesSeenBy } from "../../../store/mail/mailbox-message-rows.ts";
import type { AccountAccess } from "../../access/account-access.ts";
import { seenBy } from "../../access/seen-by.ts";
import type { MailDeps } from "../model.ts";
import type { SearchKey } from "../search-key.ts";
import { allOf } from "./compile-filter.ts";
import { compileKey } from "./compile-key.ts";
import { findTexts, isGone, readSearchedPlaces, readStored, type SearchedMessage } from "./read-searched-texts.ts";
import { type TextKey, textCondition } from "./text-condition.ts";

/** Messages read from the database at once; their bytes are 64 KiB each at most. */
const batch = 100;

interface Candidate extends SearchedMessage {
  readonly id: string;
  readonly header_end: number;
}

/** A key with what it seeks, as `unicodeCasemap` gives it. */
interface Sought {
  readonly key: TextKey;
  readonly text: string;
  readonly ids: string[];
}

/** The keys of a search that seek texts. */
export function collectTextKeys(key: SearchKey): TextKey[] {
  switch (key.key) {
    case "and":
      return key.keys.flatMap(collectTextKeys);
    case "or":
      return [...collectTextKeys(key.left), ...collectTextKeys(key.right)];
    case "not":
      return collectTextKeys(key.of);
    case "header":
    case "text":
    case "body":
      return [key];
    default:
      return [];
  }
}

/**
 * Looks through the messages of a mailbox of which the index cannot tell whether they match the texts that a search seeks, as far as
 * its other keys let them match at all.
 * @param uidnext messages from this uid on came later and are left out
 * @returns of each key those that match
 */
export async function matchTexts(
  deps: MailDeps,
  access: AccountAccess,
  mailboxId: string,
  search: SearchKey,
  uidnext: number,
): Promise<Map<SearchKey, string[]>> {
  const sought: Sought[] = [];
  const conditions = [];
  for (const key of collectTextKeys(search)) {
    const { unsure } = textCondition(access, key);
    if (unsure === null) continue;
    conditions.push(unsure);
    sought.push({ key, text: unicodeCasemap(key.value), ids: [] });
  }
  const matched = new Map<SearchKey, string[]>(sought.map(({ key, ids }) => [key, ids]));
  if (sought.length === 0) return matched;
  const others = (search.key === "and" ? search.keys : [search]).filter((each) => collectTextKeys(each).length === 0);
  const { rows } = await sql<{ message_id: string }>`
    SELECT DISTINCT c.message_id FROM ${copiesSeenBy(seenBy(access))} c
    LEFT JOIN message m ON m.organization_id = c.organization_id AND m.id = c.message_id
    WHERE c.organization_id = ${access.organizationId} AND c.mailbox_id = ${mailboxId} AND c.account_id = ${access.accountId}
      AND c.uid < ${uidnext} AND ${allOf(others.map((each) => compileKey(access, each, matched)))}
      AND (${sql.join(conditions, sql` OR `)})`.execute(deps.store.read);
  const onlyHeaders = sought.every(({ key }) => key.key === "header");
  for (let from = 0; from < rows.length; from += batch) {
    const ids = rows.slice(from, from + batch).map((row) => row.message_id);
    for (const candidate of await readCandidates(deps, access, ids, onlyHeaders)) {
      for (const each of await matchMessage(deps, candidate, sought)) each.ids.push(candidate.id);
      await setImmediate();
    }
  }
  return matched;
}

async function readCandidates(
  deps: MailDeps,
  access: AccountAccess,
  ids: readonly string[],
  onlyHeaders: boolean,
): Promise<Candidate[]> {
  const bytes = onlyHeaders ? sql`substring(b.data FROM 1 FOR h.size)` : sql`b.data`;
  const mime = onlyHeaders ? sql`NULL` : sql`m.mime`;
  const { rows } = await sql<Candidate>`
    SELECT m.id, m.blob_id, m.size, ${mime} AS mime, ${bytes} AS data, h.size AS header_end
    FROM message m
    JOIN blob b ON b.organization_id = m.organization_id AND b.id = m.blob_id
    CROSS JOIN LATERAL (SELECT (m.mime ->> 'headerEnd')::integer AS size) h
    WHERE m.organization_id = ${access.organizationId} AND m.account_id = ${access.accountId}
      AND m.id = ANY(${ids as string[]}::uuid[])`.execute(deps.store.read);
  return rows;
}

/** What of the sought the message has. */
async function matchMessage(deps: MailDeps, message: Candidate, sought: readonly Sought[]): Promise<Set<Sought>> {
  const found = new Set<Sought>();
  try {
    const fields = sought.filter(({ key }) => key.key === "header");
    if (fields.length > 0) {
      const block =
        message.data?.subarray(0, message.header_end) ??
        (await readStored(deps, message.blob_id, 0, message.header_end));
      for (const each of fields) if (await matchesField(block, each)) found.add(each);
    }
    const open = new Set(sought.filter(({ key }) => key.key !== "header"));
    if (open.size === 0) return found;
    const where = [...open].some(({ key }) => key.key === "text") ? "text" : "body";
    for await (const place of readSearchedPlaces(deps, message, where)) {
      const here = [...open].filter(({ key }) => place.in === "body" || key.key === "text");
      if (here.length === 0) continue;
      for (const text of place.texts) {
        if (text === null) {
          await setImmediate();
          continue;
        }
        const texts = await findTexts(text, new Set(here.filter((each) => open.has(each)).map((each) => each.text)));
        for (const each of here) if (texts.has(each.text) && open.delete(each)) found.add(each);
        if (open.size === 0) return found;
      }
    }
  } catch (error) {
    // Purged meanwhile.
    if (!isGone(error)) throw error;
  }
  return found;
}

async function matchesField(block: Buffer, { key, text }: Sought): Promise<boolean> {
  if (key.key !== "header") return false;
  for (const forms of fieldTexts(block, key.name.toLowerCase())) {
    if (text === "") return true;
    for (const form of forms) if ((await findTexts(form, new Set([text]))).size > 0) return true;
  }
  return false;
}
