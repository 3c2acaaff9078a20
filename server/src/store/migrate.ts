import { readdir, readFile } from "node:fs/promises";
import pg from "pg";
import { asStoreError, StoreError } from "./store-error.ts";

const directory = new URL("./migrations/", import.meta.url);
// Any constant: all copies that start together must take the same lock.
const lock = 4_203_112_026;

/**
 * Applies the numbered migrations that the database lacks, each in its own transaction, under a lock that makes copies
 * starting together wait for one another.
 * @returns how many were applied
 * @throws StoreError `newer_schema` when the database was migrated by a newer version (nothing is changed), `unavailable`
 */
export function migrate(connectionString: string): Promise<number> {
  return connected(connectionString, async (client) => {
    await client.query("SELECT pg_advisory_lock($1)", [lock]);
    const missing = await findMissing(client);
    for (const file of missing) await apply(client, file);
    return missing.length;
  });
}

/**
 * Answers when the database does and `migrate` would not refuse it. Changes nothing.
 * @throws StoreError `newer_schema`, `unavailable`
 */
export function checkSchema(connectionString: string): Promise<void> {
  return connected(connectionString, async (client) => void (await findMissing(client)));
}

async function connected<T>(connectionString: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString,
    application_name: "bouquet migrations",
    connectionTimeoutMillis: 10_000,
  });
  try {
    await client.connect();
  } catch (error) {
    throw asStoreError(error);
  }
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The files of the migrations that the database lacks, in order. */
async function findMissing(client: pg.Client): Promise<string[]> {
  const files = (await readdir(directory)).filter((name) => /^\d{4}-.*\.sql$/.test(name)).sort();
  const { rows: exists } = await client.query<{ found: boolean }>(
    "SELECT to_regclass('schema_migration') IS NOT NULL AS found",
  );
  const { rows } = exists[0]?.found
    ? await client.query<{ number: number }>("SELECT number FROM schema_migration ORDER BY number")
    : { rows: [] };
  const applied = new Set(rows.map((row) => row.number));
  const newest = numberOf(files.at(-1) ?? "");
  const beyond = rows.find((row) => row.number > newest);
  if (beyond) {
    throw new StoreError(
      "newer_schema",
      `The database was written by a newer version (migration ${beyond.number}; this version knows ${newest}).`,
    );
  }
  return files.filter((file) => !applied.has(numberOf(file)));
}

function numberOf(file: string): number {
  return Number(file.slice(0, 4));
}

async function apply(client: pg.Client, file: string): Promise<void> {
  const text = await readFile(new URL(file, directory), "utf8");
  await client.query("BEGIN");
  try {
    await client.query(
      "CREATE TABLE IF NOT EXISTS schema_migration (number integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())",
    );
    await client.query(text);
    await client.query("INSERT INTO schema_migration (number, name) VALUES ($1, $2)", [numberOf(file), file]);
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw new Error(`Migration ${file} failed: ${(error as Error).message}`, { cause: error });
  }
}
