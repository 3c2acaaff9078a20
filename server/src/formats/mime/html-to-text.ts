import { decodeEntities } from "./decode-entities.ts";

const skipped = new Set(["script", "style", "head", "title", "template", "noscript", "svg", "object", "iframe"]);
const inline = new Set([
  "a",
  "abbr",
  "b",
  "bdi",
  "bdo",
  "big",
  "code",
  "em",
  "font",
  "i",
  "ins",
  "label",
  "mark",
  "small",
  "span",
  "strong",
  "sub",
  "sup",
  "u",
  "wbr",
]);
const tagName = /[a-z][a-z0-9:-]{0,30}/iy;

/** UTF-16 units of markup after which others may get their turn. */
const turnLength = 64 * 1024;

/**
 * Text of an HTML document for search and previews: tags, comments, style and script dropped, blocks separated by a line feed,
 * character references decoded. Not a sanitizer. Never throws; linear time; at most `limit` characters of markup are read.
 */
export function htmlToText(html: string, limit = Number.POSITIVE_INFINITY): string {
  const steps = stripMarkup(html.length > limit ? html.slice(0, limit) : html);
  for (let step = steps.next(); ; step = steps.next()) if (step.done) return decodeEntities(step.value);
}

/** The same with character references as they are, step by step: yields where others may get their turn. */
export function* stripMarkup(source: string): Generator<void, string> {
  const lower = source.toLowerCase();
  // A closing that was not found once is not searched again: that keeps the scan linear.
  const missing = new Set<string>();
  const pieces: string[] = [];
  let position = 0;
  for (let turn = turnLength; position < source.length; ) {
    const open = source.indexOf("<", position);
    if (open < 0) break;
    pieces.push(source.slice(position, open));
    position = skipMarkup(source, lower, open, missing, pieces);
    if (position < turn) continue;
    turn = position + turnLength;
    yield;
  }
  pieces.push(source.slice(position));
  return pieces.join("");
}

function skipMarkup(source: string, lower: string, open: number, missing: Set<string>, pieces: string[]): number {
  if (source.startsWith("<!--", open)) return after(lower, "-->", open + 4, missing) ?? open + 4;
  const closes = source[open + 1] === "/";
  tagName.lastIndex = closes ? open + 2 : open + 1;
  const name = tagName.exec(source)?.[0].toLowerCase();
  if (name === undefined) {
    if (source[open + 1] === "!" || source[open + 1] === "?") return after(lower, ">", open, missing) ?? source.length;
    pieces.push("<");
    return open + 1;
  }
  const end = tagEnd(source, tagName.lastIndex, missing);
  if (!inline.has(name)) pieces.push("\n");
  if (!closes && skipped.has(name) && source[end - 2] !== "/") {
    const close = after(lower, `</${name}`, end, missing);
    // An element left open swallows nothing: better a style sheet in the index than a mail that cannot be found.
    if (close !== null) return after(lower, ">", close, missing) ?? source.length;
  }
  return end;
}

function after(text: string, needle: string, from: number, missing: Set<string>): number | null {
  if (missing.has(needle)) return null;
  const found = text.indexOf(needle, from);
  if (found >= 0) return found + needle.length;
  missing.add(needle);
  return null;
}

/** End of a tag; ">" inside a quoted attribute value does not end it, unless the quote is never closed. */
function tagEnd(source: string, from: number, missing: Set<string>): number {
  for (let i = from; i < source.length; i++) {
    const char = source[i]!;
    if (char === ">") return i + 1;
    if ((char === '"' || char === "'") && source[i - 1] === "=") {
      const close = after(source, char, i + 1, missing);
      if (close !== null) i = close - 1;
    }
  }
  return source.length;
}
