import { isAscii, isUtf8 } from "node:buffer";

/** One header field: offsets cover the whole field with its line end, folded lines included. */
export interface HeaderField {
  name: string;
  /** The name in lower case. */
  key: string;
  /** Unfolded and trimmed; UTF-8 when the bytes are valid UTF-8, else windows-1252. Encoded words are left as they are. */
  value: string;
  start: number;
  end: number;
}

// A message may be 50 MB of header: what is read of it stays small.
const maxFields = 20_000;
const maxValue = 1024 * 1024;
const windows1252 = new TextDecoder("windows-1252");

/** Raw header bytes to text: UTF-8 (RFC 6532) when valid, else windows-1252, which is what old senders put there. */
export function headerText(bytes: Buffer): string {
  return isUtf8(bytes) ? bytes.toString("utf8") : windows1252.decode(bytes);
}

/** A field name is printable ASCII without colon (RFC 5322 §3.6.8); white space before the colon is obsolete but legal. */
function fieldName(text: string): string | null {
  const name = text.trimEnd();
  if (name.length === 0) return null;
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (code <= 32 || code >= 127) return null;
  }
  return name;
}

function unfold(text: string): string {
  const line = text.includes("\n") ? text.replace(/\r?\n/g, "") : text;
  return line.replaceAll("\0", "").trim();
}

/**
 * Reads the fields of the header block [start, end). Stops at the blank line. Lines that are no field (no colon, an mbox
 * "From " line) are skipped with their continuations. Linear in the size of the block; at
 * most 20,000 fields and 1 MiB of each value are read.
 */
export function readHeaders(bytes: Buffer, start: number, end: number): HeaderField[] {
  const block = bytes.subarray(start, end);
  const ascii = isAscii(block);
  // One string for the block: latin1 keeps string offsets equal to byte offsets.
  const text = block.toString("latin1");
  const fields: HeaderField[] = [];
  let position = 0;
  while (position < text.length && fields.length < maxFields) {
    const fieldStart = position;
    let newline = text.indexOf("\n", position);
    const lineEnd = newline < 0 ? text.length : newline + 1;
    if (isBlank(text, position, lineEnd)) break;
    position = lineEnd;
    while (position < text.length && isWhiteSpace(text.charCodeAt(position))) {
      newline = text.indexOf("\n", position);
      const next = newline < 0 ? text.length : newline + 1;
      if (isBlank(text, position, next)) break;
      position = next;
    }
    const colon = text.indexOf(":", fieldStart);
    if (colon < 0) break;
    if (colon >= lineEnd) continue;
    const name = fieldName(text.slice(fieldStart, colon));
    if (name === null) continue;
    const valueEnd = Math.min(position, colon + 1 + maxValue);
    const raw = ascii ? text.slice(colon + 1, valueEnd) : headerText(block.subarray(colon + 1, valueEnd));
    fields.push({
      name,
      key: name.toLowerCase(),
      value: unfold(raw),
      start: start + fieldStart,
      end: start + position,
    });
  }
  return fields;
}

function isWhiteSpace(code: number): boolean {
  return code === 32 || code === 9;
}

function isBlank(text: string, from: number, to: number): boolean {
  return (
    (to - from === 1 && text.charCodeAt(from) === 10) ||
    (to - from === 2 && text.charCodeAt(from) === 13 && text.charCodeAt(from + 1) === 10)
  );
}

/** Value of the first field called `key` (lower case), or null. */
export function firstHeader(fields: readonly HeaderField[], key: string): string | null {
  for (const field of fields) if (field.key === key) return field.value;
  return null;
}

/** Values of all the fields called `key` (lower case), in order. */
export function allHeaders(fields: readonly HeaderField[], key: string): string[] {
  const values: string[] = [];
  for (const field of fields) if (field.key === key) values.push(field.value);
  return values;
}

/**
 * The bytes of HEADER.FIELDS (`exclude` false) or HEADER.FIELDS.NOT (`exclude` true) of the header block [start, end):
 * the fields as they stand, then the delimiting blank line if the block has one (RFC 9051 §6.4.5.1).
 */
export function selectHeaderFields(
  bytes: Buffer,
  start: number,
  end: number,
  names: readonly string[],
  exclude: boolean,
): Buffer {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  const chunks: Buffer[] = [];
  for (const field of readHeaders(bytes, start, end)) {
    if (wanted.has(field.key) !== exclude) chunks.push(bytes.subarray(field.start, field.end));
  }
  chunks.push(bytes.subarray(blankLineStart(bytes, start, end), end));
  return Buffer.concat(chunks);
}

function blankLineStart(bytes: Buffer, start: number, end: number): number {
  if (end <= start || bytes[end - 1] !== 10) return end;
  const line = end - 2 >= start && bytes[end - 2] === 13 ? end - 2 : end - 1;
  return line === start || bytes[line - 1] === 10 ? line : end;
}
