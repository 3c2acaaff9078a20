import type { Socket } from "node:net";
import type { Connection } from "../../net/listener.ts";

/** RFC 2449 section 4 allows 255 octets, RFC 5034 section 4 what a SASL response needs: bearer tokens are long. */
const MAX_LINE = 16 * 1024;
/** A client that does not read what it asked for is given up after this. */
const WRITE_TIMEOUT_MS = 5 * 60_000;

/** The peer is gone, or was given up: whatever is running for it ends. */
export class ConnectionClosed extends Error {
  override readonly name = "ConnectionClosed";
}

/** A line longer than any that POP3 knows. */
export class LineTooLong extends Error {
  override readonly name = "LineTooLong";
}

/** The lines of one client, read at the pace at which they are handled, and writing that waits for a slow reader. */
export class LineChannel {
  readonly #connection: Connection;
  #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #closed = false;
  #wake: (() => void) | null = null;
  #silence: NodeJS.Timeout | undefined;

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

  /** Calls back once when nothing came for so long; replaces the delay set before. */
  onSilence(milliseconds: number, callback: () => void): void {
    clearTimeout(this.#silence);
    if (!this.#closed) this.#silence = setTimeout(callback, milliseconds);
  }

  /**
   * The next line without its CRLF; null when the client is gone. Clients may send several at once (PIPELINING).
   * @throws LineTooLong
   */
  async readLine(): Promise<string | null> {
    for (;;) {
      const end = this.#received.indexOf(10);
      if (end !== -1) {
        const line = this.#received.subarray(0, this.#received[end - 1] === 13 ? end - 1 : end).toString("utf8");
        this.#received = this.#received.subarray(end + 1);
        return line;
      }
      if (this.#received.length > MAX_LINE) throw new LineTooLong("The line is too long");
      if (this.#closed) return null;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        this.#socket.resume();
      });
    }
  }

  /** @throws ConnectionClosed */
  async write(bytes: string | Buffer): Promise<void> {
    const socket = this.#socket;
    if (this.#closed || socket.destroyed) throw new ConnectionClosed("The connection is closed");
    if (socket.write(bytes)) return;
    this.#silence?.refresh();
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => socket.destroy(), WRITE_TIMEOUT_MS);
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
   * Continues inside TLS. Bytes that came in clear after STLS may be an attacker's: they close the connection.
   * @throws Error when the handshake fails
   */
  async startTls(): Promise<void> {
    if (this.#received.length > 0) {
      this.destroy();
      throw new ConnectionClosed("Something was sent in clear after STLS");
    }
    this.#socket.off("data", this.#onData);
    this.#socket.off("close", this.#onClose);
    await this.#connection.upgradeToTls();
    this.#socket = this.#connection.socket;
    this.#attach();
  }

  end(): void {
    clearTimeout(this.#silence);
    if (this.#socket.destroyed) return;
    const socket = this.#socket;
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
    this.#silence?.refresh();
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
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
