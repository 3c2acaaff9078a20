import { Worker } from "node:worker_threads";
import type { ChecksumName } from "../formats/oc-checksum/checksum.ts";
import type { HashReply } from "./hash-thread.ts";

/** Threads at once; the others wait. */
const most = 2;

/** Bytes that go to the thread together, and that may be on their way. */
const pieceBytes = 1024 * 1024;
const windowBytes = 4 * pieceBytes;

let running = 0;
const waiting: (() => void)[] = [];

/**
 * What a stream hashes to, in a thread of its own: the event loop only reads and hands over.
 * @returns in the order of the names
 * @throws errors of the source, and of a thread that breaks
 */
export async function hashStream(source: AsyncIterable<Uint8Array>, names: readonly ChecksumName[]): Promise<Buffer[]> {
  // Whoever ends hands its place on: nobody comes between.
  if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
  else running++;
  try {
    return await hashInThread(source, names);
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}

async function hashInThread(source: AsyncIterable<Uint8Array>, names: readonly ChecksumName[]): Promise<Buffer[]> {
  const worker = new Worker(new URL("./hash-thread.ts", import.meta.url), {
    env: {},
    argv: [],
    workerData: names,
    resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 8 },
  });
  const result = Promise.withResolvers<Buffer[]>();
  // Looked at when the source has ended, or the window is full.
  result.promise.catch(() => {});
  let underWay = 0;
  let makeRoom = (): void => {};
  worker.on("message", (reply: HashReply) => {
    if ("digests" in reply) return result.resolve(reply.digests.map((digest) => Buffer.from(digest)));
    underWay -= reply.taken;
    makeRoom();
  });
  worker.once("error", result.reject);
  worker.once("exit", (code) => result.reject(new Error(`The hashing thread ended with code ${code}`)));
  try {
    for await (const piece of inPieces(source)) {
      underWay += piece.byteLength;
      worker.postMessage(piece, [piece.buffer]);
      while (underWay > windowBytes) {
        const room = new Promise<void>((resolve) => {
          makeRoom = resolve;
        });
        await Promise.race([room, result.promise]);
      }
    }
    worker.postMessage(null);
    return await result.promise;
  } finally {
    await worker.terminate();
  }
}

/** The bytes in memory of their own, which can be moved to another thread. */
async function* inPieces(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let piece = new Uint8Array(pieceBytes);
  let filled = 0;
  for await (const bytes of source) {
    for (let at = 0; at < bytes.byteLength; ) {
      const taken = bytes.subarray(at, at + pieceBytes - filled);
      piece.set(taken, filled);
      filled += taken.byteLength;
      at += taken.byteLength;
      if (filled < pieceBytes) continue;
      yield piece;
      piece = new Uint8Array(pieceBytes);
      filled = 0;
    }
  }
  if (filled > 0) yield piece.slice(0, filled);
}
