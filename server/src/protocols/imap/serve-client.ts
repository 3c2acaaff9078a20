import { BadSyntax } from "../../formats/imap-syntax/bad-syntax.ts";
import type { ReaderEvent } from "../../formats/imap-syntax/command-reader.ts";
import type { RawCommand } from "../../formats/imap-syntax/raw-command.ts";
import {
  writeContinuation,
  writeProgress,
  writeStatusLine,
  writeTagged,
} from "../../formats/imap-syntax/write-response.ts";
import type { Connection } from "../../net/listener.ts";
import { ConnectionClosed } from "../../net/socket-channel.ts";
import { listCapabilities } from "./capability.ts";
import { ClientChannel } from "./client-channel.ts";
import type { Command, Completion, Outcome } from "./command.ts";
import { findCommand } from "./command-table.ts";
import { fetchArrived } from "./fetch-arrived.ts";
import type { ImapDeps } from "./imap-deps.ts";
import { Refusal } from "./refusal.ts";
import { RunningAppend } from "./running-append.ts";
import { MailboxGone, type TellingScope } from "./selected-mailbox.ts";
import { Session, type SessionHost } from "./session.ts";
import { translateError } from "./translate-error.ts";

/** Lines that are not IMAP before a client is taken for something else, or for an attack. */
const MAX_BAD_IN_A_ROW = 10;

/** Speaks IMAP with one client until it leaves, or until the server stops: the command being run is finished first. */
export async function serveClient(connection: Connection, deps: ImapDeps): Promise<void> {
  const client = new Client(connection, deps);
  deps.metrics.connections += 1;
  const stop = () => client.stop();
  connection.closing.addEventListener("abort", stop, { once: true });
  try {
    await client.run();
  } finally {
    deps.metrics.connections -= 1;
    connection.closing.removeEventListener("abort", stop);
  }
}

interface WaitingCommand {
  readonly raw: RawCommand;
  readonly command: Command;
  readonly waitForLine: (line: string) => Promise<Outcome>;
}

class Client implements SessionHost {
  readonly #session: Session;
  readonly #channel: ClientChannel;
  #waiting: WaitingCommand | null = null;
  #append: RunningAppend | null = null;
  /** Commands and changes told in between run one after the other. */
  #queue: Promise<void> = Promise.resolve();
  #tellQueued = false;
  #stopping = false;
  #badInARow = 0;
  #saidBye = false;

  constructor(connection: Connection, deps: ImapDeps) {
    this.#channel = new ClientChannel(connection);
    this.#session = new Session(this.#channel, deps, this);
  }

  async run(): Promise<void> {
    try {
      this.#channel.send(writeStatusLine("OK", "Bouquet is ready.", `CAPABILITY ${listCapabilities(this.#session)}`));
      await this.#channel.flush();
      for await (const event of this.#channel.events()) {
        await this.#enqueue(() => this.#handle(event));
        if (this.#session.ended) break;
      }
    } catch (error) {
      if (!(error instanceof ConnectionClosed)) this.#session.deps.log.error({ error }, "an IMAP connection failed");
    } finally {
      this.#append?.abort();
      this.#session.dispose();
      await this.#channel.end();
    }
  }

  /** The server stops: goodbye now, or after the command that is being run. */
  stop(): void {
    this.#stopping = true;
    this.#enqueue(() => this.#sayByeIfStopping()).catch(() => this.#channel.destroy());
  }

  bye(text: string): void {
    this.#enqueue(() => this.#sayBye(text)).catch(() => this.#channel.destroy());
  }

  tellChanges(): void {
    if (this.#tellQueued) return;
    this.#tellQueued = true;
    this.#enqueue(async () => {
      this.#tellQueued = false;
      const { idling, ended, tellsAtOnce, selectedEvents } = this.#session;
      // A message that is arriving is not interrupted; what it brings is told with the rest.
      if (ended || this.#append !== null || (this.#waiting !== null && !idling)) return;
      if (tellsAtOnce) {
        // RFC 5465 section 6.1: in IDLE no sequence number can be meant wrongly.
        const expunges = idling || selectedEvents?.expunges === true;
        await this.#tellSelected({ expunges, flags: selectedEvents?.flags ?? true });
      }
      await this.#tellOthers();
      await this.#channel.flush();
    }).catch(() => this.#channel.destroy());
  }

  keepAlive(): void {
    this.#enqueue(async () => {
      if (!this.#session.idling || this.#session.ended) return;
      this.#channel.send(writeStatusLine("OK", "Still here."));
      await this.#channel.flush();
    }).catch(() => this.#channel.destroy());
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => undefined);
    return done;
  }

  /** Not while a message is arriving: it is stored first. */
  async #sayByeIfStopping(): Promise<void> {
    if (this.#stopping && this.#append === null) await this.#sayBye("The server is being stopped.");
  }

  async #sayBye(text: string, code?: string): Promise<void> {
    if (this.#session.ended) return;
    this.#session.ended = true;
    this.#saidBye = true;
    this.#channel.send(writeStatusLine("BYE", text, code));
    await this.#channel.end();
  }

  async #handle(event: ReaderEvent): Promise<void> {
    if (this.#session.ended) return;
    switch (event.type) {
      case "command":
        await this.#runCommand(event.command);
        break;
      case "continue":
        this.#channel.send(writeContinuation("OK"));
        break;
      case "append-literal":
        await this.#takeAppendLiteral(event);
        break;
      case "literal-data":
        // A store that fails is told of when the message is complete: the client cannot be interrupted in a literal.
        await this.#append?.write(event.data);
        return;
      case "line":
        await this.#runLine(event.line);
        break;
      case "bad":
        this.#takeBad(event.tag, event.text, event.tooBig);
        break;
      case "fatal":
        await this.#sayBye(event.text, "TOOBIG");
    }
    if (this.#badInARow >= MAX_BAD_IN_A_ROW) await this.#sayBye("Too many commands were not understood.");
    await this.#sayByeIfStopping();
    if (this.#session.ended) await this.#channel.end();
    else await this.#channel.flush();
  }

  async #runCommand(raw: RawCommand): Promise<void> {
    const command = findCommand(raw.verb);
    const running = this.#append;
    if (running !== null && command !== undefined) {
      this.#append = null;
      await this.#complete(raw, command, () => running.finish());
      return;
    }
    const problem =
      command === undefined ? `${raw.verb.slice(0, 40)} is not known.` : this.#misplaced(command, raw.verb);
    if (command === undefined || problem !== null) this.#answerBad(raw.tag, problem ?? "");
    else if (!(await this.#session.refreshAccess())) await this.#sayBye("Your access was revoked.");
    else await this.#complete(raw, command, () => command.run(this.#session, raw));
  }

  /** Why a command is not allowed in this state. */
  #misplaced(command: Command, verb: string): string | null {
    const { viewerOrNull, selected } = this.#session;
    switch (command.state) {
      case "any":
        return null;
      case "not-authenticated":
        return viewerOrNull === null ? null : `${verb} is not allowed after signing in.`;
      case "authenticated":
        return viewerOrNull === null ? `${verb} needs you to sign in.` : null;
      case "selected":
        return selected === null ? `${verb} needs a selected mailbox.` : null;
    }
  }

  async #takeAppendLiteral(event: ReaderEvent & { type: "append-literal" }): Promise<void> {
    const { tag } = event.command;
    try {
      if (!(await this.#session.refreshAccess())) throw new Refusal("Your access was revoked.", "NOPERM");
      this.#append ??= await RunningAppend.begin(this.#session, event.command);
      await this.#append.next();
    } catch (error) {
      this.#append?.abort();
      this.#append = null;
      this.#channel.reader.refuseLiteral();
      this.#refuse(tag, error);
      return;
    }
    this.#channel.reader.acceptLiteral();
    if (event.synchronizing) this.#channel.send(writeContinuation("OK"));
  }

  async #runLine(line: string): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting !== null) await this.#complete(waiting.raw, waiting.command, () => waiting.waitForLine(line));
  }

  async #complete(raw: RawCommand, command: Command, work: () => Promise<Outcome>): Promise<void> {
    const stop = this.#session.deps.metrics.commands.start();
    let result = "ok";
    const progress = command.mayTakeLong ? this.#tellProgress(raw.tag) : undefined;
    try {
      const outcome = await work();
      clearInterval(progress);
      if ("waitForLine" in outcome) {
        this.#waiting = { raw, command, waitForLine: outcome.waitForLine };
        this.#channel.reader.expectLine();
        return;
      }
      await this.#finish(raw.tag, command, outcome);
    } catch (error) {
      result = this.#refuse(raw.tag, error);
    } finally {
      clearInterval(progress);
    }
    stop({ command: raw.verb, result });
  }

  /** Says from time to time how far a command has come: RFC 9585. */
  #tellProgress(tag: string): NodeJS.Timeout {
    const progress = { done: null, total: null };
    this.#session.progress = progress;
    return setInterval(() => {
      this.#channel.send(writeProgress(tag, progress));
      this.#channel.flush().catch(() => this.#channel.destroy());
    }, this.#session.deps.settings.progressIntervalMs);
  }

  async #finish(tag: string, command: Command, completion: Completion): Promise<void> {
    const { selected } = this.#session;
    if (command.updates === "always" || (command.updates === "when-hinted" && selected?.hinted === true)) {
      await this.#tellSelected();
    }
    if (this.#saidBye) return;
    this.#badInARow = 0;
    const code = typeof completion.code === "function" ? completion.code() : completion.code;
    this.#channel.send(writeTagged(tag, "OK", completion.text, code));
    if (completion.afterwards === undefined) return;
    await this.#channel.flush();
    await completion.afterwards();
  }

  /**
   * Tells what changed in the selected mailbox. The command before it is done: a failure here must not be taken for its
   * failure, the changes are told another time.
   */
  async #tellSelected(scope?: TellingScope): Promise<void> {
    const session = this.#session;
    const { selected, selectedEvents } = session;
    if (selected === null) return;
    try {
      const arrived = await selected.tellChanges(session, scope);
      if (arrived.length > 0 && selectedEvents?.fetch)
        await fetchArrived(session, selected, arrived, selectedEvents.fetch);
    } catch (error) {
      if (error instanceof ConnectionClosed) throw error;
      if (error instanceof MailboxGone) await this.#sayBye("The selected mailbox is gone.");
      else session.deps.log.warn({ error }, "the changes of a mailbox could not be told");
    }
  }

  /** Tells what NOTIFY asked for of the other mailboxes. */
  async #tellOthers(): Promise<void> {
    const session = this.#session;
    try {
      if ((await session.notifyWatch?.tell()) !== false) return;
      session.notify(null, { tells: false, expunges: false, flags: false, fetch: null });
      this.#channel.send(writeStatusLine("OK", "Too much has happened.", "NOTIFICATIONOVERFLOW"));
    } catch (error) {
      if (error instanceof ConnectionClosed) throw error;
      session.deps.log.warn({ error }, "what NOTIFY asked for could not be told");
    }
  }

  /** Answers a command that failed; returns how, for the metrics. */
  #refuse(tag: string, error: unknown): string {
    if (error instanceof ConnectionClosed) throw error;
    const { condition, text, code, unexpected } = translateError(error);
    if (unexpected) this.#session.deps.log.error({ error }, "an IMAP command failed");
    if (error instanceof BadSyntax) this.#answerBad(tag, text);
    else {
      this.#badInARow = 0;
      this.#channel.send(writeTagged(tag, condition, text, code));
    }
    return unexpected ? "error" : condition.toLowerCase();
  }

  #takeBad(tag: string | null, text: string, tooBig: boolean): void {
    const unfinished = this.#waiting?.raw.tag ?? null;
    this.#waiting = null;
    this.#session.idling = false;
    this.#append?.abort();
    this.#append = null;
    this.#answerBad(unfinished ?? tag, text, tooBig ? "TOOBIG" : undefined);
  }

  #answerBad(tag: string | null, text: string, code?: string): void {
    this.#badInARow += 1;
    this.#channel.send(tag === null ? writeStatusLine("BAD", text, code) : writeTagged(tag, "BAD", text, code));
  }
}
