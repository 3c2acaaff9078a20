import type { IncomingMessage, ServerResponse } from "node:http";
import { toDomainError } from "../../domain/errors.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { endUnreadBody } from "../shared/end-unread-body.ts";
import { isClientGone } from "./client-gone.ts";
import { internalError, toDavAnswer } from "./translate-error.ts";

/** Answers a request of WebDAV that something was thrown of; says in the log what its sender cannot mend. */
export function refuseRequest(log: Logger, request: IncomingMessage, response: ServerResponse, thrown: unknown): void {
  // Whoever sent it is gone: there is nobody to answer.
  if ((request.destroyed && !request.complete) || (response.destroyed && isClientGone(thrown))) {
    log.info({ method: request.method }, "a request was cut by its sender");
    response.destroy();
    return;
  }
  const known = toDavAnswer(thrown);
  if (!known) log.error({ error: thrown, method: request.method }, "a WebDAV request failed");
  const code = toDomainError(thrown)?.code;
  if (code === "unavailable" || code === "storage_full") {
    log.warn({ error: thrown, method: request.method }, "a WebDAV request was put off");
  }
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, body, headers } = known ?? internalError;
  endUnreadBody(request, response);
  const isHead = request.method === "HEAD";
  const bytes = Buffer.from(body);
  response.writeHead(status, {
    "content-type": "application/xml; charset=utf-8",
    "content-length": bytes.length,
    ...headers,
  });
  response.end(isHead ? undefined : bytes);
}
