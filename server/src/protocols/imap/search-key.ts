import type { SearchKey as DomainKey } from "../../domain/mail/search-key.ts";
import type { SearchKey } from "../../formats/imap-syntax/parse-search.ts";
import type { SelectedMailbox } from "./selected-mailbox.ts";
import type { Session } from "./session.ts";

/** Whether a kind of key stands anywhere in a search. */
export function mentions(key: SearchKey, wanted: SearchKey["key"]): boolean {
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

/** Replaces what only the client's view of the mailbox explains: sequence numbers, `*`, `$` and `\Recent`. */
export function toDomainKey(session: Session, selected: SelectedMailbox, key: SearchKey): DomainKey {
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
      return key.flag === "\\Recent" ? { key: "uids", ranges: selected.recentRanges(session) } : key;
    case "savedate-supported":
      return { key: "all" };
    default:
      return key;
  }
}
