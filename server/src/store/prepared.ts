import { CompiledQuery, type Kysely } from "kysely";
import type { DB } from "./schema.generated.ts";

/** A `Reader` or a `Transactor`. */
type Executing = Pick<Kysely<DB>, "getExecutor">;

/**
 * A statement of a hot path: plain SQL with `$1`…, parsed and planned once on each connection. The builder and a new plan would cost
 * more than most of these statements take.
 */
export interface Prepared<Row> {
  execute(on: Executing, values: readonly unknown[]): Promise<Row[]>;
}

const names = new Map<string, string>();

/** @param name of its own, at most 63 characters */
export function prepare<Row>(name: string, text: string): Prepared<Row> {
  names.set(text, name);
  return {
    async execute(on, values) {
      const result = await on.getExecutor().executeQuery<Row>(CompiledQuery.raw(text, [...values]));
      return result.rows as Row[];
    },
  };
}

/** The name by which the driver has to ask for this text; undefined when nobody prepared it. */
export function findPreparedName(text: string): string | undefined {
  return names.get(text);
}
