import { isUtf8 } from "node:buffer";
import { BadCommand } from "../../formats/smtp-syntax/bad-command.ts";
import type { Connection } from "../../net/listener.ts";
import { ConnectionClosed } from "../../net/socket-channel.ts";
import { type Client, reply, replyRefusal, type ServerContext } from "./client.ts";
import { ClientChannel, LineTooLong, TooSilent } from "./client-channel.ts";
import { commands, foreignCommands, idleCommands } from "./command-table.ts";
import { goodbye, SmtpRefusal } from "./reply.ts";
import { Session } from "./session.ts";
import { translateError } from "./translate-error.ts";

/** RFC 5321 section 4.5.3.1.4 wants 512 bytes and each extension adds some; RFC 4954 section 4 wants 12,288 for AUTH. */
const maxCommandLine = 4_096;
const maxAuthLine = 12_288 + 30;

/** Speaks SMTP with one client until it leaves, or until the server stops: the command being run is answered first. */
export async function serveClient(connection: Connection, context: ServerContext): Promise<void> {
  const session = new Session(connection);
  const channel = new ClientChannel(connection, context.limits.idleTimeoutMs);
  const client: Client = {
    ...context,
    session,
    channel,
    counts: { refusedRecipients: 0, wrongPasswords: 0, idleCommands: 0 },
    isLeaving: false,
  };
  let isBusy = true;
  const leave = () => {
    if (isBusy || client.isLeaving) return;
    replyRefusal(client, stopping());
    void channel.end();
  };
  connection.closing.addEventListener("abort", leave);
  try {
    context.service.connect?.(session);
    reply(client, 220, "", `${context.hostName} ESMTP Bouquet`);
    let errors = 0;
    for (;;) {
      if (connection.closing.aborted) {
        replyRefusal(client, stopping());
        break;
      }
      isBusy = false;
      const line = await channel.readLine(maxAuthLine);
      isBusy = true;
      if (!line || client.isLeaving) break;
      try {
        await runCommand(client, line.bytes, line.endsWithCrlf);
      } catch (thrown) {
        if (thrown instanceof BadCommand) {
          errors += 1;
          const isOver = errors > context.limits.maxErrors;
          replyRefusal(client, isOver ? goodbye("Too many errors, goodbye") : toRefusal(thrown));
        } else if (isEnd(thrown)) throw thrown;
        else replyRefusal(client, translateError(thrown, context.log));
      }
      if (client.isLeaving) break;
    }
  } catch (thrown) {
    if (thrown instanceof SmtpRefusal) replyRefusal(client, thrown);
    else if (thrown instanceof LineTooLong) replyRefusal(client, goodbye("A line is too long"));
    else if (thrown instanceof TooSilent) replyRefusal(client, goodbye("Nothing came for too long", "4.4.2"));
    else if (!isEnd(thrown)) context.log.debug({ error: thrown }, "an SMTP connection failed");
  } finally {
    connection.closing.removeEventListener("abort", leave);
    await channel.end();
  }
}

async function runCommand(client: Client, bytes: Buffer, endsWithCrlf: boolean): Promise<void> {
  // RFC 5321 section 2.3.8: a lone LF or CR ends no line, and who sends one may mean something else by it.
  if (!endsWithCrlf) throw new BadCommand(500, "5.5.2", "Lines must end with CR LF");
  if (bytes.some((byte) => byte < 0x20 || byte === 0x7f)) {
    throw new BadCommand(500, "5.5.2", "The command holds a control character");
  }
  if (!isUtf8(bytes)) throw new BadCommand(500, "5.5.2", "The command is not UTF-8");
  const line = bytes.toString("utf8").trimEnd();
  const [, word = "", text = ""] = /^([^ ]*) ?(.*)$/.exec(line) ?? [];
  const verb = word.toUpperCase();
  if (bytes.length > maxCommandLine && verb !== "AUTH") throw new LineTooLong("A command is too long");
  if (foreignCommands.has(verb)) throw goodbye("This is a mail server");
  const command = commands.get(verb);
  if (!command) throw new BadCommand(500, "5.5.1", "This command is not known here");
  if (idleCommands.has(verb)) {
    client.counts.idleCommands += 1;
    if (client.counts.idleCommands > client.limits.maxIdleCommands)
      throw goodbye("Too many commands without a message");
  }
  await command(client, text.trimStart());
}

function toRefusal({ code, status, message }: BadCommand): SmtpRefusal {
  return new SmtpRefusal(code, status, message);
}

function stopping(): SmtpRefusal {
  return goodbye("Server shutting down, try again in a moment", "4.3.2");
}

function isEnd(thrown: unknown): boolean {
  return thrown instanceof ConnectionClosed || thrown instanceof TooSilent || thrown instanceof LineTooLong;
}
