import { connect, type Socket } from "node:net";
import type { Readable } from "node:stream";
import { setTimeout } from "node:timers/promises";
import type { VirusFindings, VirusScanner } from "../../domain/mail/screening/scanners.ts";

export type ClamdPlace = { readonly path: string } | { readonly host: string; readonly port: number };

export interface ClamdOptions {
  readonly place: ClamdPlace;
  /** clamd's StreamMaxLength, in bytes: what is larger is not sent. */
  readonly sizeLimit?: number;
  /** For connecting, and for every pause in the exchange. */
  readonly timeoutMs?: number;
}

const maxAnswer = 4_096;
const chunkSize = 128 * 1024;

/** Has messages scanned by clamd, with its INSTREAM command: the bytes streamed, never held whole. */
export function createClamdScanner({ place, sizeLimit, timeoutMs = 30_000 }: ClamdOptions): VirusScanner {
  async function scanOnce(body: Readable, pauseMs: number): Promise<VirusFindings> {
    const socket = connect("path" in place ? { path: place.path } : { host: place.host, port: place.port });
    try {
      return await converse(socket, body, { timeoutMs, pauseMs });
    } finally {
      body.destroy();
      socket.destroy();
    }
  }
  return {
    async scan(message) {
      if (sizeLimit !== undefined && message.size > sizeLimit) return { outcome: "too_large" };
      for (const pauseMs of pausesMs) {
        try {
          return await scanOnce(message.open(), pauseMs);
        } catch (error) {
          if (!isBroken(error)) throw error;
        }
      }
      throw new Error("clamd breaks every connection");
    },
  };
}

/**
 * When clamd has read enough it answers and closes, and the answer is lost when we write at that moment; when it restarts, connections
 * break too. Both are worth another try, with time to listen between two chunks.
 */
const pausesMs = [0, 10, 40];

function isBroken(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "EPIPE" || error.code === "ECONNRESET");
}

async function converse(
  socket: Socket,
  body: AsyncIterable<Uint8Array>,
  { timeoutMs, pauseMs }: { timeoutMs: number; pauseMs: number },
): Promise<VirusFindings> {
  const ended = Promise.withResolvers<void>();
  let answer = "";
  let failure: Error | undefined;
  socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`clamd did not answer within ${timeoutMs} ms`)));
  socket.on("data", (chunk: Buffer) => {
    if (answer.length < maxAnswer) answer += chunk.toString("latin1");
    if (answer.includes("\0")) ended.resolve();
  });
  socket.on("error", (error: Error) => {
    failure = error;
  });
  socket.on("close", () => ended.resolve());

  const write = async (bytes: Uint8Array): Promise<boolean> => {
    if (socket.destroyed || answer.includes("\0")) return false;
    if (!socket.write(bytes)) await Promise.race([drained(socket), ended.promise]);
    return true;
  };
  await write(Buffer.from("zINSTREAM\0"));
  let goesOn = true;
  for await (const chunk of body) {
    for (let at = 0; at < chunk.length && goesOn; at += chunkSize) {
      const piece = chunk.subarray(at, at + chunkSize);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(piece.length);
      // clamd answers in the middle when the stream is longer than its StreamMaxLength.
      goesOn = await write(Buffer.concat([length, piece]));
      if (goesOn) await Promise.race([setTimeout(pauseMs), ended.promise]);
    }
    if (!goesOn) break;
  }
  if (goesOn) await write(Buffer.alloc(4));
  await ended.promise;
  // What it said before it closed counts, even when our last bytes met a closed socket.
  if (!answer.includes("\0") && failure) throw failure;
  return readAnswer(answer.split("\0", 1)[0]!.trim());
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once("drain", resolve));
}

/**
 * `stream: OK`, `stream: Eicar-Test FOUND`, `INSTREAM size limit exceeded. ERROR` (clamd(8)). With `AlertExceedsMax yes` what is beyond
 * MaxScanSize or MaxFileSize is found as Heuristics.Limits.Exceeded (clamd.conf(5)): it was not read to its end, and is no virus.
 */
function readAnswer(answer: string): VirusFindings {
  if (answer === "stream: OK") return { outcome: "clean" };
  const virus = /^stream: (.+) FOUND$/.exec(answer)?.[1];
  if (virus?.startsWith("Heuristics.Limits.Exceeded")) return { outcome: "too_large" };
  if (virus !== undefined) return { outcome: "infected", virus: virus.replace(/[^\x20-\x7e]+/g, "?").slice(0, 200) };
  if (/size limit exceeded/i.test(answer)) return { outcome: "too_large" };
  throw new Error(answer === "" ? "clamd closed without an answer" : `clamd answered: ${answer.slice(0, 200)}`);
}
