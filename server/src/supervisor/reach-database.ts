import type { Config } from "../config/config.ts";
import type { Logger } from "../telemetry/logger.ts";
import { openDataDirectory } from "./data-directory.ts";
import { findEmbeddedPostgres } from "./embedded-postgres.ts";
import { prepareDatabase } from "./prepare-database.ts";

export type ReachedDatabase = {
  readonly connectionString: string;
  /** Leaves the server as it was found. */
  leave(): Promise<void>;
};

/**
 * The database for a command: the one of DATABASE_URL, the embedded one of a program that runs, or the embedded one started for
 * the time of the command.
 * @throws StartError with one sentence
 */
export async function reachDatabase(
  config: Pick<Config, "dataDirectory" | "database" | "copies">,
  log: Logger,
): Promise<ReachedDatabase> {
  if (config.database.url !== undefined) return { connectionString: config.database.url, leave: async () => {} };
  const running = await findEmbeddedPostgres(config.dataDirectory);
  if (running !== undefined) return { connectionString: running, leave: async () => {} };
  const directory = await openDataDirectory(config.dataDirectory);
  try {
    const database = await prepareDatabase(config, log);
    return {
      connectionString: database.connectionString,
      async leave() {
        await database.stop();
        await directory.close();
      },
    };
  } catch (error) {
    await directory.close();
    throw error;
  }
}
