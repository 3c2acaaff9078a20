import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { after, test } from "node:test";
import pg from "pg";
import { openDataDirectory } from "../../src/supervisor/data-directory.ts";
import { createTestDatabase } from "../harness/test-database.ts";

const root = resolve(import.meta.dirname, "../../..");
const scratch = await mkdtemp(join(tmpdir(), "refuse-"));
after(() => rm(scratch, { recursive: true, force: true }));

const freePorts = {
  BOUQUET_BIND_ADDRESS: "127.0.0.1",
  BOUQUET_HTTP_PORT: "0",
  BOUQUET_METRICS_PORT: "0",
  BOUQUET_SMTP_PORT: "0",
  BOUQUET_SUBMISSION_PORT: "0",
  BOUQUET_SUBMISSIONS_PORT: "0",
  BOUQUET_IMAP_PORT: "0",
  BOUQUET_IMAPS_PORT: "0",
  BOUQUET_POP3_PORT: "0",
  BOUQUET_POP3S_PORT: "0",
  BOUQUET_MANAGESIEVE_PORT: "0",
};

/** Starts the program as npm does, expects that it refuses, and gives the one sentence that it says. */
async function refusal(env: Record<string, string>): Promise<string> {
  const child = spawn(process.execPath, ["--import", "./scripts/launch.mjs", "server/src/main.ts"], {
    cwd: root,
    env: { PATH: process.env.PATH, ...freePorts, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [said, logged, [code]] = await Promise.all([text(child.stderr), text(child.stdout), once(child, "exit")]);
  assert.notEqual(code, 0, logged);
  assert.match(said, /^[^\n]+\.\n$/);
  return said.trim();
}

test("a wrong value stops the start before anything is created", async () => {
  const data = join(scratch, "wrong-value");
  const sentence = await refusal({ BOUQUET_DATA_DIRECTORY: data, BOUQUET_RECOVERY_DAYS: "7" });
  assert.equal(sentence, 'BOUQUET_RECOVERY_DAYS must be a whole number of days, 14 or more, not "7".');
  await assert.rejects(readdir(data), { code: "ENOENT" });
});

test("a port in use stops the start before anything is created", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  const data = join(scratch, "port-in-use");
  const sentence = await refusal({ BOUQUET_DATA_DIRECTORY: data, BOUQUET_SMTP_PORT: String(port) });
  assert.match(sentence, new RegExp(`BOUQUET_SMTP_PORT.* port ${port} .*another program already uses it`));
  await assert.rejects(readdir(data), { code: "ENOENT" });
  other.close();
});

test("a data directory in use by another copy stops the start", async () => {
  const data = join(scratch, "in-use");
  const directory = await openDataDirectory(data);
  assert.match(await refusal({ BOUQUET_DATA_DIRECTORY: data }), /is in use by another copy of Bouquet \(process \d+\)/);
  assert.deepEqual((await readdir(data)).sort(), ["lock", "version"]);
  await directory.close();
});

test("a data directory that cannot be one stops the start", async () => {
  const data = join(scratch, "file");
  await writeFile(data, "");
  assert.match(await refusal({ BOUQUET_DATA_DIRECTORY: data }), /is not a directory/);
});

test("a data directory written by a newer version stops the start and stays as it was", async () => {
  const data = join(scratch, "newer");
  await mkdir(data);
  await writeFile(join(data, "version"), "bouquet 99\n");
  assert.match(await refusal({ BOUQUET_DATA_DIRECTORY: data }), /was written by a newer version/);
  assert.deepEqual(await readdir(data), ["version"]);
});

test("a database that does not answer stops the start, and its password is not said", async () => {
  const closed = createServer().listen(0, "127.0.0.1");
  await once(closed, "listening");
  const { port } = closed.address() as AddressInfo;
  closed.close();
  await once(closed, "close");
  const data = join(scratch, "no-database");
  const sentence = await refusal({
    BOUQUET_DATA_DIRECTORY: data,
    DATABASE_URL: `postgres://bouquet:hunter2@127.0.0.1:${port}/bouquet`,
  });
  assert.match(sentence, /no answer from .*DATABASE_URL/);
  assert.doesNotMatch(sentence, /hunter2/);
  await assert.rejects(readdir(data), { code: "ENOENT" });
});

test("a database migrated by a newer version stops the start and stays as it was", async (t) => {
  const database = await createTestDatabase();
  t.after(() => database.drop());
  const client = new pg.Client({ connectionString: database.connectionString });
  await client.connect();
  await client.query("insert into schema_migration (number, name) values (9999, 'from-the-future')");
  const tables = async () => (await client.query("select count(*) from pg_class")).rows;
  const before = await tables();
  const data = join(scratch, "newer-schema");
  const env = { BOUQUET_DATA_DIRECTORY: data, DATABASE_URL: database.connectionString };
  assert.match(await refusal(env), /written by a newer version/);
  assert.deepEqual(await tables(), before);
  await assert.rejects(readdir(data), { code: "ENOENT" });
  await client.end();
});
