import { searchMailbox } from "../../../domain/mail/search-mailbox.ts";
import { parseSearch } from "../../../formats/imap-syntax/parse-search.ts";
import type { Command } from "../command.ts";
import { requireSelected } from "../require-selected.ts";
import { answerSearch } from "../search-answer.ts";
import { mentions, toDomainKey } from "../search-key.ts";

/** SEARCH and UID SEARCH: RFC 9051 section 6.4.4, with the results kept for `$` of RFC 5182, in pages as in RFC 9394. */
export const search: Command = {
  state: "selected",
  updates: "never",
  mayTakeLong: true,
  async run(session, raw) {
    const { returns, page, key } = parseSearch(raw, session.enabled.has("UTF8=ACCEPT"));
    const selected = requireSelected(session);
    const byModseq = mentions(key, "modseq");
    if (byModseq) session.enableCondstore();
    try {
      const domainKey = toDomainKey(session, selected, key);
      const found = await searchMailbox(session.deps.mail, selected.access, selected.id, domainKey);
      // What the client does not know of yet has no sequence number for it.
      const uids = found.filter((uid) => selected.uids.sequenceOf(uid) > 0);
      await answerSearch(session, selected, raw, { word: "SEARCH", returns, page, uids, byModseq });
    } catch (error) {
      // RFC 5182 section 2.1: a refused search with SAVE empties what was kept.
      if (returns?.has("SAVE")) session.savedSearch = [];
      throw error;
    }
    const isOnlyKept = returns?.size === 1 && returns.has("SAVE");
    return { text: isOnlyKept ? "Search done, result kept." : "Search done." };
  },
};

export const uidSearch: Command = { ...search, updates: "when-hinted" };
