import type { Store } from "../../../store/database.ts";
import type { Logger } from "../../../telemetry/logger.ts";
import { domainOf } from "../domain-of.ts";
import { recordTrace } from "./record-trace.ts";
import type { TraceEntry } from "./trace-entry.ts";

const flushMs = 1_000;
/** A flood of refusals must not fill the memory while the database is slow. */
const maxWaiting = 20_000;
const batch = 500;

/**
 * Keeps what was refused, which has no transaction of its own, and writes it every second. What waits when the program is killed
 * is lost: nobody was promised it.
 */
export class TraceBuffer {
  readonly #store: Store;
  readonly #log: Logger;
  #waiting: TraceEntry[] = [];
  #dropped = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(store: Store, log: Logger) {
    this.#store = store;
    this.#log = log;
  }

  /** An entry without an organization is given to that of the recipient's domain, if the domain is ours. */
  add(entries: readonly TraceEntry[]): void {
    const room = maxWaiting - this.#waiting.length;
    this.#waiting.push(...entries.slice(0, room));
    this.#dropped += Math.max(0, entries.length - room);
    this.#timer ??= setTimeout(() => void this.flush(), flushMs).unref();
  }

  /** Writes what waits. Never throws. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.then(() => this.#write());
    await this.#writing;
  }

  async #write(): Promise<void> {
    const entries = this.#waiting;
    const dropped = this.#dropped;
    this.#waiting = [];
    this.#dropped = 0;
    if (dropped > 0) this.#log.warn({ dropped }, "refused mail was not traced: too much at once");
    try {
      const owners = await this.#findOwners(entries);
      const owned = entries.map((entry) => ({
        ...entry,
        organizationId: entry.organizationId ?? owners.get(domainOf(entry.recipient)) ?? null,
      }));
      for (let at = 0; at < owned.length; at += batch) {
        await this.#store.transact((tx) => recordTrace(tx, owned.slice(at, at + batch)));
      }
    } catch (error) {
      this.#log.warn({ error, entries: entries.length }, "refused mail was not traced");
    }
  }

  async #findOwners(entries: readonly TraceEntry[]): Promise<ReadonlyMap<string, string>> {
    const domains = new Set<string>();
    for (const { organizationId, recipient } of entries) {
      const domain = domainOf(recipient);
      if (organizationId === null && domain !== "" && !domain.includes("\0")) domains.add(domain);
    }
    if (domains.size === 0) return new Map();
    const rows = await this.#store.read
      .selectFrom("domain")
      .select(["name", "organization_id"])
      .where("name", "in", [...domains])
      .execute();
    return new Map(rows.map((row) => [row.name, row.organization_id]));
  }
}
