import { parseArgs } from "node:util";
import type { Suite } from "./app/suite.ts";
import type { Config, PortName } from "./config/config.ts";
import { ConfigError } from "./config/config-error.ts";
import { loadConfig } from "./config/load-config.ts";
import { publicOrigins } from "./config/public-origins.ts";
import { announceDemonstration, announceReady } from "./demo/announce.ts";
import { operator as demonstrationOperator } from "./demo/people.ts";
import { ListenError } from "./net/listen-error.ts";
import { startMetricsServer } from "./net/metrics-server.ts";
import { isCopy, receiveOrders, startCopies } from "./supervisor/copies.ts";
import { openDataDirectory } from "./supervisor/data-directory.ts";
import { readFirstStart, recordFirstStart } from "./supervisor/first-start.ts";
import { tryPorts } from "./supervisor/ports.ts";
import { prepareDatabase, tryDatabase } from "./supervisor/prepare-database.ts";
import { Reloads } from "./supervisor/reloads.ts";
import { StartError } from "./supervisor/start-error.ts";
import { createLogger, type Logger } from "./telemetry/logger.ts";
import { createMetrics, exposeTogether } from "./telemetry/metrics.ts";

/** What a copy needs to serve: values that cross a process boundary. */
type Orders = {
  readonly connectionString: string;
  readonly ports: Readonly<Record<PortName, number>>;
  readonly shown: Pick<Config, "operator" | "support">;
};

const stopDeadlineMs = 20_000;

/** The whole program is a second of loading: not before it is sure that it will start, and while PostgreSQL starts. */
function loadProgram(): Promise<typeof import("./app.ts")> {
  const loading = import("./app.ts");
  // Its failure is met where it is awaited, unless something else failed before.
  loading.catch(() => {});
  return loading;
}

async function main(): Promise<void> {
  const { values: flags } = parseArgs({ options: { empty: { type: "boolean", default: false } } });
  const config = loadConfig({ env: process.env, cwd: process.cwd() });
  const log = createLogger(config.log);
  if (isCopy) await runCopy(config, log);
  else await supervise(config, log, flags.empty);
}

/** One of several copies: serves on what the supervisor prepared. */
async function runCopy(config: Config, log: Logger): Promise<void> {
  const metrics = createMetrics({ process: true });
  const loading = loadProgram();
  const { orders, reportReady, reportFailure, onReload, stop } = await receiveOrders<Orders>(() => metrics.values());
  let suite: Suite;
  try {
    const { openSuite } = await loading;
    const { shown, ...reach } = orders;
    suite = await openSuite({ config: { ...config, ...shown }, ...reach, log, metrics });
  } catch (error) {
    await reportFailure(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
    return void process.disconnect?.();
  }
  onReload(() => void reloadTls(suite, log));
  reportReady();
  stop.addEventListener("abort", async () => {
    await suite.stop(stopDeadlineMs);
    if (process.connected) process.disconnect?.();
  });
}

/** Owns the data directory, PostgreSQL, the migrations and the ports; with one copy, it is also that copy. */
async function supervise(given: Config, log: Logger, empty: boolean): Promise<void> {
  const stopping = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stopping.abort());
  const hangup = new Reloads();
  // A terminal that closes sends it too, to a program that nobody would then see.
  process.on("SIGHUP", () => (process.stdout.isTTY ? stopping.abort() : hangup.ask()));
  const undo: (() => Promise<unknown>)[] = [];
  try {
    const ports = await tryPorts(given);
    await tryDatabase(given);
    const directory = await openDataDirectory(given.dataDirectory);
    undo.push(() => directory.close());
    const loading = given.copies === 1 ? loadProgram() : undefined;
    const database = await prepareDatabase(given, log);
    undo.push(() => database.stop());
    const { connectionString } = database;
    let began = await readFirstStart(connectionString);
    if (began === undefined) {
      began = empty ? "empty" : "demonstration";
      if (!empty) {
        await recordFirstStart(connectionString, "demonstrating");
        announceDemonstration(await demonstrate(given, connectionString, log));
      }
      await recordFirstStart(connectionString, began);
    }
    const config = began === "demonstration" ? withDemonstrationOperator(given) : given;
    const metrics = createMetrics({ process: true });
    if (config.copies === 1) {
      const { openSuite } = await (loading ?? loadProgram());
      const suite = await openSuite({ config, connectionString, ports, log, metrics });
      undo.push(() => suite.stop(stopDeadlineMs));
      hangup.answer(() => void reloadTls(suite, log));
      const server = await serveMetrics(ports.metrics, metrics.contentType, () => metrics.expose(), log);
      undo.push(() => server.close(1_000));
      announceReady(suite.origins, suite.ports);
    } else {
      const copies = await startCopies({
        count: config.copies,
        orders: {
          connectionString,
          ports,
          shown: { operator: config.operator, support: config.support },
        } satisfies Orders,
        log,
      });
      undo.push(() => copies.stop(stopDeadlineMs + 5_000));
      hangup.answer(() => copies.reload());
      const expose = async () => exposeTogether([await metrics.values(), ...(await copies.metrics())]);
      const server = await serveMetrics(ports.metrics, metrics.contentType, expose, log);
      undo.push(() => server.close(1_000));
      announceReady(publicOrigins(config.web, ports.http), ports);
    }
    if (!stopping.signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      stopping.signal.addEventListener("abort", () => resolve());
      await promise;
    }
    log.info("stopping");
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

/** What SIGHUP asks for: a renewed certificate is used from the next connection on. */
async function reloadTls(suite: Suite, log: Logger): Promise<void> {
  try {
    await suite.reloadTls();
    log.info("the TLS certificate was read again");
  } catch (error) {
    log.error({ error }, "the TLS certificate could not be read again: the one before stays in use");
  }
}

const serveMetrics = (port: number, contentType: string, expose: () => Promise<string>, log: Logger) =>
  startMetricsServer({ port, contentType, expose, log: log.area("metrics") });

async function demonstrate(config: Config, connectionString: string, log: Logger) {
  const { openDomain } = await import("./open-domain.ts");
  const { createDemonstration } = await import("./demo/create-demonstration.ts");
  const domain = await openDomain(config, connectionString, log);
  try {
    return await createDemonstration(domain, { quotas: config.quotas, timeZone: config.timeZone });
  } finally {
    await domain.close();
  }
}

/** The demonstration shows a fictitious operator where the real one has set nothing. */
function withDemonstrationOperator(config: Config): Config {
  const { operator, support } = config;
  const nothingSet = [operator.name, support.phone, support.email, support.url].every((value) => value === undefined);
  return nothingSet
    ? { ...config, operator: { ...operator, name: demonstrationOperator.name }, support: demonstrationOperator.support }
    : config;
}

main().then(
  () => {
    // Everything was closed in order; whatever still holds the event loop must not hold the exit.
    if (!isCopy) process.exit();
  },
  (error: unknown) => {
    if (error instanceof ConfigError || error instanceof StartError || error instanceof ListenError) {
      console.error(error.message);
    } else {
      console.error("Bouquet could not start.", error);
    }
    process.exit(1);
  },
);
