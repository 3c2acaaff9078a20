import { encodeModifiedUtf7 } from "./modified-utf7.ts";
import { type NumberRange, writeRanges } from "./sequence-set.ts";

const QUOTABLE_ASCII = /^[\x01-\x09\x0b\x0c\x0e-\x7f]*$/;
const QUOTABLE_UTF8 = /^[^\x00\x0a\x0d]*$/;
/** Beyond this a literal is kinder to line-based clients. */
const MAX_QUOTED = 1000;

/**
 * Writes a string as a quoted string, or as a literal when it cannot be quoted (RFC 9051 section 4.3). The result is
 * to be sent as UTF-8. NUL cannot be sent at all and is left out. `utf8` says that the client has enabled IMAP4rev2,
 * which allows UTF-8 in quoted strings.
 */
export function writeString(value: string, utf8 = false): string {
  const text = value.includes("\0") ? value.replaceAll("\0", "") : value;
  if (text.length <= MAX_QUOTED && (utf8 ? QUOTABLE_UTF8 : QUOTABLE_ASCII).test(text)) {
    return `"${text.replace(/["\\]/g, "\\$&")}"`;
  }
  const whole = text.toWellFormed();
  return `{${Buffer.byteLength(whole)}}\r\n${whole}`;
}

/** A mailbox name, in modified UTF-7 unless the client has enabled IMAP4rev2. */
export function writeMailbox(name: string, utf8: boolean): string {
  return utf8 ? writeString(name, true) : writeString(encodeModifiedUtf7(name));
}

/** A parenthesized list of values already written. */
export function writeList(written: Iterable<string>): string {
  return `(${[...written].join(" ")})`;
}

/** An untagged response; the line break is added. */
export function writeUntagged(text: string): string {
  return `* ${text}\r\n`;
}

export type Condition = "OK" | "NO" | "BAD";

/** A tagged response; `code` comes without its brackets. Line breaks in the text would be other responses: they become spaces. */
export function writeTagged(tag: string, condition: Condition, text: string, code?: string): string {
  return `${tag} ${writeCondition(condition, text, code)}\r\n`;
}

/** An untagged OK, NO, BAD, BYE or PREAUTH. */
export function writeStatusLine(condition: Condition | "BYE" | "PREAUTH", text: string, code?: string): string {
  return `* ${writeCondition(condition, text, code)}\r\n`;
}

/** That a command still runs, and how far it is (RFC 9585 section 4). */
export function writeProgress(tag: string, { done, total }: { done: number | null; total: number | null }): string {
  const known = total === null || total === 0 || done === null || done > total ? null : total;
  const text = done === null ? "Still at it." : known === null ? `${done} done.` : `${done} of ${known} done.`;
  return writeStatusLine("OK", text, `INPROGRESS (${writeString(tag)} ${done ?? "NIL"} ${known ?? "NIL"})`);
}

/** A command continuation request. */
export function writeContinuation(text: string): string {
  return `+ ${text}\r\n`;
}

function writeCondition(condition: string, text: string, code: string | undefined): string {
  const line = text.replace(/[\x00-\x1f\x7f]+/g, " ").trim();
  return `${condition}${code === undefined ? "" : ` [${code}]`} ${line === "" ? "." : line}`;
}

export interface Esearch {
  readonly tag: string;
  readonly uid: boolean;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly count?: number | undefined;
  /** Left out of the answer when empty, as RFC 9051 section 6.4.4 asks. */
  readonly all?: readonly NumberRange[] | undefined;
  /** The range asked for, and what of the results is in it (RFC 9394). */
  readonly partial?: { readonly written: string; readonly ranges: readonly NumberRange[] } | undefined;
  readonly modseq?: number | undefined;
}

/** An ESEARCH response (RFC 9051 section 7.3.4). */
export function writeEsearch(answer: Esearch): string {
  let text = `* ESEARCH (TAG ${writeString(answer.tag)})`;
  if (answer.uid) text += " UID";
  if (answer.min !== undefined) text += ` MIN ${answer.min}`;
  if (answer.max !== undefined) text += ` MAX ${answer.max}`;
  if (answer.count !== undefined) text += ` COUNT ${answer.count}`;
  if (answer.all !== undefined && answer.all.length > 0) text += ` ALL ${writeRanges(answer.all)}`;
  if (answer.partial !== undefined) {
    text += ` PARTIAL (${answer.partial.written} ${writeRanges(answer.partial.ranges) || "NIL"})`;
  }
  if (answer.modseq !== undefined) text += ` MODSEQ ${answer.modseq}`;
  return `${text}\r\n`;
}
