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
import { sayError } from "./say-error.ts";

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
    throw new UsageError(`${sayUsage(error as NodeJS.ErrnoException)}\n${writeHelp(command)}`);
  }
}

/** What `parseArgs` refuses it names between the first quotes of an English sentence. */
function sayUsage({ code, message }: NodeJS.ErrnoException): string {
  const named = /'([^' ]+)/.exec(message)?.[1] ?? "";
  if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") return `L’option « ${named} » n’existe pas.`;
  if (code === "ERR_PARSE_ARGS_INVALID_OPTION_VALUE")
    return `La valeur de l’option « ${named} » manque, ou est de trop.`;
  return message;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const known = toDomainError(error);
  if (known) console.error(sayError(known));
  else if (error instanceof UsageError || error instanceof ConfigError || error instanceof StartError)
    console.error(error.message);
  else console.error(error);
  process.exitCode = 1;
});
