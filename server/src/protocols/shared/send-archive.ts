import type { FastifyReply, FastifyRequest } from "fastify";
import { writeZip, type ZipEntry } from "../../formats/zip/write-zip.ts";
import { contentDisposition } from "./content-disposition.ts";

/** Answers with a ZIP as it is made; its length is not known before. When it breaks, so does the connection. */
export function sendArchive(
  request: FastifyRequest,
  reply: FastifyReply,
  name: string,
  entries: AsyncIterable<ZipEntry>,
): FastifyReply {
  reply.headers({
    "content-type": "application/zip",
    "content-disposition": contentDisposition("attachment", `${name}.zip`),
    "cache-control": "private, no-store",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
    "referrer-policy": "no-referrer",
  });
  return request.method === "HEAD" ? reply.send() : reply.send(writeZip(entries));
}
