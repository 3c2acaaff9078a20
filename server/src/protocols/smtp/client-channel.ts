import type { Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import { DataDecoder } from "../../formats/smtp-syntax/data-decoder.ts";
import type { Connection } from "../../net/listener.ts";
import { ConnectionClosed } from "../../net/socket-channel.ts";

/** Nothing came for too long. */
export class TooSilent extends Error {
  override readonly name = "TooSilent";
}

/** More bytes than a command may have came without a line end. */
export class LineTooLong extends Error {
  override readonly name = "LineTooLong";
}

const writeTimeoutMs = 120_000;
const turnMs = 10;
const lf = 10;
const none = Buffer.alloc(0);

/** The bytes of one client: lines and messages in at the pace they are consumed, replies out in groups (RFC 2920). */
export class ClientChannel {
  readonly #connection: Connection;
  readonly #idleTimeoutMs: number;
  #socket: Socket;
  #buffer: Buffer = none;
  #chunk: Buffer | undefined;
  #outgoing = "";
  #isClosed = false;
  #wake: (() => void) | undefined;
  #turnBegan = 0;

  constructor(connection: Connection, idleTimeoutMs: number) {
    this.#connection = connection;
    this.#idleTimeoutMs = idleTimeoutMs;
    this.#socket = connection.socket;
    this.#attach();
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /**
   * The next line without its end; undefined when the client has left. What was written is sent before anything is waited for.
   * @throws LineTooLong, TooSilent
   */
  async readLine(limit: number): Promise<{ bytes: Buffer; endsWithCrlf: boolean } | undefined> {
    for (;;) {
      const end = this.#buffer.indexOf(lf);
      if (end > limit || (end < 0 && this.#buffer.length > limit)) throw new LineTooLong("A line is too long");
      if (end >= 0) {
        const endsWithCrlf = end > 0 && this.#buffer[end - 1] === 13;
        const bytes = this.#buffer.subarray(0, endsWithCrlf ? end - 1 : end);
        this.#buffer = this.#buffer.subarray(end + 1);
        await this.#giveTurn();
        return { bytes, endsWithCrlf };
      }
      await this.flush();
      const chunk = await this.#next();
      if (!chunk) return undefined;
      this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    }
  }

  /**
   * What follows DATA up to its end.
   * @throws ConnectionClosed when the client leaves before, TooSilent
   */
  async *readMessage(): AsyncGenerator<Buffer> {
    const decoder = new DataDecoder();
    let chunk: Buffer | undefined = this.#buffer;
    this.#buffer = none;
    for (;;) {
      const pieces = decoder.push(chunk);
      if (decoder.rest) this.#buffer = decoder.rest;
      if (pieces.length > 0) yield pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
      if (decoder.rest) return;
      chunk = await this.#next();
      if (!chunk) throw new ConnectionClosed("The connection broke off in the middle of a message");
    }
  }

  write(text: string): void {
    this.#outgoing += text;
  }

  /** Sends what was written and waits while the client does not read. */
  async flush(): Promise<void> {
    if (this.#outgoing === "" || this.#isClosed) return;
    const text = this.#outgoing;
    this.#outgoing = "";
    if (this.#socket.write(text)) return;
    const socket = this.#socket;
    await new Promise<void>((resolve) => {
      const timer = globalThis.setTimeout(() => socket.destroy(), writeTimeoutMs);
      const settle = () => {
        clearTimeout(timer);
        socket.off("drain", settle);
        socket.off("close", settle);
        resolve();
      };
      socket.on("drain", settle);
      socket.on("close", settle);
    });
  }

  /**
   * Continues inside TLS. What came in clear after STARTTLS may be an attacker's (CVE-2011-0411): it closes the connection.
   * @throws ConnectionClosed, Error when the handshake fails
   */
  async startTls(): Promise<void> {
    await this.flush();
    if (this.#buffer.length > 0 || this.#chunk) {
      this.destroy();
      throw new ConnectionClosed("Something was sent in clear after STARTTLS");
    }
    this.#socket.off("data", this.#onData);
    this.#socket.off("end", this.#onEnd);
    await this.#connection.upgradeToTls();
    this.#socket = this.#connection.socket;
    this.#attach();
  }

  /** Sends what was written and closes. */
  async end(): Promise<void> {
    await this.flush();
    if (this.#socket.destroyed) return;
    const socket = this.#socket;
    // A client that keeps its side open must not keep ours.
    const timer = globalThis.setTimeout(() => socket.destroy(), 2_000);
    socket.once("close", () => clearTimeout(timer));
    socket.end();
    this.#close();
    socket.resume();
  }

  destroy(): void {
    this.#socket.destroy();
    this.#close();
  }

  #attach(): void {
    this.#socket.on("data", this.#onData);
    this.#socket.on("end", this.#onEnd);
    this.#socket.on("close", this.#onClose);
    this.#socket.on("error", this.#onClose);
    this.#socket.pause();
    if (this.#socket.destroyed) this.#close();
  }

  /** @returns undefined when no more comes. @throws TooSilent */
  async #next(): Promise<Buffer | undefined> {
    if (!this.#chunk && !this.#isClosed) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      this.#wake = resolve;
      const timer = globalThis.setTimeout(
        () => reject(new TooSilent("Nothing came for too long")),
        this.#idleTimeoutMs,
      );
      this.#socket.resume();
      try {
        await promise;
      } finally {
        clearTimeout(timer);
        this.#wake = undefined;
      }
    }
    const chunk = this.#chunk;
    this.#chunk = undefined;
    this.#turnBegan = performance.now();
    return chunk;
  }

  /** Thousands of commands may have come in one chunk: others want their turn. */
  async #giveTurn(): Promise<void> {
    if (performance.now() - this.#turnBegan < turnMs) return;
    await setImmediate();
    this.#turnBegan = performance.now();
  }

  readonly #onData = (chunk: Buffer): void => {
    // After the end what comes is read and dropped, so that the last reply is not lost to a reset.
    if (this.#isClosed) return;
    this.#socket.pause();
    this.#chunk = this.#chunk ? Buffer.concat([this.#chunk, chunk]) : chunk;
    this.#wake?.();
  };

  readonly #onEnd = (): void => {
    this.#close();
  };

  readonly #onClose = (): void => {
    this.#close();
  };

  #close(): void {
    this.#isClosed = true;
    this.#wake?.();
  }
}
