import type { Connection } from "../../net/listener.ts";
import { ConnectionClosed } from "../../net/socket-channel.ts";
import type { Answer, Command } from "./command.ts";
import { findCommand } from "./command-table.ts";
import { LineChannel, LineTooLong } from "./line-channel.ts";
import type { Pop3Deps } from "./pop3-deps.ts";
import { Refusal } from "./refusal.ts";
import { Session } from "./session.ts";
import { translateError } from "./translate-error.ts";

/** Lines that are not POP3 before a client is taken for something else, or for an attack. */
const MAX_BAD_IN_A_ROW = 10;

/** Speaks POP3 (RFC 1939) with one client until it leaves, or until the server stops: the command being run is finished first. */
export async function serveClient(connection: Connection, deps: Pop3Deps): Promise<void> {
  const channel = new LineChannel(connection);
  const session = new Session(channel, deps);
  let isBusy = false;
  const stop = () => {
    session.ended = true;
    // Deletions that were not confirmed by QUIT are given up, as RFC 1939 section 6 asks.
    if (!isBusy) channel.end();
  };
  connection.closing.addEventListener("abort", stop, { once: true });
  deps.metrics.connections += 1;
  channel.onSilence(deps.settings.loginTimeoutMs, false, () => channel.destroy());
  try {
    await channel.write("+OK Bouquet is ready\r\n");
    let badInARow = 0;
    while (!session.ended) {
      const line = await channel.readLine();
      if (line === null) break;
      isBusy = true;
      badInARow = (await runLine(session, line)) ? 0 : badInARow + 1;
      isBusy = false;
      if (badInARow >= MAX_BAD_IN_A_ROW) break;
    }
  } catch (error) {
    if (error instanceof LineTooLong) await channel.write("-ERR The line is too long\r\n").catch(() => {});
    else if (!(error instanceof ConnectionClosed)) deps.log.debug({ error }, "a POP3 connection failed");
  } finally {
    deps.metrics.connections -= 1;
    connection.closing.removeEventListener("abort", stop);
    session.dispose();
    channel.end();
  }
}

/** @returns whether it was a command that is known here */
async function runLine(session: Session, line: string): Promise<boolean> {
  const { channel, deps } = session;
  const space = line.indexOf(" ");
  const verb = (space === -1 ? line : line.slice(0, space)).toUpperCase();
  const rest = space === -1 ? "" : line.slice(space + 1);
  // The password is the whole rest of its line.
  const argument = verb === "PASS" ? rest : rest.trim();
  try {
    const command = findCommand(verb);
    if (command === undefined) {
      await channel.write("-ERR This command is not known\r\n");
      return false;
    }
    const text = await run(session, command, argument);
    if (text !== undefined) await channel.write(`+OK ${text}\r\n`);
  } catch (error) {
    if (error instanceof ConnectionClosed || error instanceof LineTooLong || channel.closed) throw error;
    const answer = translateError(error);
    if (answer.unexpected) deps.log.error({ error }, "a POP3 command failed");
    await channel.write(`${answer.line}\r\n`);
  }
  return true;
}

async function run(session: Session, command: Command, argument: string): Promise<Answer> {
  const { transaction } = session;
  if (command.state === "transaction") {
    if (transaction === null) throw new Refusal("You have to sign in first");
    return command.run(session, argument, transaction);
  }
  if (command.state === "authorization" && transaction !== null) throw new Refusal("You are signed in already");
  return command.run(session, argument);
}
