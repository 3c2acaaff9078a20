import { decodeCharset } from "./decode-charset.ts";

/** A structured field value: `text/plain; charset=utf-8`. */
export interface ParameterizedValue {
  value: string;
  /** Names in lower case; RFC 2231 charsets and continuations undone. */
  params: Record<string, string>;
}

interface Segment {
  index: number;
  encoded: boolean;
  value: string;
}

const maxSegments = 1000;
const maxLength = 64 * 1024;

/**
 * Parses the value of Content-Type, Content-Disposition and their like (RFC 2045 §5.1, RFC 2231). Never throws: unquoted
 * spaces in file names, missing quotes and Windows paths are read as their senders meant them. Linear time; reads 64 Ki characters.
 */
export function parseParameters(input: string): ParameterizedValue {
  const text = input.slice(0, maxLength);
  let position = nextSemicolon(text, 0);
  const value = stripComments(text.slice(0, position)).trim();
  const params: Record<string, string> = {};
  const segments = new Map<string, Segment[]>();
  while (position < text.length) {
    position++;
    const equals = text.indexOf("=", position);
    if (equals < 0) break;
    const semicolon = text.indexOf(";", position);
    if (semicolon >= 0 && semicolon < equals) {
      position = semicolon;
      continue;
    }
    const name = stripComments(text.slice(position, equals)).trim().toLowerCase();
    const read = readValue(text, equals + 1, name);
    position = read.end;
    if (name === "" || name === "__proto__") continue;
    const star = name.indexOf("*");
    if (star < 0) {
      if (!Object.hasOwn(params, name)) params[name] = read.value;
    } else {
      addSegment(segments, name, star, read.value);
    }
  }
  // RFC 2231 forms win over the plain one, which is then a fallback for old readers.
  for (const [name, list] of segments) {
    const joined = joinSegments(list);
    if (joined !== null) params[name] = joined;
  }
  return { value, params };
}

function readValue(text: string, from: number, name: string): { value: string; end: number } {
  let start = from;
  while (start < text.length && /\s/.test(text[start]!)) start++;
  if (text[start] !== '"') {
    const end = nextSemicolon(text, start);
    const raw = text.slice(start, end);
    const isFileName = name.startsWith("name") || name.startsWith("filename");
    return { value: (isFileName ? raw : stripComments(raw)).trim(), end };
  }
  let value = "";
  let runStart = start + 1;
  let i = runStart;
  for (; i < text.length && text[i] !== '"'; i++) {
    // Only \" and \\ are escapes: senders put Windows paths here unescaped.
    if (text[i] === "\\" && (text[i + 1] === '"' || text[i + 1] === "\\")) {
      value += text.slice(runStart, i);
      runStart = i + 1;
      i++;
    }
  }
  return { value: value + text.slice(runStart, i), end: nextSemicolon(text, Math.min(i + 1, text.length)) };
}

function nextSemicolon(text: string, from: number): number {
  const found = text.indexOf(";", from);
  return found < 0 ? text.length : found;
}

function stripComments(text: string): string {
  if (!text.includes("(")) return text;
  let result = "";
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === "\\" && depth > 0) i++;
    else if (char === "(") depth++;
    else if (char === ")" && depth > 0) depth--;
    else if (depth === 0) result += char;
  }
  return result;
}

function addSegment(segments: Map<string, Segment[]>, fullName: string, star: number, value: string): void {
  const name = fullName.slice(0, star);
  const match = /^\*(?:(\d{1,4})(\*)?)?$/.exec(fullName.slice(star));
  if (name === "" || name === "__proto__" || !match) return;
  const list = segments.get(name) ?? [];
  if (list.length >= maxSegments) return;
  const index = match[1] === undefined ? -1 : Number(match[1]);
  list.push({ index, encoded: index < 0 || match[2] !== undefined, value });
  segments.set(name, list);
}

function joinSegments(list: Segment[]): string | null {
  const whole = list.find((segment) => segment.index < 0);
  const ordered = whole ? [{ ...whole, index: 0 }] : list.toSorted((a, b) => a.index - b.index);
  if (ordered[0]?.index !== 0) return null;
  let charset: string | null = null;
  const chunks: Buffer[] = [];
  let expected = 0;
  for (const segment of ordered) {
    if (segment.index < expected) continue;
    if (segment.index > expected) break;
    let value = segment.value;
    if (expected === 0 && segment.encoded) {
      const first = value.indexOf("'");
      const second = first < 0 ? -1 : value.indexOf("'", first + 1);
      if (second >= 0) {
        charset = value.slice(0, first);
        value = value.slice(second + 1);
      }
    }
    chunks.push(segment.encoded ? percentDecode(value) : Buffer.from(value, "utf8"));
    expected++;
  }
  return decodeCharset(Buffer.concat(chunks), charset);
}

function percentDecode(text: string): Buffer {
  const source = Buffer.from(text, "utf8");
  const target = Buffer.alloc(source.length);
  let length = 0;
  for (let i = 0; i < source.length; i++) {
    const hex = source[i] === 0x25 ? source.toString("latin1", i + 1, i + 3) : "";
    if (/^[0-9a-fA-F]{2}$/.test(hex)) {
      target[length++] = Number.parseInt(hex, 16);
      i += 2;
    } else {
      target[length++] = source[i]!;
    }
  }
  return target.subarray(0, length);
}
