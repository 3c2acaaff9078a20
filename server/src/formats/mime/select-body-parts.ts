import { fileName } from "./file-name.ts";
import type { MimePart } from "./mime-part.ts";

/** Which parts a reader shows and which it offers as attachments. */
export interface BodyParts {
  textBody: MimePart[];
  htmlBody: MimePart[];
  attachments: MimePart[];
}

// Signatures and reports are machinery: a paper clip for them would mislead.
const machinery = new Set([
  "application/pgp-signature",
  "application/pkcs7-signature",
  "application/x-pkcs7-signature",
  "message/delivery-status",
  "message/disposition-notification",
  "text/rfc822-headers",
]);

/** Selects the parts to show as text and as HTML, and the attachments, by the algorithm of RFC 8621 §4.1.4. */
export function selectBodyParts(root: MimePart): BodyParts {
  const attachments: MimePart[] = [];
  const textBody: MimePart[] = [];
  const htmlBody: MimePart[] = [];
  walk([root], "mixed", false, htmlBody, textBody, attachments);
  return { textBody, htmlBody, attachments };
}

function isMedia(part: MimePart): boolean {
  return part.type === "image" || part.type === "audio" || part.type === "video";
}

function isText(part: MimePart, subtype: string): boolean {
  return part.type === "text" && part.subtype === subtype;
}

function isInline(part: MimePart, position: number, container: string): boolean {
  if (part.disposition?.type === "attachment") return false;
  if (!isText(part, "plain") && !isText(part, "html") && !isMedia(part)) return false;
  // Only the first part of multipart/related is shown by itself; a later text with a file name is an attachment.
  return position === 0 || (container !== "related" && (isMedia(part) || fileName(part) === null));
}

function walk(
  parts: readonly MimePart[],
  container: string,
  inAlternative: boolean,
  html: MimePart[] | null,
  text: MimePart[] | null,
  attachments: MimePart[],
): void {
  const textLength = text?.length ?? -1;
  const htmlLength = html?.length ?? -1;
  // Null from the point where this branch of an alternative has chosen the other form.
  let textBody = text;
  let htmlBody = html;
  parts.forEach((part, position) => {
    if (part.parts) {
      walk(part.parts, part.subtype, inAlternative || part.subtype === "alternative", htmlBody, textBody, attachments);
      return;
    }
    if (!isInline(part, position, container)) {
      attachments.push(part);
      return;
    }
    if (container === "alternative") {
      if (isText(part, "plain")) textBody?.push(part);
      else if (isText(part, "html")) htmlBody?.push(part);
      else attachments.push(part);
      return;
    }
    if (inAlternative) {
      if (isText(part, "plain")) htmlBody = null;
      if (isText(part, "html")) textBody = null;
    }
    textBody?.push(part);
    htmlBody?.push(part);
    if ((textBody === null || htmlBody === null) && isMedia(part)) attachments.push(part);
  });
  if (container !== "alternative" || !textBody || !htmlBody) return;
  if (textLength === textBody.length && htmlLength !== htmlBody.length) textBody.push(...htmlBody.slice(htmlLength));
  else if (htmlLength === htmlBody.length && textLength !== textBody.length)
    htmlBody.push(...textBody.slice(textLength));
}

/**
 * Whether a list of messages should show a paper clip (RFC 8621 §4.1.4 leaves the choice): some attachment that is neither an
 * image the HTML shows by its Content-ID nor a signature or the machine part of a report.
 */
export function hasAttachment(attachments: readonly MimePart[]): boolean {
  return attachments.some((part) => {
    if (machinery.has(`${part.type}/${part.subtype}`)) return false;
    const shown = part.type === "image" && part.id !== null && part.disposition?.type !== "attachment";
    return !shown;
  });
}
