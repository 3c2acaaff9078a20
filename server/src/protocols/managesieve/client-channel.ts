import { CommandReader, type ReaderEvent } from "../../formats/managesieve-syntax/command-reader.ts";
import { SocketChannel } from "../../net/socket-channel.ts";

/** What a bearer token needs. */
const literalLimitBefore = 16 * 1024;

/** The commands of one client. */
export class ClientChannel extends SocketChannel {
  readonly #reader = new CommandReader(literalLimitBefore);

  /** Octets of a literal that are taken in; undefined: as before signing in. */
  setLiteralLimit(octets: number = literalLimitBefore): void {
    this.#reader.literalLimit = octets;
  }

  /** What the client sends next; null when it is gone. */
  async read(): Promise<ReaderEvent | null> {
    for (;;) {
      const event = this.#reader.next();
      if (event) return event;
      if (this.closed) return null;
      await this.arrival();
    }
  }

  protected take(chunk: Buffer): void {
    this.#reader.push(chunk);
  }

  protected discard(): number {
    return this.#reader.discard();
  }
}
