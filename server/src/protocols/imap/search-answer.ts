import { readMailboxMessages } from "../../domain/mail/read-mailbox-messages.ts";
import { cutPage } from "../../formats/imap-syntax/page-range.ts";
import type { SearchResults, SearchReturn } from "../../formats/imap-syntax/parse-search.ts";
import type { RawCommand } from "../../formats/imap-syntax/raw-command.ts";
import { toRanges } from "../../formats/imap-syntax/sequence-set.ts";
import { writeEsearch, writeUntagged } from "../../formats/imap-syntax/write-response.ts";
import { inBatches } from "./in-batches.ts";
import type { SelectedMailbox } from "./selected-mailbox.ts";
import type { Session } from "./session.ts";

export interface Found extends SearchResults {
  /** The untagged response of the old form. */
  readonly word: "SEARCH" | "SORT";
  /** In the order of the answer. */
  readonly uids: readonly number[];
  /** The highest modseq is told, because the search asked for one (RFC 7162 section 3.1.5). */
  readonly byModseq: boolean;
}

/** Answers SEARCH or SORT in the form that was asked for, and keeps the result for `$` (RFC 5182). */
export async function answerSearch(
  session: Session,
  selected: SelectedMailbox,
  raw: RawCommand,
  found: Found,
): Promise<void> {
  const { word, uids, returns, page } = found;
  const inUids = raw.verb.startsWith("UID ");
  const numbers = inUids ? uids : uids.map((uid) => selected.uids.sequenceOf(uid));
  if (returns?.has("SAVE")) session.savedSearch = toRanges(reported(found, returns).toSorted((a, b) => a - b));
  if (returns === null && !(session.rev2 && word === "SEARCH")) {
    const modseq = await modseqOf(session, selected, found, uids);
    const told = modseq === undefined ? "" : ` (MODSEQ ${modseq})`;
    session.channel.send(writeUntagged(`${[word, ...numbers].join(" ")}${told}`));
    return;
  }
  const wanted = returns ?? new Set<SearchReturn>(["ALL"]);
  if (wanted.size === 1 && wanted.has("SAVE")) return;
  session.channel.send(
    writeEsearch({
      tag: raw.tag,
      uid: inUids,
      min: wanted.has("MIN") ? numbers[0] : undefined,
      max: wanted.has("MAX") ? numbers.at(-1) : undefined,
      all: wanted.has("ALL") ? toRanges(numbers) : undefined,
      count: wanted.has("COUNT") ? numbers.length : undefined,
      partial: page === null ? undefined : { written: page.written, ranges: toRanges(cutPage(numbers, page)) },
      modseq: await modseqOf(session, selected, found, reported(found, wanted)),
    }),
  );
}

/**
 * The messages that an answer is about, which are also those kept by SAVE: only the first, the last or a page of them when nothing else
 * is asked (RFC 5182 section 2.4, RFC 7162 section 3.1.10, RFC 9394 section 3.1).
 */
function reported({ uids, page }: Found, wanted: ReadonlySet<SearchReturn>): readonly number[] {
  const isPart = wanted.has("MIN") || wanted.has("MAX") || page !== null;
  if (!isPart || wanted.has("ALL") || wanted.has("COUNT") || uids.length === 0) return uids;
  const part = new Set(page === null ? [] : cutPage(uids, page));
  if (wanted.has("MIN")) part.add(uids[0]!);
  if (wanted.has("MAX")) part.add(uids.at(-1)!);
  return [...part];
}

async function modseqOf(
  session: Session,
  selected: SelectedMailbox,
  { byModseq }: Found,
  uids: readonly number[],
): Promise<number | undefined> {
  if (!byModseq || uids.length === 0) return undefined;
  let highest = 0;
  for (const batch of inBatches(uids, 1000)) {
    const rows = await readMailboxMessages(session.deps.mail.store.read, selected.access, selected.id, batch);
    for (const { modseq } of rows) highest = Math.max(highest, modseq);
  }
  return highest;
}
