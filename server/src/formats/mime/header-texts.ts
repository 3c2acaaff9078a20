import { isUtf8 } from "node:buffer";
import { decodeWords, decodeWordsExactly } from "./decode-header.ts";
import { headerText } from "./headers.ts";
import { parseParameters } from "./parse-parameters.ts";

const addressFields = new Set(["from", "sender", "reply-to", "to", "cc", "bcc"]);
const namedFields = new Set(["content-type", "content-disposition"]);

/** A line of a header with the lines that continue it, their ends included. */
interface LogicalLine {
  /** In lower case; null for a line that is no field. */
  readonly key: string | null;
  /** What comes before the value: the name and the colon. */
  readonly name: string;
  readonly value: string;
}

/**
 * The texts in which a search of the whole header looks: the header as it stands, each folded field unfolded, each field with encoded
 * words decoded, and the addresses and file names as they are shown. What is sought must stand in one of them.
 */
export function* headerTexts(block: Buffer): Generator<string> {
  const lines = logicalLines(block);
  yield lines.map(({ name, value }) => name + value).join("");
  for (const line of lines) {
    if (line.key === null) continue;
    const { name } = line;
    const forms = valueForms(line);
    for (const form of forms.slice(1)) yield name + form;
    yield* shownForms(line, forms);
  }
}

/**
 * The texts in which a search of a header field looks, "what comes after the colon" (RFC 9051 section 6.4.4): as it stands, unfolded,
 * decoded, and the addresses as they are shown, without quotes.
 * @param key name of the field in lower case
 * @returns for each field of that name its texts, in order
 */
export function fieldTexts(block: Buffer, key: string): string[][] {
  return logicalLines(block).flatMap((line) => {
    if (line.key !== key) return [];
    const forms = valueForms(line);
    return [[...forms, ...shownForms(line, forms)]];
  });
}

function logicalLines(block: Buffer): LogicalLine[] {
  // latin1 keeps offsets equal to those of the bytes.
  const text = block.toString("latin1");
  const whole = isUtf8(block);
  const lines: LogicalLine[] = [];
  for (let start = 0; start < text.length; ) {
    let end = lineEnd(text, start);
    const first = end;
    while (end < text.length && isBlank(text.charCodeAt(end)) && !isBlankLine(text, end)) end = lineEnd(text, end);
    const colon = start + text.slice(start, first).indexOf(":");
    // A field in another charset must not spoil those in UTF-8.
    const decode = (from: number, to: number): string =>
      whole ? block.toString("utf8", from, to) : headerText(block.subarray(from, to));
    const key = colon < start ? null : fieldKey(text.slice(start, colon));
    if (key === null) lines.push({ key, name: "", value: decode(start, end) });
    else lines.push({ key, name: text.slice(start, colon + 1), value: decode(colon + 1, end) });
    start = end;
  }
  return lines;
}

function lineEnd(text: string, from: number): number {
  const newline = text.indexOf("\n", from);
  return newline < 0 ? text.length : newline + 1;
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}

/** As `readHeaders` sees it: such a line ends a header and continues nothing. */
function isBlankLine(text: string, at: number): boolean {
  return text[at] === "\n" || (text[at] === "\r" && text[at + 1] === "\n");
}

/** A field name is printable ASCII without colon (RFC 5322 section 3.6.8); white space before the colon is obsolete but legal. */
function fieldKey(text: string): string | null {
  const name = text.trimEnd();
  return /^[\x21-\x7e]+$/.test(name) ? name.toLowerCase() : null;
}

/** As it stands; without the ends of its lines (RFC 5322 section 2.2.3); each fold a single space; decoded. */
function valueForms({ value }: LogicalLine): string[] {
  const pieces = value.split(/\r?\n/);
  if (pieces.at(-1) === "") pieces.pop();
  const forms = [value];
  let unfolded = pieces[0] ?? "";
  if (pieces.length > 1) {
    forms.push(pieces.join(""));
    unfolded = pieces.map((piece, index) => trimBlanks(piece, index > 0, index < pieces.length - 1)).join(" ");
    forms.push(unfolded);
  }
  if (unfolded.includes("=?")) forms.push(decodeWordsExactly(unfolded));
  return forms;
}

function trimBlanks(text: string, atStart: boolean, atEnd: boolean): string {
  let start = 0;
  let end = text.length;
  if (atStart) while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  if (atEnd) while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/** Addresses and file names as programs show them: without the quotes and the escapes around them. */
function shownForms(line: LogicalLine, forms: readonly string[]): string[] {
  const key = line.key ?? "";
  const last = (forms.at(-1) ?? "").replace(/\r?\n$/, "");
  if (addressFields.has(key)) return last.includes('"') ? [last.replace(/\\(.)|"/gs, "$1")] : [];
  if (!namedFields.has(key)) return [];
  const { filename, name } = parseParameters(line.value.replace(/\r?\n/g, "").replaceAll("\0", "").trim()).params;
  return [filename, name].flatMap((each) => (each === undefined ? [] : [decodeWords(each)]));
}
