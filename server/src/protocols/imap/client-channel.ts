import type { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { CommandReader, type ReaderEvent } from "../../formats/imap-syntax/command-reader.ts";
import { DeflateStream } from "../../net/deflate-stream.ts";
import { ConnectionClosed, SocketChannel } from "../../net/socket-channel.ts";

const FLUSH_BYTES = 32 * 1024;
const TURN_MS = 10;

export interface Mark {
  readonly flushes: number;
  readonly pieces: number;
  readonly bytes: number;
}

/** The bytes of one client: events out of a reader at the pace they are consumed, and answers queued into few writes. */
export class ClientChannel extends SocketChannel {
  readonly reader = new CommandReader();
  #isCompressed = false;
  #outgoing: (string | Buffer)[] = [];
  #outgoingBytes = 0;
  #flushes = 0;

  /** What the client sends, one event at a time. Nothing more is read from the network while an event is being handled. */
  async *events(): AsyncGenerator<ReaderEvent> {
    let turnBegan = performance.now();
    while (!this.closed) {
      const event = this.reader.next();
      if (event !== null) {
        // Thousands of commands may have come in one chunk: others want their turn.
        if (performance.now() - turnBegan > TURN_MS) {
          await setImmediate();
          turnBegan = performance.now();
        }
        yield event;
        if (event.type === "fatal") return;
        continue;
      }
      await this.arrival();
      turnBegan = performance.now();
    }
  }

  /** Queues text, in UTF-8. */
  send(text: string): void {
    this.#outgoing.push(text);
    this.#outgoingBytes += text.length;
  }

  sendBytes(bytes: Buffer): void {
    this.#outgoing.push(bytes);
    this.#outgoingBytes += bytes.length;
  }

  /** A place in what is sent, to go back to while nothing after it has left. */
  mark(): Mark {
    return { flushes: this.#flushes, pieces: this.#outgoing.length, bytes: this.#outgoingBytes };
  }

  /** Takes back what was queued since the mark; false when some of it is on its way. */
  rollback(mark: Mark): boolean {
    if (mark.flushes !== this.#flushes) return false;
    this.#outgoing.length = mark.pieces;
    this.#outgoingBytes = mark.bytes;
    return true;
  }

  /** Sends what is queued once it is worth a write. To be awaited inside loops that produce much. */
  async flushSome(): Promise<void> {
    if (this.#outgoingBytes < FLUSH_BYTES) return;
    this.renewSilence();
    await this.flush();
  }

  /**
   * Sends what is queued and waits while the client does not read.
   * @throws ConnectionClosed
   */
  async flush(): Promise<void> {
    if (this.closed) throw new ConnectionClosed("The connection is closed");
    if (this.#outgoing.length === 0) return;
    this.#flushes += 1;
    const pieces = this.#outgoing;
    this.#outgoing = [];
    this.#outgoingBytes = 0;
    await this.write(join(pieces));
  }

  /**
   * Sends exactly `size` bytes of a stream. A stream that breaks or is of another length leaves the client in
   * the middle of a literal, from which nothing but closing recovers.
   * @throws ConnectionClosed
   */
  async sendStream(stream: Readable, size: number): Promise<void> {
    let left = size;
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        if (chunk.length > left) break;
        left -= chunk.length;
        this.sendBytes(chunk);
        await this.flushSome();
      }
    } catch (error) {
      this.destroy();
      throw error;
    } finally {
      stream.destroy();
    }
    if (left !== 0) {
      this.destroy();
      throw new Error(`A stream announced with ${size} bytes was ${left} bytes short or too long.`);
    }
  }

  get compressed(): boolean {
    return this.#isCompressed;
  }

  /**
   * Continues compressed, both ways (RFC 4978). Nothing may have been sent behind the command: the client waits for its answer.
   * @throws ConnectionClosed
   */
  startCompression(): void {
    this.layOver((stream) => new DeflateStream(stream));
    this.#isCompressed = true;
  }

  /** Sends what is queued and closes. */
  override async end(): Promise<void> {
    try {
      await this.flush();
    } catch {
      // Closed already.
    }
    super.end();
  }

  protected take(chunk: Buffer): void {
    this.reader.push(chunk);
  }

  protected discard(): number {
    return this.reader.discardBuffered();
  }
}

/** Text in one piece is encoded once; large pieces among small ones are worth the copy, for they are one write. */
function join(pieces: readonly (string | Buffer)[]): Buffer {
  const only = pieces[0] as string | Buffer;
  if (pieces.length === 1) return typeof only === "string" ? Buffer.from(only) : only;
  if (pieces.every((piece) => typeof piece === "string")) return Buffer.from(pieces.join(""));
  return Buffer.concat(pieces.map((piece) => (typeof piece === "string" ? Buffer.from(piece) : piece)));
}
