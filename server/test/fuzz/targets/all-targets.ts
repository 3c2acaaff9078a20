import type { FuzzTarget } from "../target.ts";
import { dnsAnswers } from "./dns-answers.ts";
import { imapCommands } from "./imap-commands.ts";
import { mailReports } from "./mail-reports.ts";
import { mimeMessage } from "./mime-message.ts";
import { sieveScript } from "./sieve-script.ts";
import { proxyHeader, smtpCommands, smtpData } from "./smtp-commands.ts";

export const allTargets: readonly FuzzTarget[] = [
  imapCommands,
  smtpCommands,
  smtpData,
  proxyHeader,
  mimeMessage,
  sieveScript,
  dnsAnswers,
  mailReports,
];
