import type { Duplex } from "node:stream";
import { isLoopback } from "./client-address.ts";
import type { Connection } from "./listener.ts";

/** A client that does not read what it asked for is given up after this. */
const defaultWriteTimeoutMs = 5 * 60_000;

/** The peer is gone, or was given up: whatever is running for it ends. */
export class ConnectionClosed extends Error {
  override readonly name = "ConnectionClosed";
}

/**
 * The bytes of one client: taken in at the pace at which they are handled, and written at the pace at which they are read. What they
 * mean is for each protocol's own channel, which is built on this one.
 */
export abstract class SocketChannel {
  readonly #connection: Connection;
  readonly #writeTimeoutMs: number;
  #stream: Duplex;
  #isClosed = false;
  #wake: (() => void) | undefined;
  #silence: NodeJS.Timeout | undefined;
  #isSilenceRenewed = false;

  constructor(connection: Connection, writeTimeoutMs: number = defaultWriteTimeoutMs) {
    this.#connection = connection;
    this.#writeTimeoutMs = writeTimeoutMs;
    this.#stream = connection.socket;
    this.#attach();
  }

  /** Keeps what came until it is asked for. Nothing more comes before `arrival` is called. */
  protected abstract take(chunk: Buffer): void;

  /** Throws away what came and was not handled yet. @returns how many bytes that was */
  protected abstract discard(): number;

  get secure(): boolean {
    return this.#connection.secure;
  }

  get remoteAddress(): string {
    return this.#connection.remoteAddress;
  }

  get closed(): boolean {
    return this.#isClosed;
  }

  /** From one of this machine's own programs. */
  get fromLoopback(): boolean {
    return isLoopback(this.remoteAddress);
  }

  /** Calls back once after so long, counted again from each arrival if `isRenewed`; replaces the delay set before. */
  onSilence(milliseconds: number, isRenewed: boolean, callback: () => void): void {
    clearTimeout(this.#silence);
    this.#isSilenceRenewed = isRenewed;
    if (!this.#isClosed) this.#silence = setTimeout(callback, milliseconds);
  }

  protected renewSilence(): void {
    if (this.#isSilenceRenewed) this.#silence?.refresh();
  }

  /** Resolves when something was taken in, or the client is gone. */
  protected async arrival(): Promise<void> {
    if (this.#isClosed) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      this.#stream.resume();
    });
  }

  /** Waits while the client does not read. @throws ConnectionClosed */
  async write(bytes: string | Buffer): Promise<void> {
    const stream = this.#stream;
    if (this.#isClosed || stream.destroyed) throw new ConnectionClosed("The connection is closed");
    if (stream.write(bytes)) return;
    this.renewSilence();
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => stream.destroy(), this.#writeTimeoutMs);
      const settle = () => {
        clearTimeout(timer);
        stream.off("drain", settle);
        stream.off("close", settle);
        if (stream.destroyed) reject(new ConnectionClosed("The connection is closed"));
        else resolve();
      };
      stream.on("drain", settle);
      stream.on("close", settle);
    });
  }

  /**
   * Continues inside TLS. Bytes that came in clear before it may be an attacker's (CVE-2011-0411): they close the connection.
   * @throws Error when the handshake fails
   */
  async startTls(): Promise<void> {
    this.#requireNothingBuffered("Something was sent in clear before TLS");
    this.#detach();
    await this.#connection.upgradeToTls();
    this.#stream = this.#connection.socket;
    this.#attach();
  }

  /**
   * Continues on a stream that is laid over the present one.
   * @throws ConnectionClosed when the client did not wait for the answer to what it asked
   */
  protected layOver(wrap: (stream: Duplex) => Duplex): void {
    this.#requireNothingBuffered("Something was sent before the answer that it depends on");
    this.#detach();
    this.#stream = wrap(this.#stream);
    this.#attach();
  }

  /** Closes once what was written is sent. */
  end(): void {
    clearTimeout(this.#silence);
    const stream = this.#stream;
    if (stream.destroyed) return;
    // A client that keeps its side open must not keep ours.
    const timer = setTimeout(() => stream.destroy(), 2_000);
    stream.once("close", () => clearTimeout(timer));
    stream.end();
    stream.resume();
  }

  destroy(): void {
    this.#stream.destroy();
    this.#onClose();
  }

  #requireNothingBuffered(text: string): void {
    if (this.discard() === 0) return;
    this.destroy();
    throw new ConnectionClosed(text);
  }

  #attach(): void {
    this.#stream.on("data", this.#onData);
    this.#stream.on("close", this.#onClose);
    this.#stream.on("end", this.#onClose);
    this.#stream.on("error", () => this.#stream.destroy());
    this.#stream.pause();
  }

  #detach(): void {
    this.#stream.off("data", this.#onData);
    this.#stream.off("end", this.#onClose);
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#stream.pause();
    this.renewSilence();
    this.take(chunk);
    this.#awaken();
  };

  readonly #onClose = (): void => {
    this.#isClosed = true;
    clearTimeout(this.#silence);
    this.#awaken();
  };

  #awaken(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
