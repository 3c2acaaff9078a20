import type { Command } from "./command.ts";
import { auth } from "./commands/auth.ts";
import { capa } from "./commands/capa.ts";
import { dele, rset } from "./commands/dele.ts";
import { list, uidl } from "./commands/list.ts";
import { noop, utf8 } from "./commands/noop.ts";
import { quit } from "./commands/quit.ts";
import { retr, top } from "./commands/retr.ts";
import { stat } from "./commands/stat.ts";
import { stls } from "./commands/stls.ts";
import { pass, user } from "./commands/user.ts";

const COMMANDS = new Map<string, Command>([
  ["CAPA", capa],
  ["STLS", stls],
  ["UTF8", utf8],
  ["USER", user],
  ["PASS", pass],
  ["AUTH", auth],
  ["STAT", stat],
  ["LIST", list],
  ["UIDL", uidl],
  ["RETR", retr],
  ["TOP", top],
  ["DELE", dele],
  ["RSET", rset],
  ["NOOP", noop],
  ["QUIT", quit],
]);

/** The command of a verb in upper case. */
export function findCommand(verb: string): Command | undefined {
  return COMMANDS.get(verb);
}
