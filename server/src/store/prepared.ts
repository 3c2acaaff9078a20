import { CompiledQuery, type Kysely } from "kysely";
import type { DB } from "./schema.generated.ts";

/** A `Reader` or a `Transactor`. */
type Executing = Pick<Kysely<DB>, "getExecutor">;

/** Sends at once, behind what was sent before on the same connection. */
export type Send = (text: string, values: readonly unknown[], isBrief: boolean) => Promise<{ rows: unknown[] }>;

/**
 * A statement of a hot path: plain SQL with `$1`…, parsed and planned once on each connection. The builder and a new plan would cost
 * more than most of these statements take. In a transaction it is sent when `execute` is called, without waiting for the answers to
 * those before.
 */
export interface Prepared<Row> {
  execute(on: Executing, values: readonly unknown[]): Promise<Row[]>;
}

const names = new Map<string, string>();
const senders = new WeakMap<object, Send>();

/**
 * @param name of its own, at most 63 characters
 * @param options.isBrief it looks up few rows by whole keys: outside of a transaction it may share a connection with others
 */
export function prepare<Row>(name: string, text: string, options: { isBrief?: boolean } = {}): Prepared<Row> {
  names.set(text, name);
  const isBrief = options.isBrief === true;
  return {
    async execute(on, values) {
      const send = senders.get(on);
      const result = send
        ? await send(text, values, isBrief)
        : await on.getExecutor().executeQuery(CompiledQuery.raw(text, [...values]));
      return result.rows as Row[];
    },
  };
}

const keep = prepare<never>("plans_keep", "SET LOCAL plan_cache_mode = force_generic_plan");

/**
 * For a transaction of prepared statements alone that are about few rows each: PostgreSQL would plan some of them again at every
 * execution, because it takes an array that it does not know for ten rows, which costs more than the work.
 */
export function keepPlans(tx: Executing & { trail(statement: Promise<unknown>): void }): void {
  tx.trail(keep.execute(tx, []));
}

/** Lets prepared statements go past the builder. */
export function setSender(on: object, send: Send): void {
  senders.set(on, send);
}

/** Executions after which a statement that nobody prepared is worth a name. */
const oftenEnough = 20;
/** A connection keeps the plan of each. */
const maxNamed = 150;
const maxCounted = 2_000;
const counts = new Map<string, number>();
let named = 0;

/** The name by which a connection keeps the plan of this text: it was prepared, or is asked often. */
export function findPreparedName(text: string): string | undefined {
  const name = names.get(text);
  if (name !== undefined || named >= maxNamed) return name;
  const count = (counts.get(text) ?? 0) + 1;
  if (count < oftenEnough) {
    if (count > 1 || counts.size < maxCounted) counts.set(text, count);
    return undefined;
  }
  counts.delete(text);
  named += 1;
  names.set(text, `often_${named}`);
  return names.get(text);
}
