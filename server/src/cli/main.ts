import { parseArgs } from "node:util";
import { ConfigError } from "../config/config-error.ts";
import { loadConfig } from "../config/load-config.ts";
import { toDomainError } from "../domain/errors.ts";
import { openDomain, openResolver } from "../open-domain.ts";
import { reachDatabase } from "../supervisor/reach-database.ts";
import { StartError } from "../supervisor/start-error.ts";
import { createLogger } from "../telemetry/logger.ts";
import { type Command, UsageError } from "./command.ts";
import { createDomainCommand } from "./commands/create-domain.ts";
import { createGroupCommand } from "./commands/create-group.ts";
import { createOrganizationCommand } from "./commands/create-organization.ts";
import { createPersonCommand } from "./commands/create-person.ts";
import { createSenderCommand } from "./commands/create-sender.ts";
import { dkimCommand } from "./commands/dkim.ts";
import { forwardCommand } from "./commands/forward.ts";
import { globalScriptCommand } from "./commands/global-script.ts";
import { grantCommand } from "./commands/grant.ts";
import { groupCommand } from "./commands/group.ts";
import { mtaStsCommand } from "./commands/mta-sts.ts";
import { pausedSendersCommand } from "./commands/paused-senders.ts";
import { quarantineCommand } from "./commands/quarantine.ts";
import { queueCommand } from "./commands/queue.ts";
import { reportsCommand } from "./commands/reports.ts";
import { restoreMailCommand } from "./commands/restore-mail.ts";
import { routeDomainCommand } from "./commands/route-domain.ts";
import { screeningPolicyCommand } from "./commands/screening-policy.ts";
import { senderRulesCommand } from "./commands/sender-rules.ts";
import { sendingLimitCommand } from "./commands/sending-limit.ts";
import { setPasswordCommand } from "./commands/set-password.ts";
import { setQuotaCommand } from "./commands/set-quota.ts";
import { sharedMailboxCommand } from "./commands/shared-mailbox.ts";
import { showDnsCommand } from "./commands/show-dns.ts";
import { traceCommand } from "./commands/trace.ts";

const commands: Readonly<Record<string, Command>> = {
  "create-organization": createOrganizationCommand,
  "create-domain": createDomainCommand,
  "create-person": createPersonCommand,
  "create-group": createGroupCommand,
  "route-domain": routeDomainCommand,
  group: groupCommand,
  forward: forwardCommand,
  grant: grantCommand,
  "shared-mailbox": sharedMailboxCommand,
  "set-password": setPasswordCommand,
  "set-quota": setQuotaCommand,
  queue: queueCommand,
  quarantine: quarantineCommand,
  "sender-rules": senderRulesCommand,
  "global-script": globalScriptCommand,
  "screening-policy": screeningPolicyCommand,
  dkim: dkimCommand,
  "mta-sts": mtaStsCommand,
  reports: reportsCommand,
  "restore-mail": restoreMailCommand,
  "show-dns": showDnsCommand,
  trace: traceCommand,
  "create-sender": createSenderCommand,
  "paused-senders": pausedSendersCommand,
  "sending-limit": sendingLimitCommand,
};

const help = [
  "Bouquet : npm run bouquet -- <commande>",
  "",
  ...Object.values(commands).map((command) => `  ${command.usage}\n      ${command.what}`),
].join("\n");

async function main(args: readonly string[]): Promise<void> {
  const [name, ...rest] = args;
  if (name === undefined || name === "help" || name === "--help") return console.log(help);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) throw new UsageError(`La commande « ${name} » n’existe pas.\n\n${help}`);
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

function parseCommand(command: Command, args: string[]) {
  try {
    return parseArgs({ args, allowPositionals: true, options: { ...command.options } });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n${command.usage}`);
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
