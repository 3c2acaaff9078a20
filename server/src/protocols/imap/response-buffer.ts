import type { ClientChannel } from "./client-channel.ts";

const CHUNK_BYTES = 64 * 1024;

/** Collects many small pieces of responses in large ones: what FETCH of thousands of messages writes would be as many writes. */
export class ResponseBuffer {
  readonly #channel: ClientChannel;
  #chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  #used = 0;
  #text = "";

  constructor(channel: ClientChannel) {
    this.#channel = channel;
  }

  /** @param text ASCII */
  text(text: string): void {
    this.#text += text;
  }

  bytes(bytes: Buffer): void {
    this.#settle();
    if (bytes.length > CHUNK_BYTES / 4) {
      this.#pass();
      this.#channel.sendBytes(bytes);
      return;
    }
    if (this.#used + bytes.length > CHUNK_BYTES) this.#pass();
    bytes.copy(this.#chunk, this.#used);
    this.#used += bytes.length;
  }

  /** True when it is worth a `send`: at least between two responses, for what is not sent can be taken back. */
  get isFull(): boolean {
    return this.#text.length > CHUNK_BYTES / 4;
  }

  /** Hands everything to the channel. */
  async send(): Promise<void> {
    this.#settle();
    this.#pass();
    await this.#channel.flushSome();
  }

  #settle(): void {
    const text = this.#text;
    if (text === "") return;
    this.#text = "";
    if (this.#used + text.length > CHUNK_BYTES) this.#pass();
    if (text.length > CHUNK_BYTES) this.#channel.sendBytes(Buffer.from(text, "latin1"));
    else this.#used += this.#chunk.write(text, this.#used, "latin1");
  }

  #pass(): void {
    if (this.#used === 0) return;
    this.#channel.sendBytes(this.#chunk.subarray(0, this.#used));
    this.#chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    this.#used = 0;
  }
}
