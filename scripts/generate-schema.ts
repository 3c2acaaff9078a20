import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { migrate } from "../server/src/store/migrate.ts";
import { startEmbeddedPostgres } from "../server/src/supervisor/embedded-postgres.ts";
import { silentLogger } from "../server/src/telemetry/logger.ts";

const root = resolve(import.meta.dirname, "..");
const target = join(root, "server/src/store/schema.generated.ts");

/** Writes the Kysely types of the schema that the migrations make; with --check says whether they are those in the file. */
const directory = await mkdtemp(join(tmpdir(), "bouquet-schema-"));
const postgres = await startEmbeddedPostgres({ directory, log: silentLogger, maxConnections: 10 });
try {
  await migrate(postgres.connectionString);
  const check = process.argv.includes("--check");
  const outFile = check ? join(directory, "schema.generated.ts") : target;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      join(root, "node_modules/kysely-codegen/dist/cli/bin.js"),
      "--dialect=postgres",
      `--url=${postgres.connectionString}`,
      `--out-file=${outFile}`,
      "--exclude-pattern=graphile_worker.*",
      '--type-mapping={"timestamptz":"Date","int8":"number"}',
    ],
    { cwd: root, encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`kysely-codegen failed: ${stdout}${stderr}`);
  if (check && (await readFile(outFile, "utf8")) !== (await readFile(target, "utf8"))) {
    console.error("server/src/store/schema.generated.ts is stale: run node scripts/generate-schema.ts.");
    process.exitCode = 1;
  }
} finally {
  await postgres.stop();
  await rm(directory, { recursive: true, force: true });
}
