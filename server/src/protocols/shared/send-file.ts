import type { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import { parseRange } from "./byte-range.ts";
import { contentDisposition } from "./content-disposition.ts";
import { uploadedContentPolicy } from "./uploaded-content-policy.ts";

/** Routes of `sendFile`: the framework's own HEAD would answer that the length is 0. */
export const getAndHead = { method: ["GET", "HEAD"] as ("GET" | "HEAD")[], exposeHeadRoute: false };

export interface FileToSend {
  name: string;
  contentType: string;
  /** Of text; UTF-8 without. */
  charset?: string;
  modifiedAt: Date;
  /** Identifies the bytes: what the strong ETag is made of. */
  versionId: string;
  source: { size: number; open(range?: { start: number; end: number }): Readable };
}

/** What a browser may show by itself. PDF is not among them: viewers do not run in a sandbox. */
const shown = /^(image\/(png|jpeg|gif|webp|avif|bmp)|(audio|video)\/[a-z0-9.+-]+|text\/plain)$/;

/** Whether `inline` shows it: else it is saved, whatever was asked. */
export function isShownInline(contentType: string): boolean {
  return shown.test(contentType);
}

/**
 * Answers GET and HEAD for a file that somebody uploaded: conditions, one range (RFC 9110 sections 13 and 14), and headers that
 * keep it from ever being a page of ours.
 * @param options.mayStore whether the browser may keep it, asking each time
 */
export function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  file: FileToSend,
  options: { disposition?: "inline" | "attachment" | undefined; mayStore: boolean },
): FastifyReply {
  const etag = `"${file.versionId}"`;
  const modified = new Date(Math.floor(file.modifiedAt.getTime() / 1_000) * 1_000);
  reply.headers({
    etag,
    "last-modified": modified.toUTCString(),
    "accept-ranges": "bytes",
    "cache-control": options.mayStore ? "private, no-cache" : "no-store",
    ...uploadedContentPolicy,
  });
  const { headers } = request;
  if (isUnchanged(headers["if-none-match"], headers["if-modified-since"], etag, modified))
    return reply.code(304).send();

  const { size } = file.source;
  const condition = headers["if-range"];
  const mayRange = isStillThat(typeof condition === "string" ? condition : undefined, etag, modified);
  const range = mayRange ? parseRange(headers.range, size) : undefined;
  if (range === "unsatisfiable") {
    return reply.code(416).header("content-range", `bytes */${size}`).send();
  }
  const kind = options.disposition === "inline" && isShownInline(file.contentType) ? "inline" : "attachment";
  reply.headers({
    "content-type": file.contentType.startsWith("text/")
      ? `${file.contentType}; charset=${file.charset ?? "utf-8"}`
      : file.contentType,
    "content-disposition": contentDisposition(kind, file.name),
    "content-length": range ? range.end - range.start : size,
  });
  if (range) reply.code(206).header("content-range", `bytes ${range.start}-${range.end - 1}/${size}`);
  // Not left to the framework, which would read the whole file to throw it away.
  if (request.method === "HEAD") return reply.send();
  return reply.send(file.source.open(range));
}

function isUnchanged(noneMatch: string | undefined, since: string | undefined, etag: string, modified: Date): boolean {
  if (noneMatch !== undefined) {
    return noneMatch.trim() === "*" || noneMatch.split(",").some((each) => each.trim().replace(/^W\//, "") === etag);
  }
  const date = since === undefined ? Number.NaN : Date.parse(since);
  return modified.getTime() <= date;
}

/** If-Range: a strong ETag, or the exact date (RFC 9110 section 13.1.5). */
function isStillThat(condition: string | undefined, etag: string, modified: Date): boolean {
  if (condition === undefined) return true;
  return condition.includes('"') ? condition.trim() === etag : Date.parse(condition) === modified.getTime();
}
