import type { Kysely } from "kysely";
import { prepare } from "./prepared.ts";
import type { DB } from "./schema.generated.ts";

/** A `Reader` or a `Transactor`. */
type Executing = Pick<Kysely<DB>, "getExecutor">;

/** Keys of one statement: more would keep the first of them waiting. */
const maxKeys = 64;

/** A look-up by whole keys that callers ask for at the same time: PostgreSQL gets one statement for all of them. */
export interface GatheredLookup<Row> {
  /**
   * @param key its parts in their order, as PostgreSQL's text
   * @returns rows that must not be changed: who asks for the same key at the same time gets the same
   */
  find(on: Executing, key: readonly string[]): Promise<readonly Row[]>;
}

interface Asked<Row> {
  readonly key: readonly string[];
  readonly outcome: PromiseWithResolvers<readonly Row[]>;
}

/** What was asked of one store since its last statement. */
interface Queue<Row> {
  waiting: Map<string, Asked<Row>>;
  isUnderWay: boolean;
}

/**
 * Begins and ends a statement once for many keys, which costs PostgreSQL and the driver more than to look one of them up. The first goes
 * out at once; what is asked while a statement is under way goes with the next. Each is looked up after it was asked.
 * @param types of the parts of a key
 * @param text a SELECT of one key, whose parts are given as SQL
 * @example
 * const byNumber = gatherLookups<{ name: string }>("town_by_number", ["uuid", "int"], ([organizationId, number]) =>
 *   `SELECT name FROM town WHERE organization_id = ${organizationId} AND number = ${number}`);
 * await byNumber.find(store.read, [organizationId, "7"]);
 */
export function gatherLookups<Row extends object>(
  name: string,
  types: readonly string[],
  text: (key: readonly string[]) => string,
): GatheredLookup<Row> {
  // Of an array behind a SELECT the planner always takes the same number of elements: it keeps its plan.
  const arrays = types.map((type, index) => `unnest((SELECT $${index + 1}::${type}[]))`).join(", ");
  const parts = types.map((_type, index) => `k${index + 1}`);
  const statement = prepare<Row & { key_at: number }>(
    name,
    `SELECT found.*, asked.key_at::int AS key_at FROM ROWS FROM (${arrays}) WITH ORDINALITY AS asked (${parts.join(", ")}, key_at)
    CROSS JOIN LATERAL (${text(parts.map((part) => `asked.${part}`))} OFFSET 0) found`,
    { isBrief: true },
  );
  const queues = new WeakMap<object, Queue<Row>>();

  async function look(on: Executing, asked: readonly Asked<Row>[]): Promise<void> {
    try {
      const rows = await statement.execute(
        on,
        types.map((_type, part) => asked.map(({ key }) => key[part])),
      );
      const byKey = asked.map((): Row[] => []);
      for (const row of rows) {
        byKey[row.key_at - 1]?.push(row);
        delete (row as Partial<typeof row>).key_at;
      }
      for (const [index, { outcome }] of asked.entries()) outcome.resolve(byKey[index]!);
    } catch (error) {
      const [only, ...others] = asked;
      if (others.length === 0) return only?.outcome.reject(error);
      // One that cannot be looked up is nobody else's failure.
      for (const each of asked) await look(on, [each]);
    }
  }

  async function work(on: Executing, queue: Queue<Row>): Promise<void> {
    for (;;) {
      const asked = [...queue.waiting].slice(0, maxKeys);
      if (asked.length === 0) break;
      for (const [id] of asked) queue.waiting.delete(id);
      await look(
        on,
        asked.map(([, each]) => each),
      );
    }
    queue.isUnderWay = false;
  }

  return {
    find(on, key) {
      const queue = queues.get(on) ?? { waiting: new Map<string, Asked<Row>>(), isUnderWay: false };
      queues.set(on, queue);
      const id = key.join("\0");
      const known = queue.waiting.get(id);
      if (known) return known.outcome.promise;
      const asked: Asked<Row> = { key, outcome: Promise.withResolvers() };
      queue.waiting.set(id, asked);
      if (!queue.isUnderWay) {
        queue.isUnderWay = true;
        // With what comes in the same turn of the event loop.
        setImmediate(() => void work(on, queue));
      }
      return asked.outcome.promise;
    },
  };
}
