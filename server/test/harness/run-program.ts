import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type PortName, portNames } from "../../src/config/config.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { type OpenedDomain, openDomain } from "../../src/open-domain.ts";
import { findEmbeddedPostgres } from "../../src/supervisor/embedded-postgres.ts";
import { silentLogger } from "../../src/telemetry/logger.ts";
import { freePort } from "./free-port.ts";

const root = resolve(import.meta.dirname, "../../..");

/** `npm start` as a process of its own, which a test may kill and start again on the same data directory. */
export interface RunningProgram {
  readonly directory: string;
  readonly ports: Readonly<Record<PortName, number>>;
  readonly process: ChildProcess;
  /** Everything it printed since the last start. */
  output(): string;
  /** Resolves when /ready answers 200. @throws when the program ends before, with what it printed */
  start(): Promise<void>;
  /** The same, for a program that runs and that something happened to. */
  waitUntilReady(): Promise<void>;
  kill(signal: NodeJS.Signals): Promise<number | null>;
  /** The same database and blobs, reached from the test. */
  openDomain(): Promise<OpenedDomain>;
  remove(): Promise<void>;
}

export async function prepareProgram(
  options: {
    args?: readonly string[];
    settings?: Readonly<Record<string, string>>;
    /** Modules loaded before it, from the root of the repository. */
    imports?: readonly string[];
  } = {},
): Promise<RunningProgram> {
  const directory = await mkdtemp(join(tmpdir(), "bouquet-program-"));
  const ports = Object.fromEntries(
    await Promise.all(portNames.map(async (name) => [name, await freePort()] as const)),
  ) as Record<PortName, number>;
  const settings: Record<string, string> = {
    BOUQUET_DATA_DIRECTORY: join(directory, "data"),
    BOUQUET_BIND_ADDRESS: "127.0.0.1",
    BOUQUET_LOG_LEVEL: "warn",
    ...Object.fromEntries(portNames.map((name) => [`BOUQUET_${name.toUpperCase()}_PORT`, String(ports[name])])),
    ...options.settings,
  };
  let child: ChildProcess | undefined;
  let printed = "";

  async function kill(signal: NodeJS.Signals): Promise<number | null> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
    return child.exitCode;
  }

  async function waitUntilReady(): Promise<void> {
    while (!(await isReady(ports.http))) {
      if (!child || child.exitCode !== null || child.signalCode !== null)
        throw new Error(`The program ended: ${printed}`);
      await tick(100);
    }
  }

  return {
    directory: settings["BOUQUET_DATA_DIRECTORY"]!,
    ports,
    get process() {
      if (!child) throw new Error("The program was not started");
      return child;
    },
    output: () => printed,
    async start() {
      printed = "";
      const environment = Object.entries(process.env).filter(([name]) => !/^(BOUQUET_|PG|DATABASE_URL$)/.test(name));
      child = spawn(
        process.execPath,
        [
          ...["./scripts/launch.mjs", ...(options.imports ?? [])].flatMap((module) => ["--import", module]),
          "server/src/main.ts",
          ...(options.args ?? ["--empty"]),
        ],
        { cwd: root, env: { ...Object.fromEntries(environment), ...settings }, stdio: ["ignore", "pipe", "pipe"] },
      );
      child.stdout?.on("data", (chunk: Buffer) => (printed += chunk));
      child.stderr?.on("data", (chunk: Buffer) => (printed += chunk));
      await waitUntilReady();
    },
    waitUntilReady,
    kill,
    async openDomain() {
      const connectionString =
        settings["DATABASE_URL"] ?? (await findEmbeddedPostgres(settings["BOUQUET_DATA_DIRECTORY"]!));
      if (!connectionString) throw new Error("No PostgreSQL runs on the data directory");
      const config = loadConfig({ env: settings, cwd: directory });
      return openDomain(config, connectionString, silentLogger);
    },
    async remove() {
      await kill("SIGTERM");
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function isReady(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/ready`).then(
    (response) => response.status === 200,
    () => false,
  );
}

function tick(milliseconds: number): Promise<void> {
  const { promise, resolve: done } = Promise.withResolvers<void>();
  setTimeout(done, milliseconds);
  return promise;
}
