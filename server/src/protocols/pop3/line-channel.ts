import { SocketChannel } from "../../net/socket-channel.ts";

/** RFC 2449 section 4 allows 255 octets, RFC 5034 section 4 what a SASL response needs: bearer tokens are long. */
const maxLine = 16 * 1024;
const lf = 10;
const cr = 13;
const none = Buffer.alloc(0);

/** A line longer than any that POP3 knows. */
export class LineTooLong extends Error {
  override readonly name = "LineTooLong";
}

/** The lines of one client. */
export class LineChannel extends SocketChannel {
  #received: Buffer = none;

  /**
   * The next line without its CRLF; null when the client is gone. Clients may send several at once (PIPELINING).
   * @throws LineTooLong
   */
  async readLine(): Promise<string | null> {
    for (;;) {
      const end = this.#received.indexOf(lf);
      if (end !== -1) {
        const line = this.#received.subarray(0, this.#received[end - 1] === cr ? end - 1 : end).toString("utf8");
        this.#received = this.#received.subarray(end + 1);
        return line;
      }
      if (this.#received.length > maxLine) throw new LineTooLong("The line is too long");
      if (this.closed) return null;
      await this.arrival();
    }
  }

  protected take(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
  }

  protected discard(): number {
    const { length } = this.#received;
    this.#received = none;
    return length;
  }
}
