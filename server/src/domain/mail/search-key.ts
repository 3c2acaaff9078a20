import type { SearchKey as ImapSearchKey } from "../../formats/imap-syntax/parse-search.ts";
import type { NumberRange } from "../../formats/imap-syntax/sequence-set.ts";

/**
 * An IMAP search, with what only the session knows (sequence numbers, `*`, `$`, `\Recent`) replaced by ranges of uids, ascending.
 */
export type SearchKey =
  | { readonly key: "uids"; readonly ranges: readonly NumberRange[] }
  | { readonly key: "and"; readonly keys: readonly SearchKey[] }
  | { readonly key: "or"; readonly left: SearchKey; readonly right: SearchKey }
  | { readonly key: "not"; readonly of: SearchKey }
  | Exclude<ImapSearchKey, { key: "sequence" | "uid" | "and" | "or" | "not" | "savedate-supported" }>;
