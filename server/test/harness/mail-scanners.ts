import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { access, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { freePort } from "./free-port.ts";

export interface RunningScanner {
  readonly port: number;
  /** For clamd: its Unix socket. */
  readonly socketPath: string;
  stop(): Promise<void>;
}

/** In pieces, so that no virus scanner takes this file for what it tests. */
export const eicar = ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$", "EICAR-STANDARD-ANTIVIRUS", "-TEST-FILE!$H+H*"].join("");
export const gtube = ["XJS*C4JDBQADN1.NSBN3*2IDNEN*", "GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL", "*C.34X"].join("");

const deadlineMs = 60_000;

/** Debian's clamd in the foreground with one signature of its own, on a free loopback port and a Unix socket. */
export async function startClamd(
  options: { streamMaxLength?: number; socketPath?: string } = {},
): Promise<RunningScanner> {
  const directory = await mkdtemp(join(tmpdir(), "bouquet-clamd-"));
  const database = join(directory, "database");
  await mkdir(database);
  await writeFile(join(database, "eicar.ndb"), `Eicar-Signature:0:*:${Buffer.from(eicar).toString("hex")}\n`);
  const port = await freePort();
  const socketPath = options.socketPath ?? join(directory, "clamd.socket");
  const config = join(directory, "clamd.conf");
  await writeFile(
    config,
    [
      `DatabaseDirectory ${database}`,
      `TemporaryDirectory ${directory}`,
      `TCPSocket ${port}`,
      "TCPAddr 127.0.0.1",
      `LocalSocket ${socketPath}`,
      `StreamMaxLength ${options.streamMaxLength ?? 30_000_000}`,
      "MaxThreads 2",
      ...(process.getuid?.() === 0 ? ["User root"] : []),
      "",
    ].join("\n"),
  );
  const program = await findProgram("clamd");
  const child = spawn(program, ["--foreground", `--config-file=${config}`], { stdio: ["ignore", "pipe", "pipe"] });
  return running(child, directory, { port, socketPath });
}

/** Debian's rspamd in the foreground, with nothing that asks anyone: no lists, no fuzzy storage, no Redis. */
export async function startRspamd(): Promise<RunningScanner> {
  const directory = await mkdtemp(join(tmpdir(), "bouquet-rspamd-"));
  const port = await freePort();
  const domains = join(directory, "domains.dat");
  // Its own list of top-level domains takes it a quarter of a minute to read.
  await writeFile(domains, "com\norg\nfr\nexample\n");
  const config = join(directory, "own.conf");
  await writeFile(
    config,
    `options {
  control_socket = "${join(directory, "control.socket")} mode=0600";
  tempdir = "${directory}";
  hs_cache_dir = "${directory}";
  cache_file = "${join(directory, "symbols.cache")}";
  url_tld = "${domains}";
  history_rows = 10;
  disable_hyperscan = true;
  filters = "";
  dns { nameserver = ["127.0.0.1:1"]; timeout = 0.1s; retransmits = 1; }
}
logging { type = "console"; level = "notice"; }
actions { reject = 15; add_header = 6; greylist = 4; }
worker "normal" { bind_socket = "127.0.0.1:${port}"; count = 1; task_timeout = 10s; }
`,
  );
  const isRoot = process.getuid?.() === 0;
  const program = await findProgram("rspamd");
  const child = spawn(program, ["-f", ...(isRoot ? ["-u", "root", "-g", "root"] : []), "-c", config], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  return running(child, directory, { port, socketPath: "" });
}

async function running(
  child: ChildProcess,
  directory: string,
  place: { port: number; socketPath: string },
): Promise<RunningScanner> {
  let output = "";
  child.stdout?.on("data", (chunk) => (output += chunk));
  child.stderr?.on("data", (chunk) => (output += chunk));
  const exited = once(child, "exit");
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGTERM");
      const killer = setTimeout(() => child.kill("SIGKILL"), 10_000);
      await exited;
      clearTimeout(killer);
    }
    await rm(directory, { recursive: true, force: true });
  };
  const started = performance.now();
  while (!(await answers(place.port))) {
    if (child.exitCode !== null || performance.now() - started > deadlineMs) {
      await stop();
      throw new Error(`The scanner did not open port ${place.port}:\n${output.slice(-4_000)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { ...place, stop };
}

async function findProgram(name: string): Promise<string> {
  for (const directory of [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/bin"]) {
    const path = join(directory, name);
    const found = await access(path).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  throw new Error(`The program ${name} is not installed (see .ci/packages)`);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
    socket.once("close", () => socket.destroy());
    socket.once("connect", () => socket.destroy());
  });
}
