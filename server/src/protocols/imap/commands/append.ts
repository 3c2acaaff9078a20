import { once } from "node:events";
import { PassThrough } from "node:stream";
import { appendMessage } from "../../../domain/mail/append-messages.ts";
import { normalizeFlags } from "../../../domain/mail/flags.ts";
import { discardStaged, stageMessage } from "../../../domain/mail/stage-message.ts";
import { BadSyntax } from "../../../formats/imap-syntax/bad-syntax.ts";
import { parseAppend } from "../../../formats/imap-syntax/parse-append.ts";
import type { RawCommand } from "../../../formats/imap-syntax/raw-command.ts";
import { Scanner } from "../../../formats/imap-syntax/scanner.ts";
import type { Command, Completion } from "../command.ts";
import { findMailbox } from "../mailbox-tree.ts";
import { Refusal } from "../refusal.ts";
import type { Session } from "../session.ts";

/**
 * APPEND (RFC 9051 section 6.3.12). The message goes to the store while it arrives, by `beginAppend`; this is only reached
 * when there was no message.
 */
export const append: Command = {
  state: "authenticated",
  updates: "always",
  async run() {
    throw new BadSyntax("APPEND needs a message as a literal.");
  },
};

/** An APPEND whose message is arriving. */
export interface RunningAppend {
  /** Resolves when more can be taken; what comes after a failure of the store is dropped. */
  write(data: Buffer): Promise<void>;
  /** The message is complete: it is in the mailbox when this resolves. */
  finish(command: RawCommand): Promise<Completion>;
  /** The client is gone, or the command was malformed: nothing is kept. */
  abort(): void;
}

/**
 * Checks an APPEND before its message is sent.
 * @throws Refusal for a mailbox that does not exist, or a message over the limit
 */
export async function beginAppend(session: Session, command: RawCommand, size: number): Promise<RunningAppend> {
  const { mail, settings } = session.deps;
  const { mailbox: name, flags: written, internalDate } = parseAppend(command, session.rev2);
  const flags = normalizeFlags(written);
  if (size === 0) throw new BadSyntax("The message is empty.");
  if (size > settings.maxMessageBytes) {
    throw new Refusal(`A message may have ${settings.maxMessageBytes} bytes at most.`, "TOOBIG");
  }
  const { access, mailbox } = await findMailbox(session, name, "TRYCREATE");
  const bytes = new PassThrough();
  // Told by `finish`; a failure in between must not be an unhandled one.
  const staging = stageMessage(mail, access, bytes, { size, maxSize: settings.maxMessageBytes });
  staging.catch(() => bytes.destroy());
  bytes.on("error", () => undefined);
  return {
    async write(data) {
      if (bytes.destroyed || bytes.write(data)) return;
      await Promise.race([once(bytes, "drain"), once(bytes, "close")]).catch(() => undefined);
    },
    async finish(complete) {
      checkEnd(complete, () => bytes.destroy(new Error("the command was malformed")));
      bytes.end();
      const { staged, analyzed } = await staging;
      const receivedAt = internalDate ?? new Date();
      const message = { staged, mailboxId: mailbox.id, analyzed, flags, receivedAt };
      const added = await appendMessage(mail, access, message).catch(async (error: unknown) => {
        await discardStaged(mail, staged).catch(() => undefined);
        throw error;
      });
      return { text: "Appended.", code: `APPENDUID ${added.uidvalidity} ${added.uid}` };
    },
    abort() {
      bytes.destroy(new Error("the client left"));
    },
  };
}

/** Nothing may follow the message: several messages in one command (RFC 3502) are not announced. */
function checkEnd(command: RawCommand, giveUp: () => void): void {
  const after = command.segments.slice(command.segments.findIndex(({ kind }) => kind === "streamed") + 1);
  try {
    new Scanner({ segments: after }).end();
  } catch (error) {
    giveUp();
    throw error;
  }
}
