import type { Command } from "./client.ts";
import { auth } from "./commands/auth.ts";
import { data } from "./commands/data.ts";
import { ehlo, helo } from "./commands/ehlo.ts";
import { mail } from "./commands/mail.ts";
import { rcpt } from "./commands/rcpt.ts";
import { expn, help, noop, quit, rset, vrfy } from "./commands/simple.ts";
import { starttls } from "./commands/starttls.ts";

export const commands: ReadonlyMap<string, Command> = new Map(
  Object.entries({
    EHLO: ehlo,
    HELO: helo,
    MAIL: mail,
    RCPT: rcpt,
    DATA: data,
    RSET: rset,
    NOOP: noop,
    QUIT: quit,
    VRFY: vrfy,
    EXPN: expn,
    HELP: help,
    STARTTLS: starttls,
    AUTH: auth,
  }),
);

/** Those that bring no message forward: a few are manners, hundreds are a nuisance. */
export const idleCommands: ReadonlySet<string> = new Set(["EHLO", "HELO", "RSET", "NOOP", "VRFY", "EXPN", "HELP"]);

/** A browser made to speak to us by a page, or a balancer that is not trusted. */
export const foreignCommands: ReadonlySet<string> = new Set([
  "GET",
  "POST",
  "PUT",
  "HEAD",
  "OPTIONS",
  "CONNECT",
  "PROXY",
]);
