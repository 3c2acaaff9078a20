import { decodeEntities } from "./decode-entities.ts";
import { headerTexts } from "./header-texts.ts";
import { stripMarkup } from "./html-to-text.ts";
import { collapseSpace, decodePartText } from "./message-text.ts";
import type { MimePart } from "./mime-part.ts";

/** One place in which an exact search looks. */
export interface SearchedPlace {
  readonly in: "header" | "body";
  /** Of the stored message. */
  readonly start: number;
  readonly end: number;
  /**
   * The texts there, from those bytes; what is sought must stand in one of them. Null is no text: others get their turn. A long text is
   * made in steps, except that it is decoded at once.
   */
  texts(bytes: Buffer): Iterable<string | null>;
}

/**
 * Where the exact search of IMAP looks: TEXT in every header, those of parts and of enclosed messages included, and in the decoded text
 * of every part of text or that is a message of a kind of its own (a delivery report); BODY in the latter alone (RFC 9051 section
 * 6.4.4). HTML is looked at twice: as it was written and as it is read.
 */
export function* searchedPlaces(part: MimePart): Generator<SearchedPlace> {
  yield { in: "header", start: part.headerStart, end: part.headerEnd, texts: headerTexts };
  for (const child of part.parts ?? []) yield* searchedPlaces(child);
  if (part.message) yield* searchedPlaces(part.message);
  if (part.parts || part.message || (part.type !== "text" && part.type !== "message")) return;
  yield { in: "body", start: part.bodyStart, end: part.bodyEnd, texts: (bytes) => bodyTexts(part, bytes) };
}

function* bodyTexts(part: MimePart, bytes: Buffer): Generator<string | null> {
  const text = decodePartText(bytes, { ...part, bodyStart: 0, bodyEnd: bytes.length });
  yield text;
  if (part.subtype === "html") yield* readText(text);
}

/** UTF-16 units of text at a time. */
const pieceLength = 64 * 1024;

/** The text that a reader of HTML sees. */
function* readText(html: string): Generator<string | null> {
  const steps = stripMarkup(html);
  let step = steps.next();
  for (; !step.done; step = steps.next()) yield null;
  const text = step.value;
  const pieces: string[] = [];
  for (let from = 0; from < text.length; ) {
    let to = Math.min(from + pieceLength, text.length);
    // Before white space, which no character reference contains, and which one space stands for.
    while (to < text.length && !/\s/.test(text[to]!)) to += 1;
    const piece = collapseSpace(decodeEntities(text.slice(from, to)));
    if (piece !== "") pieces.push(piece);
    from = to;
    if (from < text.length) yield null;
  }
  yield pieces.join(" ");
}
