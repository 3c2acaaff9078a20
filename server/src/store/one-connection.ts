import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  type PostgresPoolClient,
  PostgresQueryCompiler,
  type QueryResult,
} from "kysely";

const nothing = async (): Promise<void> => {};

function refuse(): never {
  throw new Error("a transaction is begun by the store");
}

/** Builds queries for one connection, in which the store began a transaction and will end it. */
export class OneConnection implements Dialect {
  readonly #connection: DatabaseConnection;

  constructor(client: PostgresPoolClient) {
    this.#connection = {
      async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
        const { command, rowCount, rows } = await client.query<R>(sql, parameters);
        const isWrite = command !== "SELECT";
        return { rows, ...(isWrite && rowCount !== null && { numAffectedRows: BigInt(rowCount) }) };
      },
      streamQuery: refuse,
    };
  }

  createDriver(): Driver {
    return {
      init: nothing,
      acquireConnection: async () => this.#connection,
      beginTransaction: refuse,
      commitTransaction: refuse,
      rollbackTransaction: refuse,
      releaseConnection: nothing,
      destroy: nothing,
    };
  }

  createQueryCompiler(): PostgresQueryCompiler {
    return new PostgresQueryCompiler();
  }

  createAdapter(): PostgresAdapter {
    return new PostgresAdapter();
  }

  createIntrospector(database: Kysely<unknown>): PostgresIntrospector {
    return new PostgresIntrospector(database);
  }
}
