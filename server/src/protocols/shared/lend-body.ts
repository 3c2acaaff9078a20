import type { IncomingMessage } from "node:http";

/** Below this, in bytes, memory is left to the collector of garbage. */
const small = 16 * 1024;

/**
 * The body of a request for who is done with a piece when it asks for the next: its memory is freed then. As garbage it would count
 * against V8's limit on what lies outside of its heap, and a large upload would have the whole heap searched again and again.
 * Stopping early leaves the request as it is: destroying it would take the connection with it, and the answer that says why.
 */
export async function* lendBody(request: IncomingMessage): AsyncGenerator<Uint8Array> {
  for await (const piece of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    yield piece;
    const { buffer, byteLength } = piece;
    // Not what shares its memory with others, as small buffers do.
    if (byteLength >= small && byteLength === buffer.byteLength && buffer instanceof ArrayBuffer) buffer.transfer(0);
  }
}
