import type { MimePart } from "./mime-part.ts";

/** A range of message bytes. */
export interface ByteRange {
  start: number;
  end: number;
}

/** Finds a part by its IMAP section numbers (RFC 9051 §6.4.5.1); no number gives the root. Null when there is none. */
export function findPart(root: MimePart, numbers: readonly number[]): MimePart | null {
  let part: MimePart | null = null;
  for (const number of numbers) part = part === null ? childOf(root, number) : step(part, number);
  if (numbers.length === 0) return root;
  return part;
}

function step(part: MimePart, number: number): MimePart | null {
  if (part.message) return childOf(part.message, number);
  return part.parts?.[number - 1] ?? null;
}

/** A message that is not multipart has one part, itself. */
function childOf(message: MimePart, number: number): MimePart | null {
  if (message.parts) return message.parts[number - 1] ?? null;
  return number === 1 ? message : null;
}

/**
 * The bytes of an IMAP section: `text` null for BODY[] and BODY[1.2], else HEADER (also for HEADER.FIELDS), TEXT or MIME. HEADER and
 * TEXT exist for the message and for its message/rfc822 parts, MIME for any part. Null when the section does not exist.
 */
export function findSection(
  root: MimePart,
  numbers: readonly number[],
  text: "HEADER" | "TEXT" | "MIME" | null,
): ByteRange | null {
  if (numbers.length === 0) {
    if (text === "HEADER") return { start: root.headerStart, end: root.headerEnd };
    if (text === "TEXT") return { start: root.bodyStart, end: root.bodyEnd };
    return text === null ? { start: root.headerStart, end: root.bodyEnd } : null;
  }
  const part = findPart(root, numbers);
  if (part === null) return null;
  if (text === null) return { start: part.bodyStart, end: part.bodyEnd };
  if (text === "MIME") return { start: part.headerStart, end: part.headerEnd };
  const message = part.message;
  if (!message) return null;
  if (text === "HEADER") return { start: message.headerStart, end: message.headerEnd };
  return { start: message.bodyStart, end: message.bodyEnd };
}
