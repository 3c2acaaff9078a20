import type { ReaderEvent } from "../../formats/managesieve-syntax/command-reader.ts";
import { writeString } from "../../formats/managesieve-syntax/write-string.ts";
import type { Connection } from "../../net/listener.ts";
import { ConnectionClosed } from "../../net/socket-channel.ts";
import { writeCapabilities } from "./capability.ts";
import { ClientChannel } from "./client-channel.ts";
import type { Command, Completion } from "./command.ts";
import { authenticate } from "./commands/authenticate.ts";
import * as scripts from "./commands/script-commands.ts";
import * as sessions from "./commands/session-commands.ts";
import type { ManageSieveDeps } from "./managesieve-deps.ts";
import { Refusal } from "./refusal.ts";
import { Session } from "./session.ts";
import { translateError } from "./translate-error.ts";

/** Lines that are not ManageSieve before a client is taken for something else, or for an attack. */
const maxBadInARow = 10;

const commands: Readonly<Record<string, Command>> = {
  AUTHENTICATE: authenticate,
  CAPABILITY: sessions.capability,
  STARTTLS: sessions.starttls,
  NOOP: sessions.noop,
  UNAUTHENTICATE: sessions.unauthenticate,
  LOGOUT: sessions.logout,
  HAVESPACE: scripts.havespace,
  PUTSCRIPT: scripts.putscript,
  LISTSCRIPTS: scripts.listscripts,
  SETACTIVE: scripts.setactive,
  GETSCRIPT: scripts.getscript,
  DELETESCRIPT: scripts.deletescript,
  RENAMESCRIPT: scripts.renamescript,
  CHECKSCRIPT: scripts.checkscript,
};

/** Speaks ManageSieve (RFC 5804) with one client until it leaves, or until the server stops: the command being run is finished first. */
export async function serveClient(connection: Connection, deps: ManageSieveDeps): Promise<void> {
  const channel = new ClientChannel(connection);
  const session = new Session(channel, deps);
  let isBusy = false;
  const stop = () => {
    session.ended = true;
    if (!isBusy)
      void channel.write('BYE (TRYLATER) "The server is being stopped"\r\n').then(
        () => channel.end(),
        () => {},
      );
  };
  connection.closing.addEventListener("abort", stop, { once: true });
  deps.metrics.connections += 1;
  try {
    await channel.write(`${await writeCapabilities(session)}OK "Bouquet is ready"\r\n`);
    let badInARow = 0;
    while (!session.ended) {
      const event = await channel.read();
      if (event === null) break;
      isBusy = true;
      badInARow = (await handle(session, event)) ? 0 : badInARow + 1;
      isBusy = false;
      if (badInARow >= maxBadInARow) {
        await channel.write('BYE "Too many commands were not understood"\r\n');
        break;
      }
    }
  } catch (error) {
    if (!(error instanceof ConnectionClosed)) deps.log.debug({ error }, "a ManageSieve connection failed");
  } finally {
    deps.metrics.connections -= 1;
    connection.closing.removeEventListener("abort", stop);
    session.dispose();
    channel.end();
  }
}

/** @returns whether it was a command that is known here */
async function handle(session: Session, event: ReaderEvent): Promise<boolean> {
  const { channel } = session;
  if (event.type === "fatal") {
    await channel.write(`BYE ${writeString(event.text)}\r\n`);
    session.ended = true;
    return false;
  }
  if (event.type === "bad") {
    await channel.write(`NO ${writeString(event.text)}\r\n`);
    return false;
  }
  const [first, ...words] = event.words;
  const name = first?.kind === "atom" ? first.text.toUpperCase() : "";
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    await channel.write('NO "This command is not known"\r\n');
    return false;
  }
  let completion: Completion;
  try {
    requireState(session, command);
    completion = await command.run(session, words);
  } catch (error) {
    if (error instanceof ConnectionClosed) throw error;
    const { text, code, unexpected } = translateError(error);
    if (unexpected) session.deps.log.error({ error }, "a ManageSieve command failed");
    const verb = session.ended ? "BYE" : "NO";
    await channel.write(`${verb}${code === undefined ? "" : ` (${code})`} ${writeString(text)}\r\n`);
    return true;
  }
  const { text, code } = completion;
  await channel.write(`OK${code ? ` (${code})` : ""}${text ? ` ${writeString(text)}` : ""}\r\n`);
  await completion.afterwards?.();
  return true;
}

function requireState(session: Session, command: Command): void {
  if (command.state === "authenticated" && !session.isSignedIn) throw new Refusal("You have to sign in first");
  if (command.state === "not-authenticated" && session.isSignedIn) throw new Refusal("You are signed in already");
}
