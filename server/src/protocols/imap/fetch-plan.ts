import type { MessageColumn } from "../../domain/mail/read-message-columns.ts";
import type { FetchItem } from "../../formats/imap-syntax/parse-fetch.ts";

/** How a FETCH can be answered from columns of many messages at once. */
export interface FetchPlan {
  readonly items: readonly FetchItem[];
  /** What never changes; may be empty. */
  readonly columns: ReadonlySet<MessageColumn>;
  /** FLAGS or MODSEQ are asked for, or reading may set `\Seen`: the mailbox has to be looked at. */
  readonly needsView: boolean;
  /** Whole messages, or their headers. */
  readonly hasBytes: boolean;
}

/** @returns undefined when an item needs the MIME tree of the message, or more than its row */
export function planFetch(items: readonly FetchItem[], marksSeen: boolean): FetchPlan | undefined {
  const columns = new Set<MessageColumn>();
  let needsView = marksSeen;
  for (const item of items) {
    switch (item.item) {
      case "UID":
        break;
      case "FLAGS":
      case "MODSEQ":
        needsView = true;
        break;
      case "INTERNALDATE":
        columns.add("receivedAt");
        break;
      case "RFC822.SIZE":
        columns.add("size");
        break;
      case "EMAILID":
        columns.add("messageId");
        break;
      case "THREADID":
        columns.add("threadId");
        break;
      case "SAVEDATE":
        columns.add("saveDate");
        break;
      case "ENVELOPE":
        columns.add("envelope");
        break;
      case "BODYSTRUCTURE":
        columns.add("bodystructure");
        break;
      case "SECTION": {
        const { part, text } = item.section;
        if (part.length > 0 || text === "TEXT" || text === "MIME") return undefined;
        columns.add(text === null ? "bytes" : "header");
        break;
      }
      default:
        return undefined;
    }
  }
  const hasBytes = columns.has("bytes") || columns.has("header");
  // Something has to tell which messages are gone.
  return { items, columns, needsView: needsView || columns.size === 0, hasBytes };
}
