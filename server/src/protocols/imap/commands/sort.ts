import { sortMailbox } from "../../../domain/mail/sort-mailbox.ts";
import { parseSort } from "../../../formats/imap-syntax/parse-sort.ts";
import type { Command } from "../command.ts";
import { requireSelected } from "../require-selected.ts";
import { answerSearch } from "../search-answer.ts";
import { mentions, toDomainKey } from "../search-key.ts";

/** SORT and UID SORT: RFC 5256, with the answers of RFC 5267 and the criteria of RFC 5957. */
export const sort: Command = {
  state: "selected",
  updates: "never",
  mayTakeLong: true,
  async run(session, raw) {
    const { returns, page, criteria, key } = parseSort(raw);
    const selected = requireSelected(session);
    const byModseq = mentions(key, "modseq");
    if (byModseq) session.enableCondstore();
    try {
      const domainKey = toDomainKey(session, selected, key);
      const found = await sortMailbox(session.deps.mail, selected.access, selected.id, domainKey, criteria);
      const uids = found.filter((uid) => selected.uids.sequenceOf(uid) > 0);
      await answerSearch(session, selected, raw, { word: "SORT", returns, page, uids, byModseq });
    } catch (error) {
      if (returns?.has("SAVE")) session.savedSearch = [];
      throw error;
    }
    return { text: "Sorted." };
  },
};

export const uidSort: Command = { ...sort, updates: "when-hinted" };
