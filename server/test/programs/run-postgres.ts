// Holds a data directory and its PostgreSQL until SIGTERM, so that a test can kill the one or the other. Arguments: the directory, the connections allowed.
import { openDataDirectory } from "../../src/supervisor/data-directory.ts";
import { startEmbeddedPostgres } from "../../src/supervisor/embedded-postgres.ts";
import { silentLogger } from "../../src/telemetry/logger.ts";

const directory = await openDataDirectory(process.argv[2] ?? "");
const postgres = await startEmbeddedPostgres({
  directory: directory.path,
  log: silentLogger,
  maxConnections: Number(process.argv[3] ?? 10),
});
process.once("SIGTERM", async () => {
  await postgres.stop();
  await directory.close();
  process.exit(0);
});
console.log(JSON.stringify({ connectionString: postgres.connectionString, postgresPid: postgres.pid }));
