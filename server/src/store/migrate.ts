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
export async function migrate(connectionString: string): Promise<number> {
  const files = (await readdir(directory)).filter((name) => /^\d{4}-.*\.sql$/.test(name)).sort();
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
    await client.query("SELECT pg_advisory_lock($1)", [lock]);
    const { rows: exists } = await client.query<{ found: boolean }>(
      "SELECT to_regclass('schema_migration') IS NOT NULL AS found",
    );
    const { rows } = exists[0]?.found
      ? await client.query<{ number: number }>("SELECT number FROM schema_migration ORDER BY number")
      : { rows: [] };
    const applied = new Set(rows.map((row) => row.number));
    const newest = Number(files.at(-1)?.slice(0, 4) ?? 0);
    const beyond = rows.find((row) => row.number > newest);
    if (beyond) {
      throw new StoreError(
        "newer_schema",
        `The database was written by a newer version (migration ${beyond.number}; this version knows ${newest}).`,
      );
    }
    let count = 0;
    for (const file of files) {
      const number = Number(file.slice(0, 4));
      if (applied.has(number)) continue;
      const text = await readFile(new URL(file, directory), "utf8");
      await client.query("BEGIN");
      try {
        await client.query(
          "CREATE TABLE IF NOT EXISTS schema_migration (number integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())",
        );
        await client.query(text);
        await client.query("INSERT INTO schema_migration (number, name) VALUES ($1, $2)", [number, file]);
        await client.query("COMMIT");
      } catch (error) {
        await client.query("ROLLBACK").catch(() => undefined);
        throw new Error(`Migration ${file} failed: ${(error as Error).message}`, { cause: error });
      }
      count++;
    }
    return count;
  } finally {
    await client.end().catch(() => undefined);
  }
}
