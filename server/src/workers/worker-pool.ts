import { Worker } from "node:worker_threads";
import type { MailReport } from "../formats/mail-report/mail-report.ts";
import type { AnalyzedMessage } from "../formats/mime/analyze-message.ts";
import type { ReadReport } from "./read-mail-report.ts";
import { type HashAlgorithm, type Hashes, type TaskName, type TaskReply, type TaskRequest, tasks } from "./tasks.ts";

/** Up to this many bytes the worst input takes some tens of milliseconds, a usual one less than one: it runs where it is asked. */
export const inlineBytes = 64 * 1024;

/**
 * Why a thread gave no result. `timeout`, `crashed` (out of memory too): the input is to blame and would be again; `busy`: too many
 * wait; `closed`: the program stops.
 */
export class WorkerFailure extends Error {
  override readonly name = "WorkerFailure";
  readonly reason: "timeout" | "crashed" | "busy" | "closed";

  constructor(reason: WorkerFailure["reason"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

export interface WorkerPoolOptions {
  /** 2 by default: the rest of the machine serves. */
  maxThreads?: number;
  /** For one task; 30 s by default. */
  timeoutMs?: number;
  /** A thread without work ends after this; 30 s by default. */
  idleMs?: number;
  /** Heap of a thread, in MiB, the input not counted; 256 by default. */
  maxHeapMb?: number;
  /** Tasks that may wait; 200 by default. */
  maxWaiting?: number;
  /** What the threads run; tests give their own. */
  entry?: URL;
}

export interface WorkerPool {
  /** The input must not change until the answer. @throws WorkerFailure */
  analyze(bytes: Buffer): Promise<AnalyzedMessage>;
  /** In hexadecimal. @throws WorkerFailure */
  hash(bytes: Buffer, algorithms: readonly HashAlgorithm[]): Promise<Hashes>;
  /** Always in a thread: a small file may swell. @throws WorkerFailure */
  readReport(bytes: Buffer, kind: MailReport["kind"]): Promise<ReadReport>;
  /** Threads alive. */
  readonly threads: number;
  /** Waiting tasks fail; those running are given up. */
  close(): Promise<void>;
}

interface Job {
  task: TaskName;
  bytes: Buffer;
  argument: unknown;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

interface Thread {
  worker: Worker;
  job: Job | undefined;
  timer: NodeJS.Timeout | undefined;
}

/** Runs formats and hashing beside the event loop, in threads started when first needed and ended when idle. */
export function openWorkerPool(options: WorkerPoolOptions = {}): WorkerPool {
  const maxThreads = options.maxThreads ?? 2;
  const timeoutMs = options.timeoutMs ?? 30_000;
  const idleMs = options.idleMs ?? 30_000;
  const maxWaiting = options.maxWaiting ?? 200;
  const threads = new Set<Thread>();
  const waiting: Job[] = [];
  let closed = false;
  let lastId = 0;

  function startThread(): Thread {
    const worker = new Worker(options.entry ?? new URL("./worker-thread.ts", import.meta.url), {
      // Nothing of the environment or the command line is a thread's business.
      env: {},
      argv: [],
      resourceLimits: { maxOldGenerationSizeMb: options.maxHeapMb ?? 256, maxYoungGenerationSizeMb: 32 },
    });
    const thread: Thread = { worker, job: undefined, timer: undefined };
    worker.on("message", (reply: TaskReply) => {
      const job = settle(thread);
      if ("error" in reply) job?.reject(new WorkerFailure("crashed", reply.error));
      else job?.resolve(reply.result);
      giveWork(thread);
    });
    worker.on("error", (error) => {
      lose(thread, new WorkerFailure("crashed", "A worker thread broke", { cause: error }));
    });
    worker.on("exit", (code) => lose(thread, new WorkerFailure("crashed", `A worker thread ended with code ${code}`)));
    threads.add(thread);
    return thread;
  }

  function settle(thread: Thread): Job | undefined {
    clearTimeout(thread.timer);
    thread.timer = undefined;
    const { job } = thread;
    thread.job = undefined;
    return job;
  }

  function lose(thread: Thread, error: WorkerFailure): void {
    if (!threads.delete(thread)) return;
    settle(thread)?.reject(error);
    void thread.worker.terminate();
    spread();
  }

  function giveWork(thread: Thread): void {
    const job = waiting.shift();
    if (!job) {
      thread.worker.unref();
      thread.timer = setTimeout(() => {
        threads.delete(thread);
        void thread.worker.terminate();
      }, idleMs);
      thread.timer.unref();
      return;
    }
    clearTimeout(thread.timer);
    thread.job = job;
    thread.worker.ref();
    thread.timer = setTimeout(
      () => lose(thread, new WorkerFailure("timeout", `A ${job.task} task took more than ${timeoutMs} ms`)),
      timeoutMs,
    );
    // A copy of its own, moved to the thread: the caller keeps its bytes, and a small view must not take its whole pool along.
    const bytes = new Uint8Array(job.bytes.byteLength);
    bytes.set(job.bytes);
    const request: TaskRequest = { id: ++lastId, task: job.task, bytes, argument: job.argument };
    thread.worker.postMessage(request, [bytes.buffer]);
  }

  function spread(): void {
    if (closed) return;
    for (const thread of threads) if (!thread.job && waiting.length > 0) giveWork(thread);
    while (waiting.length > 0 && threads.size < maxThreads) giveWork(startThread());
  }

  async function run(task: TaskName, bytes: Buffer, argument: unknown, maySwell = false): Promise<unknown> {
    if (bytes.byteLength <= inlineBytes && !maySwell) {
      return (tasks[task] as (bytes: Buffer, argument: unknown) => unknown)(bytes, argument);
    }
    if (closed) throw new WorkerFailure("closed", "The program is stopping");
    if (waiting.length >= maxWaiting) throw new WorkerFailure("busy", "Too much work waits for a worker thread");
    return new Promise((resolve, reject) => {
      waiting.push({ task, bytes, argument, resolve, reject });
      spread();
    });
  }

  return {
    analyze: (bytes) => run("analyze", bytes, undefined) as Promise<AnalyzedMessage>,
    hash: (bytes, algorithms) => run("hash", bytes, algorithms) as Promise<Hashes>,
    readReport: (bytes, kind) => run("report", bytes, kind, true) as Promise<ReadReport>,
    get threads() {
      return threads.size;
    },
    async close() {
      closed = true;
      const error = new WorkerFailure("closed", "The program is stopping");
      for (const job of waiting.splice(0)) job.reject(error);
      const ending = [...threads];
      threads.clear();
      for (const thread of ending) settle(thread)?.reject(error);
      await Promise.all(ending.map((thread) => thread.worker.terminate()));
    },
  };
}
