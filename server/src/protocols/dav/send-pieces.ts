import type { ServerResponse } from "node:http";
import { ClientGone } from "./client-gone.ts";

/**
 * Writes lent memory to an answer: the next piece is asked for once the system has taken the one before.
 * @param length bytes that were announced
 * @throws ClientGone; errors of the pieces, or when they are not as many, which must cut the connection
 */
export async function sendPieces(
  response: ServerResponse,
  pieces: AsyncIterable<Uint8Array>,
  length: number,
): Promise<void> {
  let fail: (() => void) | undefined;
  const onClose = (): void => fail?.();
  const write = (piece: Uint8Array): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    fail = () => reject(new ClientGone());
    if (response.destroyed) fail();
    else response.write(piece, (error) => (error ? fail?.() : resolve()));
    return promise;
  };
  let sent = 0;
  response.on("close", onClose);
  try {
    for await (const piece of pieces) {
      await write(piece);
      sent += piece.byteLength;
    }
  } finally {
    response.off("close", onClose);
  }
  if (sent !== length) throw new Error(`${sent} bytes were there of ${length}`);
}
