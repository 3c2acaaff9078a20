import { PassThrough } from "node:stream";
import { requireMailboxRight } from "../../domain/access/mailbox-rights.ts";
import { DomainError } from "../../domain/errors.ts";
import type { AddedMessage } from "../../domain/mail/add-messages.ts";
import { appendMessages, type MessageToAppend } from "../../domain/mail/append-messages.ts";
import { normalizeFlags } from "../../domain/mail/flags.ts";
import { replaceMessage } from "../../domain/mail/replace-message.ts";
import { discardStaged, type StagedMessage, stageMessage } from "../../domain/mail/stage-message.ts";
import { BadSyntax } from "../../formats/imap-syntax/bad-syntax.ts";
import { AppendParser, type AppendPiece } from "../../formats/imap-syntax/parse-append.ts";
import type { RawCommand } from "../../formats/imap-syntax/raw-command.ts";
import { toRanges, writeRanges } from "../../formats/imap-syntax/sequence-set.ts";
import { writeStatusLine } from "../../formats/imap-syntax/write-response.ts";
import type { Completion } from "./command.ts";
import { findMailbox } from "./mailbox-tree.ts";
import { openUrl } from "./open-url.ts";
import { Refusal } from "./refusal.ts";
import { requireWritable } from "./require-selected.ts";
import type { SelectedMailbox } from "./selected-mailbox.ts";
import type { Session } from "./session.ts";

/** Of one command: all their texts are in memory until the transaction that takes them. */
const MAX_MESSAGES = 1000;
const MAX_BYTES_OF_SEVERAL = 256 * 1024 * 1024;

type Target = Awaited<ReturnType<typeof findMailbox>>;

/** The mailbox of the last APPEND of a session, by its name. */
const lastTargets = new WeakMap<Session, ReadonlyMap<string, Target>>();

/** A message that REPLACE takes away. */
interface Replaced {
  readonly selected: SelectedMailbox;
  readonly uid: number;
}

/** A message on its way to the store. */
interface Arriving {
  readonly flags: readonly string[];
  readonly receivedAt: Date;
  bytes: PassThrough | null;
  staging: Promise<StagedMessage> | null;
  size: number;
}

/**
 * An APPEND or REPLACE whose messages arrive: each goes to the store meanwhile, and all enter the mailbox in one transaction, or none
 * (RFC 3502).
 */
export class RunningAppend {
  readonly #session: Session;
  readonly #parser: AppendParser;
  #target: Target;
  readonly #replaced: Replaced | null;
  readonly #ready: { staged: StagedMessage; flags: readonly string[]; receivedAt: Date }[] = [];
  #arriving: Arriving | null = null;
  #bytes = 0;

  private constructor(session: Session, parser: AppendParser, target: Target, replaced: Replaced | null) {
    this.#session = session;
    this.#parser = parser;
    this.#target = target;
    this.#replaced = replaced;
  }

  /**
   * Checks the command before its first message is sent.
   * @throws Refusal for a mailbox or a message to be replaced that does not exist
   * @throws BadSyntax
   */
  static async begin(session: Session, command: RawCommand): Promise<RunningAppend> {
    const parser = new AppendParser(command, session.utf8);
    const { mailbox, replaced } = parser.target;
    const found = replaced === undefined ? null : findReplaced(session, command, replaced);
    const target = lastTargets.get(session)?.get(mailbox) ?? (await findMailbox(session, mailbox, "TRYCREATE"));
    requireMailboxRight(target.access, target.mailbox.id, "write");
    return new RunningAppend(session, parser, target, found);
  }

  /**
   * Goes on to the literal that was just announced.
   * @throws Refusal when it cannot be taken: too big, or a URL before it names nothing
   */
  async next(): Promise<void> {
    if (!(await this.#advance())) throw new BadSyntax("A message stands where none can be.");
  }

  /** Resolves when more can be taken; what comes after a failure of the store is dropped. */
  async write(data: Buffer): Promise<void> {
    const bytes = this.#arriving?.bytes;
    if (!bytes || bytes.destroyed || bytes.write(data)) return;
    await drained(bytes);
  }

  /** The command is complete: its messages are in the mailbox when this resolves. */
  async finish(): Promise<Completion> {
    try {
      if (await this.#advance()) throw new BadSyntax("The message did not arrive.");
      return await this.#store();
    } catch (error) {
      this.abort();
      throw error;
    }
  }

  /** The client is gone, or the command was refused: nothing is kept. */
  abort(): void {
    const { mail, log } = this.#session.deps;
    this.#arriving?.bytes?.destroy(new Error("the client left"));
    this.#arriving = null;
    for (const { staged } of this.#ready.splice(0)) {
      discardStaged(mail, staged.staged).catch((error: unknown) => log.warn({ error }, "a blob could not be removed"));
    }
  }

  /** Takes pieces up to a literal that arrives now; false at the end of the command. */
  async #advance(): Promise<boolean> {
    for (let piece = this.#parser.next(); piece !== null; piece = this.#parser.next()) {
      await this.#take(piece);
      if (piece.piece === "literal") return true;
    }
    return false;
  }

  async #take(piece: AppendPiece): Promise<void> {
    switch (piece.piece) {
      case "message": {
        if (this.#ready.length >= MAX_MESSAGES) throw new Refusal("Too many messages in one command.", "LIMIT");
        const receivedAt = piece.internalDate ?? new Date();
        this.#arriving = { flags: normalizeFlags(piece.flags), receivedAt, bytes: null, staging: null, size: 0 };
        return;
      }
      case "literal":
        if (piece.whole && piece.size === 0) throw new Refusal("An empty message is none: nothing is stored.");
        this.#grow(piece.size, piece.whole);
        return;
      case "url":
        await this.#copyFrom(piece.url);
        return;
      case "end":
        await this.#complete();
    }
  }

  /** Counts bytes that are about to come, and opens the way to the store before the first of them. */
  #grow(size: number, isWhole: boolean): PassThrough {
    const { mail, settings } = this.#session.deps;
    const arriving = this.#arriving as Arriving;
    arriving.size += size;
    this.#bytes += size;
    const maxSize = settings.maxMessageBytes;
    if (arriving.size > maxSize) throw new Refusal(`A message may have ${maxSize} bytes at most.`, "TOOBIG");
    if (this.#ready.length > 0 && this.#bytes > Math.max(MAX_BYTES_OF_SEVERAL, maxSize)) {
      throw new Refusal("Too much for one command.", "LIMIT");
    }
    if (arriving.bytes !== null) return arriving.bytes;
    const bytes = new PassThrough();
    arriving.bytes = bytes;
    // What is replaced gives room: the domain decides whether the new message fits.
    const announced = isWhole && this.#replaced === null ? { size } : {};
    arriving.staging = stageMessage(mail, this.#target.access, bytes, { ...announced, maxSize });
    // Told by `#complete`; a failure in between must not be an unhandled one.
    arriving.staging.catch(() => bytes.destroy());
    bytes.on("error", () => undefined);
    return bytes;
  }

  async #copyFrom(url: string): Promise<void> {
    const { size, stream } = await openUrl(this.#session, url);
    try {
      const bytes = this.#grow(size, false);
      for await (const chunk of stream) {
        if (bytes.destroyed) break;
        if (!bytes.write(chunk)) await drained(bytes);
      }
    } finally {
      stream.destroy();
    }
  }

  async #complete(): Promise<void> {
    const { flags, receivedAt, bytes, staging, size } = this.#arriving as Arriving;
    if (bytes === null || staging === null || size === 0) throw new Refusal("An empty message is none.");
    bytes.end();
    const staged = await staging;
    this.#arriving = null;
    this.#ready.push({ staged, flags, receivedAt });
  }

  /** A mailbox at the root keeps its name as long as its own properties do not change: it need not be looked up each time. */
  async #append(messages: readonly MessageToAppend[]): Promise<readonly AddedMessage[]> {
    const session = this.#session;
    const { mail } = session.deps;
    const { name, access, mailbox } = this.#target;
    if (lastTargets.get(session)?.get(name) === this.#target) {
      const checked = messages.map((message) => ({ ...message, mailboxModseq: mailbox.modseq }));
      try {
        return await appendMessages(mail, access, checked);
      } catch (error) {
        lastTargets.delete(session);
        if (!(error instanceof DomainError) || error.code !== "not_found") throw error;
      }
      this.#target = await findMailbox(session, name, "TRYCREATE");
      const mailboxId = this.#target.mailbox.id;
      return appendMessages(
        mail,
        this.#target.access,
        messages.map((message) => ({ ...message, mailboxId })),
      );
    }
    const added = await appendMessages(mail, access, messages);
    if (access.isOwn && mailbox.parentId === null) lastTargets.set(session, new Map([[name, this.#target]]));
    return added;
  }

  async #store(): Promise<Completion> {
    const { mail } = this.#session.deps;
    const { access, mailbox } = this.#target;
    const messages = this.#ready.map(({ staged: { staged, analyzed }, flags, receivedAt }): MessageToAppend => {
      return { staged, analyzed, flags, receivedAt, mailboxId: mailbox.id };
    });
    if (this.#replaced === null) {
      const added = await this.#append(messages);
      const uids = writeRanges(toRanges(added.map(({ uid }) => uid)));
      return { text: "Appended.", code: `APPENDUID ${added[0]!.uidvalidity} ${uids}` };
    }
    const { selected, uid } = this.#replaced;
    const [message] = messages as [MessageToAppend];
    const replaced = { access: selected.access, mailboxId: selected.id, uid };
    const added = await replaceMessage(mail, access, message, replaced);
    // RFC 8508 section 3.3: told before the departure of the message that was replaced.
    const code = `APPENDUID ${added.uidvalidity} ${added.uid}`;
    this.#session.channel.send(writeStatusLine("OK", "The message is in its place.", code));
    return { text: "Replaced.", code: () => (this.#session.qresync ? `HIGHESTMODSEQ ${selected.modseq}` : undefined) };
  }
}

/** Resolves when the stream takes more, or never will. */
function drained(stream: PassThrough): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      stream.off("drain", settle);
      stream.off("close", settle);
      resolve();
    };
    stream.on("drain", settle);
    stream.on("close", settle);
  });
}

function findReplaced(session: Session, command: RawCommand, number: number | null): Replaced {
  const { selected } = session;
  if (selected === null) throw new BadSyntax(`${command.verb} needs a selected mailbox.`);
  requireWritable(selected);
  const { uids } = selected;
  const inUids = command.verb.startsWith("UID ");
  const uid = number === null ? uids.lastUid : inUids ? number : uids.uidOf(number);
  if (uid > 0 && uids.sequenceOf(uid) > 0) return { selected, uid };
  if (inUids) throw new Refusal("There is no such message.", "NONEXISTENT");
  throw new BadSyntax("There is no message of this number.");
}
