import type { Command } from "./command.ts";
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
import { sentCopiesCommand } from "./commands/sent-copies.ts";
import { setPasswordCommand } from "./commands/set-password.ts";
import { setQuotaCommand } from "./commands/set-quota.ts";
import { sharedMailboxCommand } from "./commands/shared-mailbox.ts";
import { showDnsCommand } from "./commands/show-dns.ts";
import { traceCommand } from "./commands/trace.ts";

export interface CommandGroup {
  /** In French. */
  readonly title: string;
  /** By name. */
  readonly commands: Readonly<Record<string, Command>>;
}

/** Everything that `npm run bouquet --` can do, in the order in which an operator comes to need it. */
export const commandGroups: readonly CommandGroup[] = [
  {
    title: "Collectivités et personnes",
    commands: {
      "create-organization": createOrganizationCommand,
      "create-domain": createDomainCommand,
      "create-person": createPersonCommand,
      "create-sender": createSenderCommand,
      "set-password": setPasswordCommand,
      "set-quota": setQuotaCommand,
    },
  },
  {
    title: "Adresses, groupes, boîtes partagées",
    commands: {
      "create-group": createGroupCommand,
      group: groupCommand,
      "shared-mailbox": sharedMailboxCommand,
      grant: grantCommand,
      forward: forwardCommand,
      "route-domain": routeDomainCommand,
      "sent-copies": sentCopiesCommand,
      "global-script": globalScriptCommand,
    },
  },
  {
    title: "DNS et réputation",
    commands: {
      "show-dns": showDnsCommand,
      dkim: dkimCommand,
      "mta-sts": mtaStsCommand,
      reports: reportsCommand,
    },
  },
  {
    title: "Courrier reçu",
    commands: {
      "screening-policy": screeningPolicyCommand,
      "sender-rules": senderRulesCommand,
      quarantine: quarantineCommand,
    },
  },
  {
    title: "Courrier envoyé",
    commands: {
      queue: queueCommand,
      "sending-limit": sendingLimitCommand,
      "paused-senders": pausedSendersCommand,
    },
  },
  {
    title: "Retrouver un message",
    commands: {
      trace: traceCommand,
      "restore-mail": restoreMailCommand,
    },
  },
];

/** The command of a name. */
export function findCommand(name: string): Command | undefined {
  return commandGroups.find(({ commands }) => Object.hasOwn(commands, name))?.commands[name];
}
