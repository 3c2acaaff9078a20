import { parseArgs } from "node:util";
import { ConfigError } from "../config/config-error.ts";
import { loadConfig } from "../config/load-config.ts";
import { toDomainError } from "../domain/errors.ts";
import { openDomain, openResolver } from "../open-domain.ts";
import { reachDatabase } from "../supervisor/reach-database.ts";
import { StartError } from "../supervisor/start-error.ts";
import { createLogger } from "../telemetry/logger.ts";
import { type Command, UsageError } from "./command.ts";
import { findCommand } from "./command-groups.ts";
import { writeHelp, writeOverview } from "./help.ts";

async function main(args: readonly string[]): Promise<void> {
  const [name, ...rest] = args;
  if (name === undefined || name === "help" || name === "--help") return console.log(helpOn(rest[0]));
  const command = named(name);
  if (rest.includes("--help")) return console.log(writeHelp(command));
  const { positionals, values } = parseCommand(command, rest);
  const config = loadConfig({ env: process.env, cwd: process.cwd() });
  const log = createLogger({ level: "warn", format: "text" });
  const database = await reachDatabase(config, log);
  try {
    const domain = await openDomain(config, database.connectionString, log);
    try {
      await command.run(
        { domain, config, resolver: openResolver(config), print: (text) => console.log(text) },
        positionals,
        values,
      );
    } finally {
      await domain.close();
    }
  } finally {
    await database.leave();
  }
}

function helpOn(name: string | undefined): string {
  return name === undefined ? writeOverview() : writeHelp(named(name));
}

function named(name: string): Command {
  const command = findCommand(name);
  if (!command) throw new UsageError(`La commande « ${name} » n’existe pas.\n\n${writeOverview()}`);
  return command;
}

function parseCommand(command: Command, args: string[]) {
  try {
    return parseArgs({ args, allowPositionals: true, options: { ...command.options } });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n${writeHelp(command)}`);
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const known = toDomainError(error);
  if (known) console.error(known.message);
  else if (error instanceof UsageError || error instanceof ConfigError || error instanceof StartError)
    console.error(error.message);
  else console.error(error);
  process.exitCode = 1;
});
