import { fieldTexts } from "../../../formats/mime/header-texts.ts";
import { unicodeCasemap } from "../../../formats/mime/unicode-casemap.ts";

/** The columns of `message_header`. */
export interface HeaderColumns {
  readonly subject: string | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly cc: string | null;
  readonly bcc: string | null;
  readonly message_ids: string | null;
  readonly message_id_alone: string | null;
}

/** Stands around each form of a field; `unicodeCasemap` leaves none in a text. */
const around = "\uffff";

/** UTF-16 units of one column: a list of some thousand addresses. */
const maxColumn = 256 * 1024;

/** The fields with a column of their own, and its name. */
export const columnOfField: ReadonlyMap<string, keyof HeaderColumns> = new Map([
  ["subject", "subject"],
  ["from", "from"],
  ["to", "to"],
  ["cc", "cc"],
  ["bcc", "bcc"],
  ["message-id", "message_ids"],
]);

/** What is kept of a header for the search by field; null when it is too much. */
export function headerColumns(block: Buffer): HeaderColumns | null {
  const column = (key: string): string | null => {
    const texts = fieldTexts(block, key).flat();
    return texts.length === 0 ? null : `${around}${texts.map(unicodeCasemap).join(around)}${around}`;
  };
  const columns = {
    subject: column("subject"),
    from: column("from"),
    to: column("to"),
    cc: column("cc"),
    bcc: column("bcc"),
    message_ids: column("message-id"),
    message_id_alone: loneMessageId(fieldTexts(block, "message-id")),
  };
  return Object.values(columns).some((text) => (text?.length ?? 0) > maxColumn) ? null : columns;
}

function loneMessageId(fields: readonly string[][]): string | null {
  if (fields.length === 0) return null;
  const written = fields.length === 1 ? (fields[0]?.[0] ?? "").trim() : "";
  return isMessageId(written) ? unicodeCasemap(written) : "";
}

/** Whether this is one whole id in its angle brackets, which no folding and no encoding changes. */
export function isMessageId(text: string): boolean {
  return /^<[^<>\s]+>$/.test(text) && /^[\x21-\x7e]+$/.test(text) && !text.includes("=?");
}
