import { readMailboxMessages } from "../../../domain/mail/read-mailbox-messages.ts";
import type { SearchKey as DomainKey } from "../../../domain/mail/search-key.ts";
import { searchMailbox } from "../../../domain/mail/search-mailbox.ts";
import { BadSyntax } from "../../../formats/imap-syntax/bad-syntax.ts";
import { parseSearch, type SearchKey, type SearchReturn } from "../../../formats/imap-syntax/parse-search.ts";
import { toRanges } from "../../../formats/imap-syntax/sequence-set.ts";
import { writeEsearch, writeUntagged } from "../../../formats/imap-syntax/write-response.ts";
import type { Command } from "../command.ts";
import { inBatches } from "../in-batches.ts";
import { requireSelected } from "../require-selected.ts";
import type { SelectedMailbox } from "../selected-mailbox.ts";
import type { Session } from "../session.ts";

/** SEARCH and UID SEARCH: RFC 9051 section 6.4.4, with the results kept for `$` of RFC 5182. */
export const search: Command = {
  state: "selected",
  updates: "never",
  mayTakeLong: true,
  async run(session, raw) {
    const { returns, key } = parseSearch(raw);
    const selected = requireSelected(session);
    const inUids = raw.verb === "UID SEARCH";
    const byModseq = mentions(key, "modseq");
    if (byModseq) session.enableCondstore();
    let uids: number[];
    try {
      const found = await searchMailbox(
        session.deps.mail,
        selected.access,
        selected.id,
        toDomainKey(session, selected, key),
      );
      // What the client does not know of yet has no sequence number for it.
      uids = found.filter((uid) => selected.uids.sequenceOf(uid) > 0);
    } catch (error) {
      // RFC 5182 section 2.1: a refused search with SAVE empties what was kept.
      if (returns?.has("SAVE") && !(error instanceof BadSyntax)) session.savedSearch = [];
      throw error;
    }
    const numbers = inUids ? uids : uids.map((uid) => selected.uids.sequenceOf(uid));
    if (returns?.has("SAVE")) session.savedSearch = toRanges(toSave(returns, uids));
    if (returns === null && !session.rev2) {
      const modseq = byModseq && uids.length > 0 ? ` (MODSEQ ${await highestModseq(session, selected, uids)})` : "";
      session.channel.send(writeUntagged(`${["SEARCH", ...numbers].join(" ")}${modseq}`));
      return { text: "Search done." };
    }
    const wanted = returns ?? new Set<SearchReturn>(["ALL"]);
    if (wanted.size === 1 && wanted.has("SAVE")) return { text: "Search done, result kept." };
    session.channel.send(
      writeEsearch({
        tag: raw.tag,
        uid: inUids,
        min: wanted.has("MIN") ? numbers[0] : undefined,
        max: wanted.has("MAX") ? numbers.at(-1) : undefined,
        all: wanted.has("ALL") ? toRanges(numbers) : undefined,
        count: wanted.has("COUNT") ? numbers.length : undefined,
        modseq:
          byModseq && uids.length > 0 ? await highestModseq(session, selected, reported(wanted, uids)) : undefined,
      }),
    );
    return { text: "Search done." };
  },
};

export const uidSearch: Command = { ...search, updates: "when-hinted" };

/** RFC 5182 section 2.4: with only MIN or MAX, these alone are kept. */
function toSave(returns: ReadonlySet<SearchReturn>, uids: readonly number[]): readonly number[] {
  return reported(returns, uids);
}

/** The messages that an answer is about: only the first and the last when nothing else is asked (RFC 7162 section 3.1.10). */
function reported(returns: ReadonlySet<SearchReturn>, uids: readonly number[]): readonly number[] {
  const extremes = returns.has("MIN") || returns.has("MAX");
  if (!extremes || returns.has("ALL") || returns.has("COUNT") || uids.length === 0) return uids;
  const ends = [...(returns.has("MIN") ? [uids[0]!] : []), ...(returns.has("MAX") ? [uids.at(-1)!] : [])];
  return [...new Set(ends)];
}

function mentions(key: SearchKey, wanted: SearchKey["key"]): boolean {
  switch (key.key) {
    case "and":
      return key.keys.some((each) => mentions(each, wanted));
    case "or":
      return mentions(key.left, wanted) || mentions(key.right, wanted);
    case "not":
      return mentions(key.of, wanted);
    default:
      return key.key === wanted;
  }
}

async function highestModseq(session: Session, selected: SelectedMailbox, uids: readonly number[]): Promise<number> {
  let highest = 0;
  for (const batch of inBatches(uids, 1000)) {
    const rows = await readMailboxMessages(session.deps.mail.store.read, selected.access, selected.id, batch);
    for (const { modseq } of rows) highest = Math.max(highest, modseq);
  }
  return highest;
}

/** Replaces what only the client's view of the mailbox explains: sequence numbers, `*` and `$`. */
function toDomainKey(session: Session, selected: SelectedMailbox, key: SearchKey): DomainKey {
  const translate = (each: SearchKey) => toDomainKey(session, selected, each);
  switch (key.key) {
    case "and":
      return { key: "and", keys: key.keys.map(translate) };
    case "or":
      return { key: "or", left: translate(key.left), right: translate(key.right) };
    case "not":
      return { key: "not", of: translate(key.of) };
    case "sequence":
      return { key: "uids", ranges: selected.resolveRanges(session, key.set, false) };
    case "uid":
      return { key: "uids", ranges: selected.resolveRanges(session, key.set, true) };
    case "flag":
      // No message is ever \Recent here, which RFC 9051 made the rule.
      return key.flag === "\\Recent" ? { key: "uids", ranges: [] } : key;
    case "savedate-supported":
      return { key: "all" };
    default:
      return key;
  }
}
