import type { Duplex, Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { CommandReader, type ReaderEvent } from "../../formats/imap-syntax/command-reader.ts";
import { DeflateStream } from "../../net/deflate-stream.ts";
import type { Connection } from "../../net/listener.ts";

/** A client that does not read what it asked for is given up after this. */
const WRITE_TIMEOUT_MS = 5 * 60_000;
const FLUSH_BYTES = 32 * 1024;
const TURN_MS = 10;

/** The peer is gone, or was given up: whatever is running for it ends. */
export class ConnectionClosed extends Error {
  override readonly name = "ConnectionClosed";
}

export interface Mark {
  readonly flushes: number;
  readonly pieces: number;
  readonly bytes: number;
}

/** The bytes of one client: events out of a reader at the pace they are consumed, and writing with backpressure. */
export class ClientChannel {
  readonly reader = new CommandReader();
  readonly #connection: Connection;
  #socket: Duplex;
  #closed = false;
  #wake: (() => void) | null = null;
  #outgoing: (string | Buffer)[] = [];
  #outgoingBytes = 0;
  #flushes = 0;
  #silenceTimer: NodeJS.Timeout | undefined;
  #renewed = false;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#socket = connection.socket;
    this.#attach();
  }

  get secure(): boolean {
    return this.#connection.secure;
  }

  get remoteAddress(): string {
    return this.#connection.remoteAddress;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** From one of this machine's own programs. */
  get fromLoopback(): boolean {
    return /^(127\.|::1$)/.test(this.remoteAddress);
  }

  /**
   * Calls back once after `milliseconds`, counted again from each arrival if `renewed`; replaces the delay set before.
   */
  onSilence(milliseconds: number, renewed: boolean, callback: () => void): void {
    clearTimeout(this.#silenceTimer);
    this.#renewed = renewed;
    if (!this.#closed) this.#silenceTimer = setTimeout(callback, milliseconds);
  }

  /** What the client sends, one event at a time. Nothing more is read from the network while an event is being handled. */
  async *events(): AsyncGenerator<ReaderEvent> {
    let turnBegan = performance.now();
    while (!this.#closed) {
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
      const more = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#socket.resume();
      await more;
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
    if (this.#renewed) this.#silenceTimer?.refresh();
    await this.flush();
  }

  /**
   * Sends what is queued and waits while the client does not read.
   * @throws ConnectionClosed
   */
  async flush(): Promise<void> {
    if (this.#closed) throw new ConnectionClosed("The connection is closed.");
    if (this.#outgoing.length === 0) return;
    this.#flushes += 1;
    const pieces = this.#outgoing;
    this.#outgoing = [];
    this.#outgoingBytes = 0;
    if (!this.#socket.write(join(pieces))) await this.#drained();
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

  /**
   * Continues inside TLS. Bytes that came in clear after STARTTLS may be an attacker's: they close the connection.
   * @throws Error when the handshake fails
   */
  async startTls(): Promise<void> {
    if (this.reader.discardBuffered() > 0) {
      this.destroy();
      throw new ConnectionClosed("Something was sent in clear after STARTTLS.");
    }
    this.#socket.off("data", this.#onData);
    this.#socket.off("end", this.#onEnd);
    await this.#connection.upgradeToTls();
    this.#socket = this.#connection.socket;
    this.#attach();
  }

  get compressed(): boolean {
    return this.#socket instanceof DeflateStream;
  }

  /**
   * Continues compressed, both ways (RFC 4978). Nothing may have been sent behind the command: the client waits for its answer.
   * @throws ConnectionClosed
   */
  startCompression(): void {
    if (this.reader.discardBuffered() > 0) {
      this.destroy();
      throw new ConnectionClosed("Something was sent uncompressed after COMPRESS.");
    }
    this.#socket.off("data", this.#onData);
    this.#socket.off("end", this.#onEnd);
    this.#socket = new DeflateStream(this.#socket);
    this.#attach();
  }

  /** Sends what is queued and closes. */
  async end(): Promise<void> {
    try {
      await this.flush();
    } catch {
      // Closed already.
    }
    if (this.#closed) return;
    const socket = this.#socket;
    // A client that keeps its side open must not keep ours.
    const timer = setTimeout(() => socket.destroy(), 2000);
    socket.once("close", () => clearTimeout(timer));
    socket.end();
    socket.resume();
  }

  destroy(): void {
    this.#socket.destroy();
    this.#onClose();
  }

  #attach(): void {
    this.#socket.on("data", this.#onData);
    this.#socket.on("close", this.#onClose);
    this.#socket.on("end", this.#onEnd);
    this.#socket.on("error", this.#onError);
    this.#socket.pause();
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#socket.pause();
    if (this.#renewed) this.#silenceTimer?.refresh();
    this.reader.push(chunk);
    this.#awaken();
  };

  readonly #onEnd = (): void => {
    this.#socket.end();
    this.#onClose();
  };

  readonly #onClose = (): void => {
    this.#closed = true;
    clearTimeout(this.#silenceTimer);
    this.#awaken();
  };

  readonly #onError = (): void => {
    this.#socket.destroy();
  };

  #awaken(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }

  async #drained(): Promise<void> {
    const socket = this.#socket;
    if (socket.destroyed) throw new ConnectionClosed("The connection is closed.");
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => socket.destroy(), WRITE_TIMEOUT_MS);
      const settle = () => {
        clearTimeout(timer);
        socket.off("drain", settle);
        socket.off("close", settle);
        if (socket.destroyed) reject(new ConnectionClosed("The connection is closed."));
        else resolve();
      };
      socket.on("drain", settle);
      socket.on("close", settle);
    });
  }
}

/** Text in one piece is encoded once; large pieces among small ones are worth the copy, for they are one write. */
function join(pieces: readonly (string | Buffer)[]): Buffer {
  const only = pieces[0] as string | Buffer;
  if (pieces.length === 1) return typeof only === "string" ? Buffer.from(only) : only;
  if (pieces.every((piece) => typeof piece === "string")) return Buffer.from(pieces.join(""));
  return Buffer.concat(pieces.map((piece) => (typeof piece === "string" ? Buffer.from(piece) : piece)));
}
