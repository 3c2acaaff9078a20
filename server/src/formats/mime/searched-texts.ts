import { headerTexts } from "./header-texts.ts";
import { htmlToText } from "./html-to-text.ts";
import { collapseSpace, decodePartText } from "./message-text.ts";
import type { MimePart } from "./mime-part.ts";

/** One place in which an exact search looks. */
export interface SearchedPlace {
  readonly in: "header" | "body";
  /** Of the stored message. */
  readonly start: number;
  readonly end: number;
  /** The texts there, from those bytes; what is sought must stand in one of them. */
  texts(bytes: Buffer): Iterable<string>;
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

function* bodyTexts(part: MimePart, bytes: Buffer): Generator<string> {
  const text = decodePartText(bytes, { ...part, bodyStart: 0, bodyEnd: bytes.length });
  yield text;
  if (part.subtype === "html") yield collapseSpace(htmlToText(text));
}
