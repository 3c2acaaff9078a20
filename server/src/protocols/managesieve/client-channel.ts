import type { Socket } from "node:net";
import { CommandReader, type ReaderEvent } from "../../formats/managesieve-syntax/command-reader.ts";
import type { Connection } from "../../net/listener.ts";

/** A client that does not read what it asked for is given up after this. */
const writeTimeoutMs = 5 * 60_000;
/** What a bearer token needs. */
const literalLimitBefore = 16 * 1024;

/** The peer is gone, or was given up: whatever is running for it ends. */
export class ConnectionClosed extends Error {
  override readonly name = "ConnectionClosed";
}

/** The lines of one client, read at the pace at which they are handled, and writing that waits for a slow reader. */
export class ClientChannel {
  readonly #connection: Connection;
  readonly #reader = new CommandReader(literalLimitBefore);
  #socket: Socket;
  #closed = false;
  #wake: (() => void) | null = null;
  #silence: NodeJS.Timeout | undefined;
  #isSilenceRenewed = false;

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

  /** From one of this machine's own programs. */
  get fromLoopback(): boolean {
    return /^(127\.|::1$)/.test(this.remoteAddress);
  }

  /** Octets of a literal that are taken in; undefined: as before signing in. */
  setLiteralLimit(octets: number = literalLimitBefore): void {
    this.#reader.literalLimit = octets;
  }

  /** Calls back once after so long, counted again from each arrival if `isRenewed`; replaces the delay set before. */
  onSilence(milliseconds: number, isRenewed: boolean, callback: () => void): void {
    clearTimeout(this.#silence);
    this.#isSilenceRenewed = isRenewed;
    if (!this.#closed) this.#silence = setTimeout(callback, milliseconds);
  }

  /** What the client sends next; null when it is gone. */
  async read(): Promise<ReaderEvent | null> {
    for (;;) {
      const event = this.#reader.next();
      if (event) return event;
      if (this.#closed) return null;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        this.#socket.resume();
      });
    }
  }

  /** @throws ConnectionClosed */
  async write(text: string): Promise<void> {
    const socket = this.#socket;
    if (this.#closed || socket.destroyed) throw new ConnectionClosed("The connection is closed");
    if (socket.write(text)) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => socket.destroy(), writeTimeoutMs);
      const settle = () => {
        clearTimeout(timer);
        socket.off("drain", settle);
        socket.off("close", settle);
        if (socket.destroyed) reject(new ConnectionClosed("The connection is closed"));
        else resolve();
      };
      socket.on("drain", settle);
      socket.on("close", settle);
    });
  }

  /**
   * Continues inside TLS. Bytes that came in clear after STARTTLS may be an attacker's: they close the connection.
   * @throws Error when the handshake fails
   */
  async startTls(): Promise<void> {
    if (this.#reader.discard() > 0) {
      this.destroy();
      throw new ConnectionClosed("Something was sent in clear after STARTTLS");
    }
    this.#socket.off("data", this.#onData);
    this.#socket.off("close", this.#onClose);
    await this.#connection.upgradeToTls();
    this.#socket = this.#connection.socket;
    this.#attach();
  }

  end(): void {
    clearTimeout(this.#silence);
    const socket = this.#socket;
    if (socket.destroyed) return;
    // A client that keeps its side open must not keep ours.
    const timer = setTimeout(() => socket.destroy(), 2_000);
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
    this.#socket.on("end", this.#onClose);
    this.#socket.on("error", () => this.#socket.destroy());
    this.#socket.pause();
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#socket.pause();
    if (this.#isSilenceRenewed) this.#silence?.refresh();
    this.#reader.push(chunk);
    this.#awaken();
  };

  readonly #onClose = (): void => {
    this.#closed = true;
    clearTimeout(this.#silence);
    this.#awaken();
  };

  #awaken(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}
