import type { IncomingMessage } from "node:http";
import { openDrive } from "../../../domain/drive/open-drive.ts";
import { BadMultipart } from "../../../formats/multipart-related/bad-multipart.ts";
import { readBoundary, readParts } from "../../../formats/multipart-related/read-parts.ts";
import type { HttpHandler } from "../../../net/http-router.ts";
import type { Logger } from "../../../telemetry/logger.ts";
import { authenticateDav } from "../../dav/authenticate-dav.ts";
import { DavError } from "../../dav/dav-error.ts";
import type { FileTreeDeps } from "../../dav/files/file-space.ts";
import { refuseRequest } from "../../dav/refuse-request.ts";
import { endUnreadBody } from "../../shared/end-unread-body.ts";
import type { HttpAuthenticator } from "../../shared/http-authentication.ts";
import { BulkUpload } from "./bulk-upload.ts";

export interface BulkDeps {
  readonly trees: FileTreeDeps;
  readonly authenticator: Pick<HttpAuthenticator, "authenticate">;
  readonly log: Logger;
}

/** Clients send a hundred at once. */
const limits = { parts: 1_000, headerBytes: 16 * 1_024 };

/**
 * `POST /remote.php/dav/bulk`: many small files in one request. What is said of each is an object by its path; what keeps the whole
 * from being read is an error of WebDAV, and then what came before it is kept.
 */
export function serveBulk(deps: BulkDeps): HttpHandler {
  return async (request, response) => {
    try {
      const result = await upload(deps, request);
      const bytes = Buffer.from(JSON.stringify(result));
      endUnreadBody(request, response);
      response.writeHead(200, { "content-type": "application/json; charset=utf-8", "content-length": bytes.length });
      response.end(bytes);
    } catch (thrown) {
      refuseRequest(deps.log, request, response, thrown);
    }
  };
}

async function upload({ trees, authenticator }: BulkDeps, request: IncomingMessage): Promise<Record<string, unknown>> {
  const { viewer, device } = await authenticateDav(authenticator, request);
  if (request.method !== "POST") throw new DavError(405, "Files are posted here", { headers: { allow: "POST" } });
  const boundary = readBoundary(request.headers["content-type"]);
  if (boundary === undefined) throw new DavError(415, "The body is multipart/related, with a boundary");
  const bulk = new BulkUpload(trees, await openDrive(trees, viewer, device));
  const body = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
  try {
    for await (const part of readParts(body, boundary, limits)) await bulk.add(part);
  } catch (error) {
    // What came whole is kept: its sender looks at what is there before it sends it again.
    await bulk.flush();
    throw error instanceof BadMultipart ? new DavError(400, error.message, { cause: error }) : error;
  }
  await bulk.flush();
  return bulk.results;
}
