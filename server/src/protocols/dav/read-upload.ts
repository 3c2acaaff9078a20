import type { IncomingMessage } from "node:http";
import { parseSeconds } from "../../formats/dav-xml/times.ts";
import { DavError } from "./dav-error.ts";
import type { DavUpload } from "./dav-tree.ts";

/**
 * What the headers of a PUT say of its body.
 * @throws DavError 400, 415, 501
 */
export function readUpload(request: IncomingMessage): DavUpload {
  const { headers } = request;
  // A part of a file is no file (RFC 9110 section 14.5).
  if (headers["content-range"] !== undefined)
    throw new DavError(400, "A PUT sends a whole file", { header: "Content-Range" });
  // What is kept are the bytes that are sent, which would then not be the file's (RFC 9110 section 8.4).
  if (!/^(identity)?$/i.test(headers["content-encoding"]?.trim() ?? "")) {
    throw new DavError(415, "Files are sent without a content coding", { header: "Content-Encoding" });
  }
  return {
    size: readLength(request),
    contentType: headers["content-type"],
    modifiedAt: readTime(headers["x-oc-mtime"], "X-OC-Mtime"),
    createdAt: readTime(headers["x-oc-ctime"], "X-OC-CTime"),
    isConditional: ["if", "if-match", "if-none-match", "if-unmodified-since"].some(
      (name) => headers[name] !== undefined,
    ),
    checksum: single(headers["oc-checksum"]),
    headers,
  };
}

function readLength(request: IncomingMessage): number | undefined {
  const { "content-length": length, "transfer-encoding": encoding } = request.headers;
  if (length !== undefined) return Number(length);
  // Neither: no body at all (RFC 9112 section 6.3), an empty file.
  if (encoding !== undefined) {
    if (encoding.toLowerCase() !== "chunked") throw new DavError(501, "This transfer encoding is unknown");
    // macOS says so what the chunks will make.
    const expected = single(request.headers["x-expected-entity-length"]);
    return expected !== undefined && /^\d{1,15}$/.test(expected) ? Number(expected) : undefined;
  }
  return 0;
}

/** Seconds since 1970, with a fraction from some clients. @throws DavError 400 */
export function readTime(value: string | string[] | undefined, name: string): Date | undefined {
  const text = single(value)?.trim();
  if (text === undefined || text === "") return undefined;
  const time = parseSeconds(text);
  if (!time) throw new DavError(400, `${name} is a number of seconds`, { header: name });
  return time;
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
