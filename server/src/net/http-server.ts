import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Logger } from "../telemetry/logger.ts";
import type { HttpHandler } from "./http-router.ts";
import { listen } from "./listen.ts";
import type { ListenPlace } from "./listen-error.ts";

export type HttpServer = {
  /** The port it really listens on. */
  readonly port: number;
  /** Aborted when the server starts to stop: what streams without end (push, events) must end then. */
  readonly closing: AbortSignal;
  /**
   * Stops accepting, lets the requests that run finish, and cuts what is left after `deadlineMs`. Resolves when no
   * connection is open.
   */
  close(deadlineMs: number): Promise<void>;
};

/** Takes over the connection of a request to speak another protocol, such as WebSocket (RFC 9110 section 7.8). */
export type HttpUpgrade = {
  /** What it does not accept is answered like any other request. */
  accepts(request: IncomingMessage): boolean;
  /** Must end the connection when `closing` is aborted. */
  take(request: IncomingMessage, socket: Duplex, head: Buffer): void;
};

export type HttpServerOptions = {
  readonly listen: ListenPlace;
  readonly handler: HttpHandler;
  readonly upgrade?: HttpUpgrade;
  readonly log: Logger;
  /** What the server is called in a sentence to the operator. */
  readonly name?: string;
  readonly maxConnections?: number;
};

const limits = {
  maxHeaderSize: 16 * 1024,
  headersTimeoutMs: 20_000,
  /** Longer than proxies keep theirs (60 s is usual), or they send on a connection that we are closing. */
  keepAliveTimeoutMs: 75_000,
  /** A connection on which no byte moves for this long is cut, in the middle of a request too. */
  idleTimeoutMs: 300_000,
};

/**
 * Starts an HTTP/1.1 server with limits. A body has no time limit as long as it moves: uploads may take hours.
 * An exception of the handler is logged and answered with 500, or cuts the connection when the answer has begun.
 * @throws ListenError
 */
export async function createHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { log, handler, upgrade, maxConnections = 10_000 } = options;
  const closing = new AbortController();
  const server = createServer({
    shouldUpgradeCallback: (request) => upgrade?.accepts(request) ?? false,
    maxHeaderSize: limits.maxHeaderSize,
    headersTimeout: limits.headersTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    requestTimeout: 0,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: 60_000,
  });
  server.maxConnections = maxConnections;
  server.timeout = limits.idleTimeoutMs;
  server.maxHeadersCount = 100;

  const running = new Set<ServerResponse>();
  server.on("request", (request, response) => {
    running.add(response);
    response.once("close", () => {
      running.delete(response);
      // A kept-alive connection whose answer had begun before the stop becomes idle only now.
      if (closing.signal.aborted) setImmediate(() => server.closeIdleConnections());
    });
    if (closing.signal.aborted) response.setHeader("connection", "close");
    const fail = (error: unknown) => {
      // A client that went away makes streams fail; that is its right and no fault of ours.
      if (request.destroyed && !request.complete) return;
      log.error({ error, method: request.method }, "an HTTP request failed");
      if (response.headersSent || response.destroyed) response.destroy();
      else response.writeHead(500, { "content-type": "text/plain; charset=utf-8" }).end("Internal error\n");
    };
    try {
      void Promise.resolve(handler(request, response)).catch(fail);
    } catch (error) {
      fail(error);
    }
  });
  server.on("checkContinue", (request, response) => {
    continueWhenRead(request, response);
    server.emit("request", request, response);
  });
  server.on("upgrade", (request, socket, head) => {
    socket.on("error", () => socket.destroy());
    if (closing.signal.aborted) socket.destroy();
    else upgrade?.take(request, socket, head);
  });
  server.on("dropRequest", (_request, socket) => socket.destroy());
  server.on("clientError", refuseMalformed);

  const port = await listen(server, options.name ?? "The HTTP server", options.listen, log);
  return {
    port,
    closing: closing.signal,
    close: async (deadlineMs) => {
      if (closing.signal.aborted) return;
      closing.abort();
      for (const response of running) {
        if (!response.headersSent) response.setHeader("connection", "close");
      }
      const { promise: closed, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      server.closeIdleConnections();
      const cut = setTimeout(() => {
        log.warn({ requests: running.size }, "HTTP requests were cut at the deadline of the stop");
        server.closeAllConnections();
      }, deadlineMs);
      await closed;
      clearTimeout(cut);
    },
  };
}

function refuseMalformed(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const statuses: Record<string, string> = {
    HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
    HPE_CHUNK_EXTENSIONS_OVERFLOW: "413 Payload Too Large",
    ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
  };
  socket.end(
    `HTTP/1.1 ${statuses[error.code ?? ""] ?? "400 Bad Request"}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
  );
}

/**
 * Sends "100 Continue" when the handler begins to read the body, so that a client that waits for it sends nothing to a handler
 * that refuses (RFC 9110 section 10.1.1). After a refusal the connection ends: the client may send the body all the same.
 */
function continueWhenRead(request: IncomingMessage, response: ServerResponse): void {
  const keepsAlive = response.shouldKeepAlive;
  response.shouldKeepAlive = false;
  const read = request._read;
  request._read = (size) => {
    request._read = read;
    if (!response.headersSent && !response.destroyed) {
      response.shouldKeepAlive = keepsAlive;
      response.writeContinue();
    }
    read.call(request, size);
  };
}
