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

interface Registered {
  readonly name: string;
  /** Columns come as PostgreSQL holds them: for long arrays, which as text take ten times longer to read. */
  readonly isBinary: boolean;
}

const registered = new Map<string, Registered>();

/**
 * @param name of its own, for the connection
 * @param options.binary every column of the result is a Buffer in PostgreSQL's binary format; see `binary.ts`
 */
export function prepare<Row>(name: string, text: string, options: { binary?: boolean } = {}): Prepared<Row> {
  registered.set(text, { name, isBinary: options.binary ?? false });
  return {
    async execute(on, values) {
      const result = await on.getExecutor().executeQuery<Row>(CompiledQuery.raw(text, [...values]));
      return result.rows as Row[];
    },
  };
}

/** How the driver has to be asked for this text; undefined when nobody prepared it. */
export function findPrepared(text: string): Registered | undefined {
  return registered.get(text);
}
