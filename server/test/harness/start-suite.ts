import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Suite, SuiteOptions } from "../../src/app/suite.ts";
import { openSuite } from "../../src/app.ts";
import { type Config, type PortName, portNames } from "../../src/config/config.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import type { Resolver } from "../../src/domain/mail/resolver.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { createMetrics, type Metrics } from "../../src/telemetry/metrics.ts";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";

export interface TestSuite extends Suite {
  readonly config: Config;
  readonly metrics: Metrics;
  readonly connectionString: string;
  /** Lines that the program logged at warn and above, parsed. */
  readonly log: readonly Record<string, unknown>[];
  port(name: PortName): number;
  close(): Promise<void>;
}

export interface TestSuiteOptions {
  /** Settings as an operator would write them, such as `{ BOUQUET_MAIL_ROUTES: "*=127.0.0.1:2526" }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Another copy to share the database and the blobs with. */
  readonly beside?: TestSuite;
  readonly resolver?: Resolver;
  readonly onRoute?: NonNullable<SuiteOptions["onRoute"]>;
  readonly onClientRoute?: NonNullable<SuiteOptions["onClientRoute"]>;
}

/** DNS as a test machine has it: nobody answers that a name exists. */
export const noDns: Resolver = {
  resolve: async (name: string) => {
    throw Object.assign(new Error(`queryAny ENOTFOUND ${name}`), { code: "ENOTFOUND" });
  },
} as unknown as Resolver;

/** The whole program in this process, on free loopback ports, a database of its own and a temporary directory. */
export async function startSuite(options: TestSuiteOptions = {}): Promise<TestSuite> {
  const directory = await mkdtemp(join(tmpdir(), "bouquet-suite-"));
  const database: TestDatabase = options.beside
    ? { connectionString: options.beside.connectionString, drop: async () => {} }
    : await createTestDatabase();
  const zero = (name: string) => [`BOUQUET_${name.toUpperCase()}_PORT`, "0"];
  const config = loadConfig({
    cwd: directory,
    env: {
      BOUQUET_DATA_DIRECTORY: directory,
      BOUQUET_BIND_ADDRESS: "127.0.0.1",
      BOUQUET_LOG_LEVEL: "warn",
      BOUQUET_ALLOW_PLAIN_AUTH_ON_LOOPBACK: "true",
      ...Object.fromEntries(portNames.map(zero)),
      ...(options.beside && { BOUQUET_BLOB_STORE: `file:${options.beside.config.blobs.directory}` }),
      ...options.settings,
    },
  });
  const lines: Record<string, unknown>[] = [];
  const log = createLogger(config.log, { write: (line) => void lines.push(JSON.parse(line)) });
  const metrics = createMetrics();
  const { connectionString } = database;
  const clean = async (): Promise<void> => {
    metrics.close();
    await database.drop();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const suite = await openSuite({
      config,
      connectionString,
      ports: config.listen.ports,
      log,
      metrics,
      resolver: options.resolver ?? noDns,
      ...(options.onRoute && { onRoute: options.onRoute }),
      ...(options.onClientRoute && { onClientRoute: options.onClientRoute }),
    });
    return {
      ...suite,
      config,
      metrics,
      connectionString,
      log: lines,
      port(name) {
        const port = suite.ports[name];
        if (port === undefined) throw new Error(`The suite has no ${name} port`);
        return port;
      },
      async close() {
        await suite.stop(5_000);
        await clean();
      },
    };
  } catch (error) {
    await clean();
    throw error;
  }
}
