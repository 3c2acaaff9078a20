import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmod, chown, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type PostgresBinaries, postgresMajor } from "./postgres-binaries.ts";
import { commandAs, type ServerUser } from "./postgres-user.ts";
import { StartError } from "./start-error.ts";

/** The files of the embedded server: one directory per major version of PostgreSQL. */
export type ClusterFiles = {
  readonly home: string;
  /** What PostgreSQL calls PGDATA. */
  readonly cluster: string;
  readonly password: string;
  readonly log: string;
};

export function clusterFiles(dataDirectory: string): ClusterFiles {
  const home = join(dataDirectory, `postgres-${postgresMajor}`);
  return { home, cluster: join(home, "cluster"), password: join(home, "password"), log: join(home, "log") };
}

export type ServerSettings = {
  readonly socketDirectory: string;
  readonly maxConnections: number;
  /** Bytes. */
  readonly sharedBuffers: number;
  /** Bytes of WAL that force a checkpoint. */
  readonly walLimit: number;
};

/**
 * Refuses a data directory whose PostgreSQL files are of another major version.
 * @throws StartError
 */
export async function refuseOtherMajor(dataDirectory: string): Promise<void> {
  const majors = (await readdir(dataDirectory))
    .map((entry) => Number(/^postgres-(\d+)$/.exec(entry)?.[1] ?? Number.NaN))
    .filter((major) => !Number.isNaN(major));
  const latest = Math.max(...majors);
  if (majors.length === 0 || latest === postgresMajor) return;
  throw new StartError(
    latest > postgresMajor
      ? `The database in ${dataDirectory} was written by PostgreSQL ${latest}, a newer version than this program's ${postgresMajor}.`
      : `The database in ${dataDirectory} was written by PostgreSQL ${latest} and must be upgraded to ${postgresMajor} first.`,
  );
}

/**
 * Makes the cluster when there is none. All is made beside and renamed into place at the end, so that a program killed
 * in the middle leaves nothing that a later start would take for a database.
 * @throws StartError with the reason that initdb gave.
 */
export async function ensureCluster(
  files: ClusterFiles,
  binaries: PostgresBinaries,
  user: ServerUser | undefined,
): Promise<void> {
  if (await exists(files.home)) return;
  await removeDrafts(files.home);
  // A name of its own: the initdb of a program that was killed may live on for a moment, and write in what it was given.
  const draft = `${files.home}.new-${randomBytes(4).toString("hex")}`;
  await makeOwnDirectory(draft, user);
  await makeOwnDirectory(join(draft, "log"), user);
  const passwordFile = join(draft, "password");
  await writeFile(passwordFile, `${randomBytes(24).toString("hex")}\n`, { mode: 0o600, flush: true });
  if (user) await chown(passwordFile, user.uid, user.gid);
  await runInitdb(join(draft, "cluster"), passwordFile, binaries, user);
  await syncDirectory(draft);
  await rename(draft, files.home);
  await syncDirectory(dirname(files.home));
}

async function removeDrafts(home: string): Promise<void> {
  const names = await readdir(dirname(home));
  for (const name of names.filter((each) => each.startsWith(`${basename(home)}.new`))) {
    await rm(join(dirname(home), name), { recursive: true, force: true, maxRetries: 10 });
  }
}

async function runInitdb(
  cluster: string,
  passwordFile: string,
  binaries: PostgresBinaries,
  user: ServerUser | undefined,
): Promise<void> {
  const wanted = commandAs(user, binaries.initdb, [
    `--pgdata=${cluster}`,
    "--username=bouquet",
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-instructions",
  ]);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const child = spawn(wanted.command, wanted.args, {
    ...wanted.identity,
    cwd: "/",
    env: serverEnvironment(),
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk) => {
    said += chunk;
  });
  child.once("error", reject);
  child.once("close", (code) => {
    if (code === 0) resolve();
    else reject(new StartError(`PostgreSQL could not make its database: ${lastLine(said)}.`));
  });
  return promise;
}

/** Nothing of our environment reaches the server: PG* variables would change what it does. */
export function serverEnvironment(): Record<string, string> {
  return { PATH: "/usr/local/bin:/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" };
}

/** Writes the server's configuration anew, so that what the program says is what the server does. */
export async function writeServerConfiguration(
  files: ClusterFiles,
  settings: ServerSettings,
  user: ServerUser | undefined,
): Promise<void> {
  await replaceFile(join(files.cluster, "postgresql.conf"), configuration(files, settings), user);
  // The socket's directory is private; the password still stands between the database and whoever gets there.
  await replaceFile(join(files.cluster, "pg_hba.conf"), "local all all scram-sha-256\n", user);
}

function configuration(files: ClusterFiles, settings: ServerSettings): string {
  const quote = (text: string) => `'${text.replaceAll("'", "''")}'`;
  const lines: Record<string, string | number> = {
    listen_addresses: quote(""),
    unix_socket_directories: quote(settings.socketDirectory),
    unix_socket_permissions: "0700",
    max_connections: settings.maxConnections,
    password_encryption: "scram-sha-256",

    // Durability is never lowered.
    fsync: "on",
    synchronous_commit: "on",
    full_page_writes: "on",
    wal_level: "replica",
    max_wal_size: quote(`${Math.floor(settings.walLimit / 2 ** 20)}MB`),
    checkpoint_timeout: quote("5min"),

    shared_buffers: quote(`${Math.floor(settings.sharedBuffers / 1024)}kB`),
    work_mem: quote("8MB"),
    maintenance_work_mem: quote("64MB"),
    effective_cache_size: quote("1GB"),
    dynamic_shared_memory_type: "posix",
    io_workers: 2,
    jit: "off",
    max_parallel_workers_per_gather: 0,
    random_page_cost: 1.1,
    // A new installation fills fast: until its tables were counted, plans are guesses.
    autovacuum_naptime: quote("10s"),

    // Statement timeouts are the program's, which knows what it asks.
    idle_in_transaction_session_timeout: quote("60s"),
    client_connection_check_interval: quote("10s"),
    deadlock_timeout: quote("1s"),

    // One file for each day of the week. Neither statements nor the rows in error details are written: they hold mail.
    logging_collector: "on",
    log_directory: quote(files.log),
    log_filename: quote("postgres-%a.log"),
    log_file_mode: "0600",
    log_rotation_age: quote("1d"),
    log_truncate_on_rotation: "on",
    log_line_prefix: quote("%m [%p] %q%a "),
    log_error_verbosity: "terse",
    log_min_error_statement: "panic",
    log_min_duration_statement: -1,
    log_parameter_max_length: 0,
    log_checkpoints: "off",

    timezone: quote("UTC"),
    log_timezone: quote("UTC"),
    datestyle: quote("iso, mdy"),
    lc_messages: quote("C"),
    default_text_search_config: quote("pg_catalog.simple"),
  };
  const body = Object.entries(lines).map(([name, value]) => `${name} = ${value}\n`);
  return `# Written by Bouquet at each start: changes made here are lost.\n${body.join("")}`;
}

/** The URL that node-postgres connects with, over the socket in `socketDirectory`. */
export async function connectionUrl(
  files: ClusterFiles,
  socketDirectory: string,
  database = "bouquet",
): Promise<string> {
  const password = (await readFile(files.password, "utf8")).trim();
  return `postgres://bouquet:${password}@/${database}?host=${encodeURIComponent(socketDirectory)}`;
}

export async function makeOwnDirectory(path: string, user: ServerUser | undefined): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  await chmod(path, 0o700);
  if (user) await chown(path, user.uid, user.gid);
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

export function lastLine(said: string): string {
  const line = said.trim().split("\n").at(-1) ?? "";
  return line.replace(/^.*?(?:FATAL|PANIC|ERROR|error):\s*/, "").replace(/\.$/, "") || "it gave no reason";
}

async function replaceFile(path: string, content: string, user: ServerUser | undefined): Promise<void> {
  const draft = `${path}.new`;
  await writeFile(draft, content, { mode: 0o600, flush: true });
  if (user) await chown(draft, user.uid, user.gid);
  await rename(draft, path);
}

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
