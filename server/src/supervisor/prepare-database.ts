import type { Config } from "../config/config.ts";
import { checkSchema, migrate } from "../store/migrate.ts";
import { StoreError } from "../store/store-error.ts";
import type { Logger } from "../telemetry/logger.ts";
import { startEmbeddedPostgres } from "./embedded-postgres.ts";
import { StartError } from "./start-error.ts";

export type PreparedDatabase = {
  readonly connectionString: string;
  /** Stops the embedded server; does nothing to one that is not ours. */
  stop(): Promise<void>;
};

// Migrations, the supervisor's own questions, the command line, superuser_reserved_connections.
const spareConnections = 12;

/**
 * Starts the embedded PostgreSQL, or takes the one of DATABASE_URL, and applies the migrations that it lacks.
 * @throws StartError with one sentence
 */
export async function prepareDatabase(
  config: Pick<Config, "dataDirectory" | "database" | "copies">,
  log: Logger,
): Promise<PreparedDatabase> {
  const { url } = config.database;
  // Each copy holds its pool, one connection for hints and those of its scheduled jobs.
  const maxConnections = config.copies * (config.database.connectionsPerCopy + 5) + spareConnections;
  const database =
    url === undefined
      ? await startEmbeddedPostgres({
          directory: config.dataDirectory,
          log: log.area("postgres"),
          maxConnections,
          sharedBuffers: config.database.sharedBuffers,
          keepReserve: true,
        })
      : { connectionString: url, stop: async () => {} };
  try {
    const applied = await migrate(database.connectionString);
    if (applied > 0) log.info({ applied }, "the database was migrated");
  } catch (error) {
    await database.stop();
    throw explain(error, url);
  }
  return { connectionString: database.connectionString, stop: () => database.stop() };
}

/**
 * Asks the database of DATABASE_URL whether it would have us, before anything of ours is created.
 * @throws StartError with one sentence
 */
export async function tryDatabase({ database: { url } }: Pick<Config, "database">): Promise<void> {
  if (url === undefined) return;
  try {
    await checkSchema(url);
  } catch (error) {
    throw explain(error, url);
  }
}

function explain(error: unknown, url: string | undefined): unknown {
  const where =
    url === undefined ? "the embedded PostgreSQL" : `the PostgreSQL of DATABASE_URL (${withoutPassword(url)})`;
  if (error instanceof StoreError && error.kind === "newer_schema") {
    return new StartError(`${error.message} Install that version, or restore a backup.`, { cause: error });
  }
  if (error instanceof StoreError) return new StartError(`There is no answer from ${where}.`, { cause: error });
  const code = (error as { code?: unknown }).code;
  if (typeof code === "string" && /^(28|3D)/.test(code)) {
    return new StartError(`${where} refuses the connection: ${(error as Error).message}.`, { cause: error });
  }
  if (typeof code === "string" && /^E[A-Z]+$/.test(code)) {
    return new StartError(`There is no answer from ${where} (${code}).`, { cause: error });
  }
  return error;
}

function withoutPassword(url: string): string {
  const parsed = URL.parse(url);
  return parsed ? `${parsed.host}${parsed.pathname}` : "address not readable";
}
