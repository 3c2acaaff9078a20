import { decodeTransferEncoding } from "../../../formats/mime/decode-body.ts";
import { decodeCharset } from "../../../formats/mime/decode-charset.ts";
import { decodeWords } from "../../../formats/mime/decode-header.ts";
import { headerText, readHeaders } from "../../../formats/mime/headers.ts";
import { htmlToText } from "../../../formats/mime/html-to-text.ts";
import { eachPart } from "../../../formats/mime/message-text.ts";
import type { MimePart } from "../../../formats/mime/mime-part.ts";
import { parseAddresses } from "../../../formats/mime/parse-addresses.ts";
import { parseDate } from "../../../formats/mime/parse-date.ts";
import type { MessageView, SieveBodyPart } from "../../../formats/sieve/message-view.ts";

/** Octets of one part, and of the whole raw body, that tests look at. */
const bodyLimit = 512 * 1024;
/** Octets of all parts that tests look at. */
const allPartsLimit = 4 * 1024 * 1024;

/** A message in memory as Sieve scripts see it: bodies are decoded when a test asks, once, and up to 512 KiB of each part. */
export function viewMessage(
  bytes: Buffer,
  root: MimePart,
  envelope: { readonly from: string; readonly to: string },
): MessageView {
  const headers = readHeaders(bytes, root.headerStart, root.headerEnd).map(({ name, value, start, end }) => ({
    name,
    value,
    raw: withLineEnd(bytes.toString("latin1", start, end)),
  }));
  // A blank line ends the header, or there is no body at all.
  const lastField = readHeaders(bytes, root.headerStart, root.headerEnd).at(-1);
  const hasBody = bytes.length > root.headerEnd || lastField?.end !== root.headerEnd;
  let parts: readonly SieveBodyPart[] | undefined;
  let texts: readonly string[] | undefined;
  let raw: string | undefined;
  return {
    size: bytes.length,
    headers,
    envelope,
    decode: decodeWords,
    addresses: (value) =>
      parseAddresses(value)
        .filter((each) => each.host !== null && (each.mailbox !== "" || each.host !== ""))
        .map((each) => ({ localPart: each.mailbox ?? "", domain: each.host ?? "" })),
    parseDate,
    rawBody() {
      if (!hasBody) return undefined;
      raw ??= headerText(bytes.subarray(root.bodyStart, Math.min(root.bodyEnd, root.bodyStart + bodyLimit)));
      return raw;
    },
    parts() {
      parts ??= hasBody ? viewParts(bytes, root) : [];
      return parts;
    },
    bodyTexts() {
      texts ??= (hasBody ? [...eachPart(root)] : [])
        .filter((part) => isText(part) && isDecodable(part) && part.disposition?.type !== "attachment")
        .map((part) => {
          const text = decodeText(bytes, part);
          return part.type === "text" && part.subtype !== "html" ? text : htmlToText(text);
        });
      return texts;
    },
  };
}

function withLineEnd(field: string): string {
  return field.endsWith("\n") ? field : `${field}\r\n`;
}

function isText({ type, subtype }: MimePart): boolean {
  return type === "text" || (type === "application" && subtype === "xhtml+xml");
}

/** What is encoded in a way that nobody knows is octets, whatever it calls itself (RFC 2045 section 6.4). */
function isDecodable({ encoding }: MimePart): boolean {
  return /^(?:7bit|8bit|binary|base64|quoted-printable|x-uuencode|uuencode|x-uue)$/.test(encoding);
}

function viewParts(bytes: Buffer, root: MimePart): SieveBodyPart[] {
  let left = allPartsLimit;
  return [...eachPart(root)].map((part) => {
    let texts: string[] | undefined;
    return {
      contentType: isDecodable(part) ? `${part.type}/${part.subtype}` : "application/octet-stream",
      texts() {
        texts ??= left > 0 ? contentsOf(bytes, part) : [];
        for (const text of texts) left -= text.length;
        return texts;
      },
    };
  });
}

/** RFC 5173 section 5.2. */
function contentsOf(bytes: Buffer, part: MimePart): string[] {
  if (part.message) {
    const { headerStart, headerEnd } = part.message;
    const header = headerText(bytes.subarray(headerStart, Math.min(headerEnd, headerStart + bodyLimit)));
    return [header.replace(/(^|\r?\n)\r?\n$/, "$1")];
  }
  if (part.parts) {
    const first = part.parts[0]?.headerStart ?? part.bodyEnd;
    const last = part.parts.at(-1)?.bodyEnd ?? part.bodyEnd;
    const prologue = headerText(bytes.subarray(part.bodyStart, Math.min(first, part.bodyStart + bodyLimit)));
    const epilogue = headerText(bytes.subarray(last, Math.min(part.bodyEnd, last + bodyLimit)));
    // The lines of the boundary are part of neither.
    const texts = [
      prologue.replace(/(?:^|\r?\n)--[^\n]*\r?\n?$/, ""),
      epilogue.replace(/^\r?\n?--[^\n]*(?:\r?\n|$)/, ""),
    ];
    return texts.filter((text) => text !== "");
  }
  return [decodeText(bytes, part)];
}

function decodeText(bytes: Buffer, part: MimePart): string {
  // Base64 takes four octets for three.
  const end = Math.min(part.bodyEnd, part.bodyStart + Math.ceil((bodyLimit * 4) / 3));
  const decoded = decodeTransferEncoding(bytes.subarray(part.bodyStart, end), part.encoding).subarray(0, bodyLimit);
  return decodeCharset(decoded, part.params.charset);
}
