import { firstHeader, type HeaderField } from "./headers.ts";
import type { MimePart } from "./mime-part.ts";
import { parseParameters } from "./parse-parameters.ts";

/** What the `Content-*` fields say about a part. */
export type PartDescription = Pick<
  MimePart,
  "type" | "subtype" | "params" | "id" | "description" | "encoding" | "disposition" | "language" | "location" | "md5"
>;

const token = /^[^\s()<>@,;:\\"/[\]?=]+$/;

/**
 * Reads the `Content-*` fields of a part. A missing or malformed Content-Type gives `text/plain` (RFC 2045 §5.2), or
 * `message/rfc822` inside multipart/digest (RFC 2046 §5.1.5).
 */
export function describePart(fields: readonly HeaderField[], inDigest: boolean): PartDescription {
  const contentType = firstHeader(fields, "content-type");
  const disposition = firstHeader(fields, "content-disposition");
  const language = firstHeader(fields, "content-language");
  return {
    ...readType(contentType, inDigest),
    id: firstHeader(fields, "content-id") || null,
    description: firstHeader(fields, "content-description") || null,
    encoding: readEncoding(firstHeader(fields, "content-transfer-encoding")),
    disposition: disposition ? readDisposition(disposition) : null,
    language: language ? readLanguages(language) : null,
    location: firstHeader(fields, "content-location") || null,
    md5: firstHeader(fields, "content-md5") || null,
  };
}

function readType(value: string | null, inDigest: boolean): Pick<MimePart, "type" | "subtype" | "params"> {
  const fallback = inDigest ? { type: "message", subtype: "rfc822" } : { type: "text", subtype: "plain" };
  if (value === null) return { ...fallback, params: {} };
  const parsed = parseParameters(value);
  const slash = parsed.value.indexOf("/");
  const type = parsed.value.slice(0, Math.max(slash, 0)).trim().toLowerCase();
  const subtype = parsed.value
    .slice(slash + 1)
    .trim()
    .toLowerCase();
  if (!token.test(type) || !token.test(subtype)) return { type: "text", subtype: "plain", params: parsed.params };
  return { type, subtype, params: parsed.params };
}

function readEncoding(value: string | null): string {
  const encoding = value === null ? "" : parseParameters(value).value.toLowerCase();
  return token.test(encoding) ? encoding : "7bit";
}

function readDisposition(value: string): MimePart["disposition"] {
  const parsed = parseParameters(value);
  const type = parsed.value.toLowerCase();
  // RFC 2183 §2.8: an unknown disposition is treated as an attachment.
  return { type: token.test(type) ? type : "attachment", params: parsed.params };
}

function readLanguages(value: string): string[] | null {
  const tags = value
    .split(",")
    .map((tag) => tag.trim())
    .filter((tag) => tag !== "");
  return tags.length > 0 ? tags : null;
}
