import type { EmailBodyValue } from "@bouquet/contract/jmap-mail.ts";
import { decodePartText } from "../../../formats/mime/message-text.ts";
import type { MimePart } from "../../../formats/mime/mime-part.ts";
import type { JmapLimits } from "../limits.ts";
import type { MessageBytes } from "./message-bytes.ts";

/** Octets of text that the answers of one call may still hold. */
export interface ValueBudget {
  octets: number;
}

const knownEncodings = new Set([
  "7bit",
  "8bit",
  "binary",
  "base64",
  "quoted-printable",
  "x-uuencode",
  "uuencode",
  "x-uue",
]);

/**
 * The text of a part (RFC 8621 section 4.1.4): line ends are LF.
 * @param maxBytes of the client in octets of UTF-8, 0 for none; ours hold besides
 */
export async function readBodyValue(
  part: MimePart,
  bytes: MessageBytes,
  maxBytes: number,
  limits: Pick<JmapLimits, "maxBodyValueBytes">,
  budget: ValueBudget,
): Promise<EmailBodyValue> {
  const allowed = Math.min(maxBytes || Number.POSITIVE_INFINITY, limits.maxBodyValueBytes, Math.max(0, budget.octets));
  // An encoded body takes at most three octets for one of its text, and a charset rarely four for one of UTF-8.
  const readTo = Math.min(part.bodyEnd, part.bodyStart + allowed * 4 + 4_096);
  const body = await bytes.read(part.bodyStart, readTo);
  const text = decodePartText(body, { ...part, bodyStart: 0, bodyEnd: body.length }).replaceAll("\r\n", "\n");
  const value = truncateText(text, allowed, part.subtype === "html");
  budget.octets -= Buffer.byteLength(value);
  return {
    value,
    isEncodingProblem: text.includes("\ufffd") || !knownEncodings.has(part.encoding) || !isKnownCharset(part),
    isTruncated: value.length < text.length || readTo < part.bodyEnd,
  };
}

/** Cuts between characters, and not inside a tag. @param octets of UTF-8 */
export function truncateText(text: string, octets: number, isHtml: boolean): string {
  const encoded = Buffer.from(text);
  if (encoded.length <= octets) return text;
  let end = octets;
  while (end > 0 && (encoded[end]! & 0xc0) === 0x80) end--;
  const cut = encoded.toString("utf8", 0, end);
  const open = cut.lastIndexOf("<");
  return isHtml && open > cut.lastIndexOf(">") ? cut.slice(0, open) : cut;
}

function isKnownCharset(part: MimePart): boolean {
  const { charset } = part.params;
  if (charset === undefined) return true;
  try {
    new TextDecoder(charset.trim());
    return true;
  } catch {
    return false;
  }
}
