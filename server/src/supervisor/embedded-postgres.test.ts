import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { watch } from "node:fs";
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { after, type TestContext, test } from "node:test";
import { Client } from "pg";
import { createLogger, silentLogger } from "../telemetry/logger.ts";
import { findEmbeddedPostgres, startEmbeddedPostgres } from "./embedded-postgres.ts";
import { locatePostgres } from "./postgres-binaries.ts";
import { clusterFiles } from "./postgres-cluster.ts";
import { chooseServerUser, commandAs } from "./postgres-user.ts";
import { findPostmaster, stopOrphan } from "./postmaster.ts";
import { StartError } from "./start-error.ts";

const scratch = await mkdtemp(join(tmpdir(), "pg-"));
after(() => rm(scratch, { recursive: true, force: true }));

const program = resolve(import.meta.dirname, "../../test/programs/run-postgres.ts");
const isRoot = process.getuid?.() === 0;

/** An empty data directory; whatever still serves it when the test ends is stopped. */
async function dataDirectory(t: TestContext, name: string): Promise<string> {
  const path = join(scratch, name);
  await mkdir(path, { recursive: true });
  t.after(() => stopOrphan(clusterFiles(path).cluster));
  return path;
}

const start = (directory: string, log = silentLogger) => startEmbeddedPostgres({ directory, log, maxConnections: 10 });

async function query(connectionString: string, ...statements: string[]): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString });
  client.on("error", () => {});
  await client.connect();
  try {
    let rows: Record<string, unknown>[] = [];
    for (const statement of statements) rows = (await client.query<Record<string, unknown>>(statement)).rows;
    return rows;
  } finally {
    await client.end();
  }
}

/** Starts the program that holds `directory`, and gives what it says about its server. */
async function startElsewhere(
  t: TestContext,
  directory: string,
  as: Awaited<ReturnType<typeof chooseServerUser>> = undefined,
): Promise<{ child: ChildProcess; connectionString: string; postgresPid: number }> {
  const wanted = commandAs(as, process.execPath, [program, directory]);
  const child = spawn(wanted.command, wanted.args, { ...wanted.identity, stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  const [chunk] = (await once(child.stdout!, "data")) as [Buffer];
  return { child, ...(JSON.parse(chunk.toString()) as { connectionString: string; postgresPid: number }) };
}

async function refusal(directory: string): Promise<string> {
  const error = await start(directory).then(
    () => assert.fail("it started"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof StartError, String(error));
  assert.match(error.message, /^[^\n]+\.$/);
  return error.message;
}

test("the first start makes a durable database that a later start finds again", async (t) => {
  const directory = await dataDirectory(t, "durable");
  const first = await start(directory);
  await query(first.connectionString, "create table kept (word text)", `insert into kept values ('été')`);
  await first.stop();
  assert.equal(first.pid, undefined);
  const second = await start(directory);
  assert.deepEqual(await query(second.connectionString, "select word from kept"), [{ word: "été" }]);
  const settings = await query(
    second.connectionString,
    `select name, setting from pg_settings where name in
      ('fsync', 'synchronous_commit', 'full_page_writes', 'data_checksums', 'jit', 'listen_addresses', 'server_encoding') order by name`,
  );
  assert.deepEqual(
    settings.map(({ name, setting }) => `${name}=${setting}`),
    [
      "data_checksums=on",
      "fsync=on",
      "full_page_writes=on",
      "jit=off",
      "listen_addresses=",
      "server_encoding=UTF8",
      "synchronous_commit=on",
    ],
  );
  const [locale] = await query(
    second.connectionString,
    `select datlocprovider, datlocale from pg_database where datname = 'bouquet'`,
  );
  assert.deepEqual(locale, { datlocprovider: "b", datlocale: "C.UTF-8" });
  await second.stop();
});

test("the socket and the password are closed to other users, and the password is asked for", async (t) => {
  const directory = await dataDirectory(t, "closed");
  const postgres = await start(directory);
  const files = clusterFiles(directory);
  for (const path of [files.home, files.cluster, files.log, join(files.home, "socket")]) {
    assert.equal((await stat(path)).mode & 0o077, 0, path);
  }
  assert.equal((await stat(files.password)).mode & 0o077, 0);
  const wrong = postgres.connectionString.replace(/bouquet:[0-9a-f]+@/, "bouquet:guess@");
  assert.notEqual(wrong, postgres.connectionString);
  await assert.rejects(query(wrong, "select 1"), { code: "28P01" });
  await postgres.stop();
});

test("a server that is killed is started again, with everything that was committed", async (t) => {
  const directory = await dataDirectory(t, "killed-server");
  const again = Promise.withResolvers<void>();
  const log = createLogger(
    { level: "info", format: "json" },
    { write: (line) => void (/runs again/.test(line) && again.resolve()) },
  );
  const postgres = await start(directory, log);
  await query(postgres.connectionString, "create table kept (n int)", "insert into kept values (7)");
  const before = postgres.pid!;
  process.kill(before, "SIGKILL");
  await again.promise;
  assert.notEqual(postgres.pid, before);
  assert.deepEqual(await query(postgres.connectionString, "select n from kept"), [{ n: 7 }]);
  await postgres.stop();
});

test("a program that is killed leaves a server that the next start replaces", async (t) => {
  const directory = await dataDirectory(t, "killed-program");
  const { child, connectionString, postgresPid } = await startElsewhere(t, directory);
  await query(connectionString, "create table kept (n int)", "insert into kept values (7)");
  child.kill("SIGKILL");
  await once(child, "exit");
  assert.equal((await findPostmaster(clusterFiles(directory).cluster))?.pid, postgresPid);
  const postgres = await start(directory);
  assert.notEqual(postgres.pid, postgresPid);
  assert.deepEqual(await query(postgres.connectionString, "select n from kept"), [{ n: 7 }]);
  await postgres.stop();
});

test("program and server killed together come back", async (t) => {
  const directory = await dataDirectory(t, "killed-both");
  const { child, connectionString, postgresPid } = await startElsewhere(t, directory);
  await query(connectionString, "create table kept (n int)", "insert into kept values (7)");
  child.kill("SIGKILL");
  process.kill(postgresPid, "SIGKILL");
  await once(child, "exit");
  const postgres = await start(directory);
  assert.deepEqual(await query(postgres.connectionString, "select n from kept"), [{ n: 7 }]);
  await postgres.stop();
});

test("a first start killed while the database is being made leaves nothing in the way", async (t) => {
  const directory = await dataDirectory(t, "killed-initdb");
  const child = spawn(process.execPath, [program, directory], { stdio: "ignore" });
  t.after(() => child.kill("SIGKILL"));
  const watcher = watch(directory);
  for await (const [, name] of (await import("node:events")).on(watcher, "change") as AsyncIterable<[string, string]>) {
    if (name.startsWith("postgres-18.new")) break;
  }
  watcher.close();
  child.kill("SIGKILL");
  await once(child, "exit");
  assert.ok(!(await readdir(directory)).includes("postgres-18"));
  const postgres = await start(directory);
  await query(postgres.connectionString, "select 1");
  await postgres.stop();
  assert.deepEqual(
    (await readdir(directory)).filter((name) => name.startsWith("postgres-18.new")),
    [],
  );
});

test("a postmaster.pid whose number now belongs to another program does not prevent the start", async (t) => {
  const directory = await dataDirectory(t, "stale");
  await (await start(directory)).stop();
  const { cluster } = clusterFiles(directory);
  const user = await chooseServerUser(clusterFiles(directory).home, (await locatePostgres()).root);
  const stranger = spawn("sleep", ["600"], user ? { uid: user.uid, gid: user.gid } : {});
  t.after(() => stranger.kill("SIGKILL"));
  const path = join(cluster, "postmaster.pid");
  await writeFile(
    path,
    `${stranger.pid}\n${cluster}\n1790000000\n5432\n${join(dirname(cluster), "socket")}\n\n     1 1\nready   \n`,
  );
  if (user) await chown(path, user.uid, user.gid);
  assert.equal(await findEmbeddedPostgres(directory), undefined);
  const postgres = await start(directory);
  await query(postgres.connectionString, "select 1");
  await postgres.stop();
  assert.equal(stranger.signalCode, null);
});

test("a data directory too deep for a socket gets one elsewhere, removed at the stop", async (t) => {
  const directory = await dataDirectory(t, "deep/".repeat(20));
  const postgres = await start(directory);
  await query(postgres.connectionString, "select 1");
  const socket = new URL(postgres.connectionString.replace("@/", "@x/")).searchParams.get("host")!;
  assert.equal((await stat(socket)).mode & 0o777, 0o700);
  await postgres.stop();
  await assert.rejects(stat(socket), { code: "ENOENT" });
});

test("another process finds the server that runs, and none when it is stopped", async (t) => {
  const directory = await dataDirectory(t, "shared");
  assert.equal(await findEmbeddedPostgres(directory), undefined);
  const { child, connectionString } = await startElsewhere(t, directory);
  assert.equal(await findEmbeddedPostgres(directory), connectionString);
  child.kill("SIGTERM");
  assert.deepEqual(await once(child, "exit"), [0, null]);
  assert.equal(await findEmbeddedPostgres(directory), undefined);
});

test("databases of other major versions are refused and left as they were", async (t) => {
  const newer = await dataDirectory(t, "newer");
  await mkdir(join(newer, "postgres-19"));
  assert.match(await refusal(newer), /written by PostgreSQL 19, a newer version/);
  assert.deepEqual(await readdir(newer), ["postgres-19"]);
  const older = await dataDirectory(t, "older");
  await mkdir(join(older, "postgres-17"));
  assert.match(await refusal(older), /written by PostgreSQL 17 and must be upgraded/);
});

test("a server that cannot start says why in one sentence", async (t) => {
  const directory = await dataDirectory(t, "broken");
  await (await start(directory)).stop();
  await rm(join(clusterFiles(directory).cluster, "global"), { recursive: true });
  assert.match(await refusal(directory), /^PostgreSQL did not start: .*(global|pg_control|valid data directory)/);
});

test("the log of the server holds neither statements nor the values in their errors", async (t) => {
  const directory = await dataDirectory(t, "discreet");
  const postgres = await start(directory);
  await query(
    postgres.connectionString,
    "create table people (address text primary key)",
    `insert into people values ('marie@x.example')`,
  );
  await assert.rejects(query(postgres.connectionString, `insert into people values ('marie@x.example')`), {
    code: "23505",
  });
  await postgres.stop();
  const { log } = clusterFiles(directory);
  const written = (await Promise.all((await readdir(log)).map((name) => readFile(join(log, name), "utf8")))).join("");
  assert.match(written, /duplicate key/);
  assert.doesNotMatch(written, /marie/);
});

test("an ordinary user runs it, in directories that only that user may enter", async (t) => {
  const directory = await dataDirectory(t, "ordinary/data");
  const user = await chooseServerUser(directory, (await locatePostgres()).root);
  assert.equal(user === undefined, !isRoot);
  for (const path of [dirname(directory), directory]) {
    await chmod(path, 0o700);
    if (user) await chown(path, user.uid, user.gid);
  }
  await chmod(scratch, 0o711);
  const { child, connectionString } = await startElsewhere(t, directory, user);
  await chmod(scratch, 0o700);
  assert.equal((await query(connectionString, "select 1 as one"))[0]?.one, 1);
  child.kill("SIGTERM");
  assert.deepEqual(await once(child, "exit"), [0, null]);
});

if (isRoot)
  test("root runs it as another user, and in directories closed to that user", async (t) => {
    const directory = await dataDirectory(t, "roots/data");
    await chmod(dirname(directory), 0o700);
    const postgres = await start(directory);
    const status = await readFile(`/proc/${postgres.pid}/status`, "utf8");
    assert.doesNotMatch(status, /^Uid:\s+0\s/m);
    const capabilities = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1]}`);
    assert.ok([1n << 1n, 1n << 2n].includes(capabilities), `it holds more than one capability: ${capabilities}`);
    await query(postgres.connectionString, "select 1");
    await postgres.stop();
  });
