import { createHash, randomUUID } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { openStore, type Store } from "../../src/store/database.ts";
import { migrate } from "../../src/store/migrate.ts";
import { startEmbeddedPostgres } from "../../src/supervisor/embedded-postgres.ts";
import { silentLogger } from "../../src/telemetry/logger.ts";

export interface TestDatabase {
  connectionString: string;
  /** Drops the database, and ends the server when this process started it. */
  drop(): Promise<void>;
}

export interface TestStore {
  store: Store;
  connectionString: string;
  close(): Promise<void>;
}

const migrations = new URL("../../src/store/migrations/", import.meta.url);
const templateLock = 4_203_112_027;

async function templateName(): Promise<string> {
  const hash = createHash("sha256");
  for (const name of (await readdir(migrations)).sort())
    hash.update(name).update(await readFile(new URL(name, migrations)));
  return `bouquet_template_${hash.digest("hex").slice(0, 16)}`;
}

function onDatabase(connectionString: string, name: string): string {
  // Not through URL: a Unix socket has an empty host, which it refuses.
  return connectionString.replace(/\/[^/?]*(\?.*)?$/, (_, query = "") => `/${name}${query}`);
}

/** `npm test` starts one server for all test files; a file run alone starts its own. */
async function serverUrl(): Promise<{ url: string; stop(): Promise<void> }> {
  const given = process.env.BOUQUET_TEST_DATABASE_URL;
  if (given) return { url: given, stop: async () => {} };
  const directory = await mkdtemp(join(tmpdir(), "bouquet-test-"));
  const server = await startEmbeddedPostgres({ directory, log: silentLogger, maxConnections: 60 });
  return {
    url: server.connectionString,
    async stop() {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** An empty, migrated database of its own: a clone of a template that is migrated once per set of migrations. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = await serverUrl();
  try {
    return await cloneTemplate(server);
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function cloneTemplate(server: { url: string; stop(): Promise<void> }): Promise<TestDatabase> {
  const template = await templateName();
  const name = `bouquet_test_${randomUUID().replaceAll("-", "").slice(0, 16)}`;
  const admin = new pg.Client({ connectionString: server.url });
  await admin.connect();
  try {
    await admin.query("SELECT pg_advisory_lock($1)", [templateLock]);
    const { rowCount } = await admin.query("SELECT FROM pg_database WHERE datname = $1", [template]);
    if (!rowCount) {
      // Migrated under another name, then renamed: a killed run leaves no half template.
      const building = `${template}_building`;
      await admin.query(`DROP DATABASE IF EXISTS ${building} WITH (FORCE)`);
      await admin.query(`CREATE DATABASE ${building} TEMPLATE template0`);
      await migrate(onDatabase(server.url, building));
      await admin.query(`ALTER DATABASE ${building} RENAME TO ${template}`);
    }
    // By the log: copying the files needs two checkpoints, which wait for whatever other tests have written.
    await admin.query(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY wal_log`);
  } finally {
    await admin.end();
  }
  return {
    connectionString: onDatabase(server.url, name),
    async drop() {
      const client = new pg.Client({ connectionString: server.url });
      await client.connect();
      await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      await client.end();
      await server.stop();
    },
  };
}

/** A store on a database of its own, for tests of the domain and the store. */
export async function openTestStore(): Promise<TestStore> {
  const database = await createTestDatabase();
  const store = await openStore({
    connectionString: database.connectionString,
    maxConnections: 10,
    onConnectionError: () => {},
  });
  return {
    store,
    connectionString: database.connectionString,
    async close() {
      await store.close();
      await database.drop();
    },
  };
}
