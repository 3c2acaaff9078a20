import cluster, { type Worker } from "node:cluster";
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "../telemetry/logger.ts";
import { Reloads } from "./reloads.ts";
import { StartError } from "./start-error.ts";

/** True in a copy that a supervisor started; such a process gets its orders from receiveOrders. */
export const isCopy: boolean = cluster.isWorker;

type ToCopy =
  | { readonly kind: "orders"; readonly orders: unknown }
  | { readonly kind: "stop" }
  | { readonly kind: "reload" }
  | { readonly kind: "metrics"; readonly id: number };
type FromCopy =
  | { readonly kind: "waiting" }
  | { readonly kind: "ready" }
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "metrics"; readonly id: number; readonly values: object[] };

export type Copies = {
  /** Process ids of the copies that run now. */
  readonly pids: readonly number[];
  /** The metric values of each copy that answers within a second. */
  metrics(): Promise<object[][]>;
  /** Asks every copy to read again what it may while it runs. */
  reload(): void;
  /** Asks every copy to stop in order, and kills those that have not after `deadlineMs`. */
  stop(deadlineMs: number): Promise<void>;
};

/**
 * Starts `count` whole copies of the program, which share its ports, and replaces one that dies. `orders` is what they
 * are told (how to reach the database, for one): values that structured cloning takes.
 * @throws StartError with the sentence of a copy that cannot start.
 */
export async function startCopies(options: {
  readonly count: number;
  readonly orders: unknown;
  readonly log: Logger;
  /** The file that copies run; by default the one that this process runs. */
  readonly program?: string;
}): Promise<Copies> {
  const { count, orders, log } = options;
  cluster.setupPrimary({ serialization: "advanced", ...(options.program ? { exec: options.program } : {}) });
  const stopping = new AbortController();
  const workers = new Set<Worker>();
  const asked = new Map<number, (values: object[]) => void>();
  let questions = 0;

  function startOne(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const worker = cluster.fork();
    workers.add(worker);
    let ready = false;
    worker.on("message", (message: FromCopy) => {
      if (message.kind === "waiting") tell(worker, { kind: "orders", orders });
      else if (message.kind === "failed") reject(new StartError(message.message));
      else if (message.kind === "metrics") asked.get(message.id)?.(message.values);
      else if (message.kind === "ready") {
        ready = true;
        resolve();
      }
    });
    worker.on("error", (error) => log.warn({ error }, "a copy of the program does not answer"));
    worker.once("exit", (code, signal) => {
      workers.delete(worker);
      reject(new StartError(`A copy of the program ended while starting (${signal ?? `code ${code}`}).`));
      if (!ready || stopping.signal.aborted) return;
      log.error({ pid: worker.process.pid, exitCode: code, signal }, "a copy of the program ended and is replaced");
      void replace();
    });
    return promise;
  }

  async function replace(): Promise<void> {
    for (let wait = 200; !stopping.signal.aborted; wait = Math.min(wait * 2, 30_000)) {
      await delay(wait, undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) return;
      try {
        return await startOne();
      } catch (error) {
        log.error({ error }, "a copy of the program cannot be started again yet");
      }
    }
  }

  async function stop(deadlineMs: number): Promise<void> {
    stopping.abort();
    const ended = [...workers].map((worker) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      worker.once("exit", () => resolve());
      tell(worker, { kind: "stop" });
      return promise;
    });
    const cut = setTimeout(() => {
      for (const worker of workers) worker.process.kill("SIGKILL");
    }, deadlineMs);
    await Promise.all(ended);
    clearTimeout(cut);
  }

  const starts = await Promise.allSettled(Array.from({ length: count }, startOne));
  const failed = starts.find((start) => start.status === "rejected");
  if (failed) {
    await stop(5_000);
    throw failed.reason;
  }
  return {
    get pids() {
      return [...workers].flatMap((worker) => worker.process.pid ?? []);
    },
    metrics: () =>
      Promise.all(
        [...workers].map((worker) => {
          const id = ++questions;
          const { promise, resolve } = Promise.withResolvers<object[]>();
          const timer = setTimeout(() => resolve([]), 1_000);
          asked.set(id, resolve);
          tell(worker, { kind: "metrics", id });
          return promise.finally(() => {
            clearTimeout(timer);
            asked.delete(id);
          });
        }),
      ),
    reload: () => {
      for (const worker of workers) tell(worker, { kind: "reload" });
    },
    stop,
  };
}

function tell(worker: Worker, message: ToCopy): void {
  // A copy that is just ending has closed its channel; its exit is handled where it is seen.
  if (worker.isConnected()) worker.send(message, () => {});
}

export type CopyOrders<Orders> = {
  readonly orders: Orders;
  /** Tells the supervisor that this copy serves. */
  reportReady(): void;
  /** Tells the supervisor why this copy cannot start; the caller then ends the process. */
  reportFailure(message: string): Promise<void>;
  /** What to do when the supervisor asks to read again what may change while the program runs. */
  onReload(callback: () => void): void;
  /** Aborted when the supervisor asks this copy to stop, or has died. */
  readonly stop: AbortSignal;
};

/**
 * In a copy: waits for the orders of the supervisor. From then on SIGINT and SIGTERM are the supervisor's business,
 * since a terminal sends them to every process at once; so is SIGHUP.
 */
export async function receiveOrders<Orders>(metrics: () => Promise<object[]>): Promise<CopyOrders<Orders>> {
  const stop = new AbortController();
  const { promise, resolve } = Promise.withResolvers<Orders>();
  const reloads = new Reloads();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
  process.once("disconnect", () => stop.abort());
  process.on("message", (message: ToCopy) => {
    if (message.kind === "orders") resolve(message.orders as Orders);
    else if (message.kind === "stop") stop.abort();
    else if (message.kind === "reload") reloads.ask();
    else if (message.kind === "metrics") {
      void metrics().then((values) => report({ kind: "metrics", id: message.id, values }));
    }
  });
  await report({ kind: "waiting" });
  const orders = await promise;
  return {
    orders,
    reportReady: () => void report({ kind: "ready" }),
    reportFailure: (message) => report({ kind: "failed", message }),
    onReload: (callback) => reloads.answer(callback),
    stop: stop.signal,
  };
}

function report(message: FromCopy): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (process.connected && process.send) process.send(message, undefined, undefined, () => resolve());
  else resolve();
  return promise;
}
