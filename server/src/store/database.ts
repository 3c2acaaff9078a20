import type { Duplex } from "node:stream";
import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient, type Transaction } from "kysely";
import pg from "pg";
import { columnTypes } from "./column-types.ts";
import type { Hint, HintChannel } from "./hints/hint-channel.ts";
import { openHintChannel } from "./hints/hint-channel.ts";
import { OneConnection } from "./one-connection.ts";
import { findPreparedName, setSender } from "./prepared.ts";
import type { DB } from "./schema.generated.ts";
import { shareConnection } from "./shared-connection.ts";
import { asStoreError, isSerializationFailure } from "./store-error.ts";

/** Can select and nothing else, by type. `getExecutor` is there for `` sql`…`.execute(reader) ``. */
export type Reader = Pick<Kysely<DB>, "selectFrom" | "selectNoFrom" | "fn" | "getExecutor">;

/** Inside one transaction. What `hint` collects is told to every copy after the commit, and never without one. */
export type Transactor = Transaction<DB> & {
  hint(hint: Hint): void;
  /** A prepared statement that was sent and whose result nobody needs: COMMIT follows without waiting for it, and fails with it. */
  trail(statement: Promise<unknown>): void;
};

export interface Store {
  readonly read: Reader;
  /**
   * Runs `work` in one READ COMMITTED transaction; tried again on a deadlock or a serialization failure, so `work` must
   * have no effect outside the database. Whatever it returns has been committed and synced.
   * @throws StoreError `full` or `unavailable`
   */
  transact<T>(work: (tx: Transactor) => Promise<T>): Promise<T>;
  readonly hints: HintChannel;
  /** Answers when the database does. @throws StoreError */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface StoreOptions {
  connectionString: string;
  /** Connections of the pool; one more listens for hints. */
  maxConnections: number;
  onConnectionError(error: Error): void;
}

export async function openStore(options: StoreOptions): Promise<Store> {
  const pool = new pg.Pool({
    connectionString: options.connectionString,
    max: options.maxConnections,
    idleTimeoutMillis: 30_000,
    connectionTimeoutMillis: 10_000,
    statement_timeout: 60_000,
    idle_in_transaction_session_timeout: 60_000,
    application_name: "bouquet",
    // A statement is sent without waiting for the answer to the one before: BEGIN and COMMIT cost no round trip of their own.
    pipeline: true,
    types: columnTypes,
  } as pg.PoolConfig);
  // An idle connection that breaks is replaced by the pool; without a listener it would end the program.
  pool.on("error", options.onConnectionError);
  // The pool listens only while a connection is idle; one that breaks between two statements would end it just as well.
  pool.on("connect", (client) => client.on("error", options.onConnectionError));
  const wrapped = preparing(pool);
  const database = new Kysely<DB>({ dialect: new PostgresDialect({ pool: wrapped }) });
  const sendShared = shareConnection(wrapped, isAnswer);
  setSender(database, async (text, values, isBrief) => {
    if (isBrief) return sendShared(text, values);
    const client = await wrapped.connect();
    let isBroken = false;
    try {
      return await client.query(text, values);
    } catch (error) {
      isBroken = !isAnswer(error);
      throw error;
    } finally {
      client.release(isBroken);
    }
  });
  const hints = openHintChannel(options.connectionString, options.onConnectionError);

  async function transact<T>(work: (tx: Transactor) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const collected: Hint[] = [];
      try {
        const result = await runTransaction(wrapped, work, collected);
        for (const hint of collected) hints.publish(hint);
        return result;
      } catch (error) {
        if (isSerializationFailure(error) && attempt < 10) continue;
        throw asStoreError(error);
      }
    }
  }

  return {
    read: database,
    transact,
    hints,
    async ping() {
      try {
        await pool.query("SELECT 1");
      } catch (error) {
        throw asStoreError(error);
      }
    },
    async close() {
      await hints.close();
      await database.destroy();
    },
  };
}

/** The database answered, with an error: the connection is good. */
function isAnswer(error: unknown): boolean {
  return error instanceof pg.DatabaseError;
}

/** What PostgreSQL says of each statement after one that failed (in_failed_sql_transaction). */
function isConsequence(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === "25P02";
}

async function runTransaction<T>(pool: PostgresPool, work: (tx: Transactor) => Promise<T>, hints: Hint[]): Promise<T> {
  const client = await pool.connect();
  const trailing: Promise<unknown>[] = [];
  let isBroken = false;
  const query = (text: string): Promise<{ command: string }> => {
    const answer = client.query<{ command: string }>(text, []);
    answer.catch((error: unknown) => {
      isBroken ||= !isAnswer(error);
    });
    return answer as unknown as Promise<{ command: string }>;
  };
  try {
    const tx = transactorOn(client, hints, trailing);
    const begun = query("begin");
    try {
      const result = await work(tx);
      const committed = query("commit");
      committed.catch(() => undefined);
      // In the order they were sent: the first failure is the cause of the others.
      await begun;
      for (const statement of trailing) await statement;
      // PostgreSQL answers ROLLBACK to the COMMIT of a transaction in which something failed.
      const { command } = await committed;
      if (command !== "COMMIT")
        throw new Error("The transaction was aborted by a statement whose failure was not told");
      return result;
    } catch (error) {
      await query("rollback").catch(() => undefined);
      const answers = await Promise.allSettled([begun, ...trailing]);
      const cause = answers.find((each) => each.status === "rejected" && !isConsequence(each.reason));
      throw cause?.status === "rejected" ? cause.reason : error;
    }
  } finally {
    client.release(isBroken);
  }
}

/** A builder on one connection; what it collects is the transaction's. */
function transactorOn(client: PostgresPoolClient, hints: Hint[], trailing: Promise<unknown>[]): Transactor {
  const builder = new Kysely<DB>({ dialect: new OneConnection(client) });
  setSender(builder, (text, values) => client.query(text, values));
  return Object.assign(builder, {
    hint: (hint: Hint) => void hints.push(hint),
    trail(statement: Promise<unknown>) {
      statement.catch(() => undefined);
      trailing.push(statement);
    },
  }) as unknown as Transactor;
}

/**
 * A plan that was made while a table was small reads all of it, from end to end or by any index, until autovacuum has counted its rows
 * again: in a new installation, a minute in which thousands of mails or files may have come. Planning again sees how large the tables
 * are. A connection does so after the first of these times, then after twice as long each time, up to the second.
 */
const planLifeMs = { first: 1_000, longest: 20_000 };

const gathering = new WeakSet<pg.PoolClient>();

/** What is sent before the program next waits goes in one write: each costs a system call, and wakes PostgreSQL. */
function gatherWrites(client: pg.PoolClient): void {
  const { stream } = (client as unknown as { connection: { stream: Duplex } }).connection;
  if (gathering.has(client)) return;
  gathering.add(client);
  stream.cork();
  process.nextTick(() => {
    gathering.delete(client);
    stream.uncork();
  });
}

/** The pool, with the statements that were prepared asked for by their names. */
function preparing(pool: pg.Pool): PostgresPool {
  const clients = new WeakMap<pg.PoolClient, PostgresPoolClient>();
  const plans = new WeakMap<pg.PoolClient, { madeAt: number; lifeMs: number }>();
  const wrap = (client: pg.PoolClient): PostgresPoolClient => {
    const query = (text: string, values: readonly unknown[]) => {
      gatherWrites(client);
      const name = findPreparedName(text);
      return name === undefined
        ? client.query(text, values as unknown[])
        : client.query({ name, text, values: values as unknown[] });
    };
    return { query, release: (error?: boolean) => client.release(error) } as unknown as PostgresPoolClient;
  };
  return {
    async connect() {
      const client = await pool.connect();
      const now = performance.now();
      const known = plans.get(client) ?? { madeAt: now, lifeMs: planLifeMs.first };
      if (now - known.madeAt > known.lifeMs) {
        // Nothing waits for it, and a connection that is broken says so to the next statement.
        client.query("DISCARD PLANS").catch(() => undefined);
        plans.set(client, { madeAt: now, lifeMs: Math.min(2 * known.lifeMs, planLifeMs.longest) });
      } else plans.set(client, known);
      const wrapped = clients.get(client) ?? wrap(client);
      clients.set(client, wrapped);
      return wrapped;
    },
    end: () => pool.end(),
    options: pool.options,
  } as unknown as PostgresPool;
}
