import { randomUUID } from "node:crypto";
import pg from "pg";

/**
 * What one copy of the program tells the others after a commit. Only a hint: losing one costs a delay, never a change,
 * because listeners reread on `resync` and every 30 s.
 */
export type Hint =
  | { kind: "account"; id: string } // the feed of this account moved
  | { kind: "revoked"; id: string } // a session family, an app password or a principal lost its access
  | { kind: "grants"; id: string } // what a principal may reach changed, either way
  | { kind: "notified"; id: string } // what a principal is told changed
  | { kind: "work"; id: string }; // rows wait: "outbox", "outbound"

export interface HintChannel {
  /** Tells this process at once, the other copies within 20 ms. */
  publish(hint: Hint): void;
  /** `listener(undefined)` means: anything may have changed, reread. */
  subscribe(kind: Hint["kind"], id: string, listener: (hint: Hint | undefined) => void): () => void;
  close(): Promise<void>;
}

const channel = "bouquet_hint";
const coalesceMs = 20;
// NOTIFY takes less than 8000 bytes.
const maxPayload = 7_900;

const letters = { account: "a", revoked: "r", grants: "g", notified: "n", work: "w" } as const;
const kinds: Record<string, Hint["kind"]> = { a: "account", r: "revoked", g: "grants", n: "notified", w: "work" };

/**
 * NOTIFY takes a lock that serializes commits, so hints travel on a connection of their own, outside every
 * transaction that matters, and coalesced.
 */
export function openHintChannel(connectionString: string, onError: (error: Error) => void): HintChannel {
  const self = randomUUID().slice(0, 8);
  const listeners = new Map<string, Set<(hint: Hint | undefined) => void>>();
  const pending = new Set<string>();
  let client: pg.Client | undefined;
  let closed = false;
  let flushTimer: NodeJS.Timeout | undefined;
  let reconnectTimer: NodeJS.Timeout | undefined;
  let flushing: Promise<void> = Promise.resolve();

  const deliver = (key: string): void => {
    const kind = kinds[key[0] ?? ""];
    if (!kind) return;
    for (const listener of listeners.get(key) ?? []) listener({ kind, id: key.slice(2) });
  };
  const resync = (): void => {
    for (const set of listeners.values()) for (const listener of set) listener(undefined);
  };

  async function connect(): Promise<void> {
    if (closed) return;
    const next = new pg.Client({ connectionString, application_name: "bouquet hints", keepAlive: true });
    const lost = (error?: Error): void => {
      if (client !== next && client !== undefined) return;
      client = undefined;
      if (error) onError(error);
      if (!closed && !reconnectTimer) {
        reconnectTimer = setTimeout(() => {
          reconnectTimer = undefined;
          void connect();
        }, 500);
        reconnectTimer.unref();
      }
    };
    next.on("error", lost);
    next.on("end", () => lost());
    next.on("notification", ({ payload }) => {
      const [from, ...keys] = (payload ?? "").split(" ");
      if (from !== self) for (const key of keys) deliver(key);
    });
    try {
      await next.connect();
      await next.query(`LISTEN ${channel}`);
      if (closed) return void (await next.end());
      client = next;
      resync();
    } catch (error) {
      lost(error as Error);
    }
  }

  async function flush(): Promise<void> {
    flushTimer = undefined;
    const keys = [...pending];
    if (!client) return; // the reconnection will make everyone reread
    pending.clear();
    let payload = self;
    const payloads: string[] = [];
    for (const key of keys) {
      if (payload.length + key.length + 1 > maxPayload) {
        payloads.push(payload);
        payload = self;
      }
      payload += ` ${key}`;
    }
    payloads.push(payload);
    for (const each of payloads) await client?.query("SELECT pg_notify($1, $2)", [channel, each]).catch(onError);
  }

  const connecting = connect();

  return {
    publish(hint) {
      const key = `${letters[hint.kind]}:${hint.id}`;
      deliver(key);
      pending.add(key);
      flushTimer ??= setTimeout(() => {
        flushing = flush();
      }, coalesceMs);
    },
    subscribe(kind, id, listener) {
      const key = `${letters[kind]}:${id}`;
      const set = listeners.get(key) ?? new Set();
      listeners.set(key, set.add(listener));
      return () => {
        set.delete(listener);
        if (set.size === 0 && listeners.get(key) === set) listeners.delete(key);
      };
    },
    async close() {
      closed = true;
      clearTimeout(reconnectTimer);
      await connecting;
      if (flushTimer) {
        clearTimeout(flushTimer);
        await flush();
      }
      await flushing;
      await client?.end().catch(() => undefined);
    },
  };
}
