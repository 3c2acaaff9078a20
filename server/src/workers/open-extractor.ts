import { Worker } from "node:worker_threads";
import type { DocumentKind } from "../formats/document-text/document-kind.ts";
import type { ExtractReply, ExtractRequest } from "./extract-thread.ts";

export interface ExtractorOptions {
  /** For one document; 20 s by default. */
  timeoutMs?: number;
  /** Heap of the thread, in MiB; 256 by default. */
  maxHeapMb?: number;
  /** The thread ends when it had nothing to do for so long; 30 s by default. */
  idleMs?: number;
  /** What the thread runs; tests give their own. */
  entry?: URL;
}

/** The program stops. */
export class ExtractorClosed extends Error {
  override readonly name = "ExtractorClosed";
}

export interface Extractor {
  /**
   * The words of a document, `limit` UTF-16 units at most; undefined when it cannot be read: damaged, protected by a password,
   * or too costly. Documents wait for one another. The input must not change until the answer.
   * @throws ExtractorClosed: nothing is known about the document
   */
  extract(kind: DocumentKind, bytes: Buffer, limit: number): Promise<string | undefined>;
  /** The documents under way and those that wait fail. */
  close(): Promise<void>;
}

/** Reads documents in one thread of its own: what makes it run out of time or memory costs this thread and nothing else. */
export function openExtractor(options: ExtractorOptions = {}): Extractor {
  const { timeoutMs = 20_000, maxHeapMb = 256, idleMs = 30_000 } = options;
  const entry = options.entry ?? new URL("./extract-thread.ts", import.meta.url);
  let worker: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;
  let isClosed = false;
  let last: Promise<unknown> = Promise.resolve();

  async function end(): Promise<void> {
    const ending = worker;
    worker = undefined;
    clearTimeout(idle);
    await ending?.terminate();
  }

  async function run(request: ExtractRequest): Promise<string | undefined> {
    if (isClosed) throw new ExtractorClosed("The extractor is closed");
    clearTimeout(idle);
    worker ??= new Worker(entry, {
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMb, maxYoungGenerationSizeMb: 32 },
    });
    const thread = worker;
    thread.ref();
    const { promise, resolve } = Promise.withResolvers<ExtractReply | undefined>();
    const timer = setTimeout(() => resolve(undefined), timeoutMs);
    const failed = () => resolve(undefined);
    thread.once("message", resolve);
    thread.once("error", failed);
    thread.once("exit", failed);
    // A copy: the bytes are a view of somebody else's memory.
    const bytes = new Uint8Array(request.bytes);
    thread.postMessage({ ...request, bytes }, [bytes.buffer]);
    const reply = await promise;
    clearTimeout(timer);
    thread.off("message", resolve);
    thread.off("exit", failed);
    if (reply === undefined) {
      // In the middle of something, or dead. Its last error has nobody else to go to.
      thread.on("error", () => {});
      await end();
      if (isClosed) throw new ExtractorClosed("The extractor was closed meanwhile");
      return undefined;
    }
    thread.off("error", failed);
    thread.unref();
    idle = setTimeout(() => void end(), idleMs);
    idle.unref();
    return "text" in reply ? reply.text : undefined;
  }

  return {
    extract(kind, bytes, limit) {
      const result = last.then(() => run({ kind, bytes, limit }));
      last = result.catch(() => undefined);
      return result;
    },
    async close() {
      isClosed = true;
      await end();
      await last;
    },
  };
}
