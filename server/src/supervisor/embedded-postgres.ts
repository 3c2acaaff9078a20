import { type ChildProcessByStdio, spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { Client } from "pg";
import type { Logger } from "../telemetry/logger.ts";
import { giveUpReserve, layInReserve, walLimit } from "./disk-reserve.ts";
import { locatePostgres } from "./postgres-binaries.ts";
import * as clusters from "./postgres-cluster.ts";
import { type ClusterFiles, clusterFiles } from "./postgres-cluster.ts";
import { chooseServerUser, commandAs, type ServerUser } from "./postgres-user.ts";
import { findPostmaster, readPostmaster, stopOrphan } from "./postmaster.ts";
import { StartError } from "./start-error.ts";

export type EmbeddedPostgres = {
  /** For node-postgres; stays the same when the server is restarted. */
  readonly connectionString: string;
  /** The process id of the server that runs now, undefined between a crash and the restart. */
  readonly pid: number | undefined;
  /** Ends open connections and stops the server. */
  stop(): Promise<void>;
};

export type EmbeddedPostgresOptions = {
  /** The data directory, whose lock the caller holds. */
  readonly directory: string;
  readonly log: Logger;
  readonly maxConnections: number;
  /** Bytes; 64 MiB by default. */
  readonly sharedBuffers?: number;
  /** Keep some of the disk aside for a start on a full one (see giveUpReserve); no by default. */
  readonly keepReserve?: boolean;
};

/**
 * Starts the PostgreSQL that came with npm on the data directory, making its database the first time, and keeps it
 * running: a server left by a killed program is stopped first, one that dies is started again.
 *
 * It listens on a Unix socket only, in a directory that only its own user may enter, and asks for a random password
 * (SCRAM) that stands beside the database; no port of the network is opened.
 * @throws StartError when the server cannot be started.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { directory, log, maxConnections, sharedBuffers = 64 * 2 ** 20 } = options;
  await clusters.refuseOtherMajor(directory);
  await makeRoom(directory, log);
  const binaries = await locatePostgres();
  const files = clusterFiles(directory);
  const user = await chooseServerUser(files.home, binaries.root);
  await clusters.ensureCluster(files, binaries, user);
  if ((await stopOrphan(files.cluster)) === "stopped") log.warn("stopped a PostgreSQL left by an earlier start");
  const socket = await makeSocketDirectory(files, user);
  await clusters.writeServerConfiguration(
    files,
    { socketDirectory: socket.path, maxConnections, sharedBuffers, walLimit: await walLimit(directory) },
    user,
  );
  const server = superviseServer({
    directory,
    files,
    socketDirectory: socket.path,
    postgres: binaries.postgres,
    user,
    log,
  });
  try {
    await server.started;
    await ensureDatabase(await clusters.connectionUrl(files, socket.path, "postgres"));
  } catch (error) {
    await server.stop();
    await socket.remove();
    throw error;
  }
  const laidIn = options.keepReserve
    ? layInReserve(directory).catch((error: unknown) => log.warn({ error }, "no disk reserve could be made"))
    : undefined;
  return {
    connectionString: await clusters.connectionUrl(files, socket.path),
    get pid() {
      return server.pid();
    },
    stop: async () => {
      await laidIn;
      await server.stop();
      await socket.remove();
    },
  };
}

/** The connection string of the server that another process runs on this data directory; undefined when there is none. */
export async function findEmbeddedPostgres(directory: string): Promise<string | undefined> {
  const files = clusterFiles(directory);
  const running = await findPostmaster(files.cluster);
  return running?.ready ? clusters.connectionUrl(files, running.socketDirectory) : undefined;
}

async function makeRoom(directory: string, log: Logger): Promise<void> {
  if ((await giveUpReserve(directory)) === "kept") return;
  log.error("the disk is full: the reserve was given up so that PostgreSQL can start; free some space");
}

/** A socket's address holds 107 bytes, so a data directory deep in a tree gets a private directory for temporary files. */
async function makeSocketDirectory(
  files: ClusterFiles,
  user: ServerUser | undefined,
): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const near = join(files.home, "socket");
  if (Buffer.byteLength(join(near, ".s.PGSQL.5432.lock")) < 100) {
    await clusters.makeOwnDirectory(near, user);
    return { path: near, remove: async () => {} };
  }
  const path = await mkdtemp(join(Buffer.byteLength(tmpdir()) < 60 ? tmpdir() : "/tmp", "bouquet-"));
  await clusters.makeOwnDirectory(path, user);
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

type Server = {
  /** Settles when the server first accepts connections, or cannot. */
  readonly started: Promise<void>;
  pid(): number | undefined;
  stop(): Promise<void>;
};

type ServerProcess = ChildProcessByStdio<null, null, Readable>;

function superviseServer(context: {
  readonly directory: string;
  readonly files: ClusterFiles;
  readonly socketDirectory: string;
  readonly postgres: string;
  readonly user: ServerUser | undefined;
  readonly log: Logger;
}): Server {
  const { files, log } = context;
  const stopping = new AbortController();
  let current: ServerProcess | undefined;
  let ended: Promise<void> = Promise.resolve();

  async function startOnce(): Promise<void> {
    await makeRoom(context.directory, log);
    // No server of ours runs now. The lock of a killed one names a process that may still look alive, as a zombie.
    for (const left of [".s.PGSQL.5432", ".s.PGSQL.5432.lock"])
      await rm(join(context.socketDirectory, left), { force: true });
    const wanted = commandAs(context.user, context.postgres, ["-D", files.cluster]);
    const child = spawn(wanted.command, wanted.args, {
      ...wanted.identity,
      cwd: "/",
      env: clusters.serverEnvironment(),
      stdio: ["ignore", "ignore", "pipe"],
      // Its own session: Ctrl-C at the terminal must reach us alone, so that we finish our work before the server stops.
      detached: true,
    });
    const exit = Promise.withResolvers<number | null>();
    let said = "";
    child.stderr.on("data", (chunk) => {
      said = (said + chunk).slice(-4000);
    });
    child.once("error", (error) => {
      said = error.message;
      exit.resolve(null);
    });
    child.once("exit", (code) => exit.resolve(code));
    current = child;
    const over = exit.promise.then(() => {
      if (current === child) current = undefined;
    });
    ended = over;
    let exited = false;
    void over.then(() => {
      exited = true;
    });
    const patience = setInterval(() => log.info("PostgreSQL is recovering from a crash"), 10_000);
    try {
      for (;;) {
        const seen = await readPostmaster(files.cluster);
        if (seen?.ready && seen.pid === child.pid) break;
        if (exited) throw new StartError(`PostgreSQL did not start: ${await reason(files, said)}.`);
        await Promise.race([delay(20), over]);
      }
    } finally {
      clearInterval(patience);
    }
    void over.then(() => {
      if (stopping.signal.aborted) return;
      log.error("PostgreSQL ended unexpectedly and is started again");
      void startAgain();
    });
  }

  async function startAgain(): Promise<void> {
    for (let wait = 100; !stopping.signal.aborted; wait = Math.min(wait * 2, 30_000)) {
      try {
        await startOnce();
        log.info("PostgreSQL runs again");
        return;
      } catch (error) {
        log.error({ error, nextAttemptMs: wait }, "PostgreSQL cannot be started again yet");
        await delay(wait, undefined, { signal: stopping.signal }).catch(() => {});
      }
    }
  }

  /** Backends of a killed server need a moment to notice, and hold its shared memory until then. */
  async function startFirst(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await startOnce();
      } catch (error) {
        const passing = error instanceof StartError && /shared memory block|lock file/.test(error.message);
        if (!passing || attempt >= 60 || stopping.signal.aborted) throw error;
        await delay(250);
      }
    }
  }

  return {
    started: startFirst(),
    pid: () => current?.pid,
    stop: async () => {
      stopping.abort();
      for (const { signal, patience } of [
        { signal: "SIGINT", patience: 30_000 },
        { signal: "SIGQUIT", patience: 10_000 },
        { signal: "SIGKILL", patience: 5_000 },
      ] as const) {
        if (!current) break;
        current.kill(signal);
        const cancel = new AbortController();
        await Promise.race([ended, delay(patience, undefined, { signal: cancel.signal }).catch(() => {})]);
        cancel.abort();
      }
      await ended;
    },
  };
}

async function reason(files: ClusterFiles, said: string): Promise<string> {
  if (/FATAL|PANIC|error/i.test(said) && !/redirecting log output/.test(said)) return clusters.lastLine(said);
  const logs = await readdir(files.log).catch(() => []);
  const times = await Promise.all(
    logs.map(async (name) => ({ name, at: (await stat(join(files.log, name))).mtimeMs })),
  );
  const newest = times.sort((a, b) => b.at - a.at)[0];
  const content = newest ? await readFile(join(files.log, newest.name), "utf8") : "";
  const fatal = content.split("\n").filter((line) => /FATAL|PANIC/.test(line));
  return clusters.lastLine(fatal.at(-1) ?? said);
}

async function ensureDatabase(adminUrl: string): Promise<void> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const found = await client.query(`select 1 from pg_database where datname = 'bouquet'`);
    if (found.rowCount === 0) await client.query("create database bouquet");
  } finally {
    await client.end();
  }
}
