import type { IncomingMessage, ServerResponse } from "node:http";

const lingerMs = 10_000;

/**
 * After a refusal the rest of the body is read for a moment and thrown away, so that the sender sees the answer instead of a reset
 * connection (RFC 9112 section 9.6); one that goes on sending is cut.
 */
export function endUnreadBody(request: IncomingMessage, response: ServerResponse): void {
  if (request.complete) return;
  response.once("finish", () => {
    if (request.complete || request.destroyed) return;
    const { socket } = request;
    const cut = setTimeout(() => socket.destroy(), lingerMs);
    // Of the socket: once answered, the request is not told that its connection ended.
    const stop = (): void => {
      clearTimeout(cut);
      socket.off("close", stop);
    };
    socket.once("close", stop);
    request.once("end", stop).resume();
  });
}
