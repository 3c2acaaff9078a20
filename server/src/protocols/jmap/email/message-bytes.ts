import type { MailContent } from "../../../domain/mail/open-message.ts";
import { createTransferDecoder, decodeTransferEncoding } from "../../../formats/mime/decode-body.ts";
import type { MimePart } from "../../../formats/mime/mime-part.ts";

type Source = Pick<MailContent, "size" | "open">;

/** Messages up to this size are read whole, once. */
const wholeLimit = 64 * 1024;

/** The bytes of one message, read as far as an answer needs them. */
export class MessageBytes {
  readonly #openSource: () => Promise<Source>;
  #source: Promise<Source> | undefined;
  #whole: Promise<Buffer> | undefined;

  constructor(openSource: () => Promise<Source>) {
    this.#openSource = openSource;
  }

  static of(bytes: Buffer): MessageBytes {
    const message = new MessageBytes(() => Promise.reject(new Error("The bytes are in memory")));
    message.#whole = Promise.resolve(bytes);
    return message;
  }

  async read(start: number, end: number): Promise<Buffer> {
    if (this.#whole) return (await this.#whole).subarray(start, end);
    const source = await this.#open();
    if (source.size > wholeLimit) return readAll(source, { start, end });
    this.#whole ??= readAll(source, { start: 0, end: source.size });
    return (await this.#whole).subarray(start, end);
  }

  /** Size of the body of a part once its transfer encoding is undone. */
  async decodedSize(part: MimePart): Promise<number> {
    const length = part.bodyEnd - part.bodyStart;
    if (["7bit", "8bit", "binary"].includes(part.encoding) || length === 0) return length;
    if (length <= wholeLimit) {
      return decodeTransferEncoding(await this.read(part.bodyStart, part.bodyEnd), part.encoding).length;
    }
    const size = part.encoding === "base64" ? await this.#base64Size(part, length) : undefined;
    return size ?? this.#count(part);
  }

  /** Base64 in lines of one length, as programs write it: its size follows from the first line and the last characters. */
  async #base64Size(part: MimePart, length: number): Promise<number | undefined> {
    const head = (await this.read(part.bodyStart, part.bodyStart + 1_000)).toString("latin1");
    const tail = (await this.read(part.bodyEnd - 1_000, part.bodyEnd)).toString("latin1");
    const first = /^([A-Za-z0-9+/]+)(\r?\n)/.exec(head);
    if (!first) return undefined;
    const [, characters, lineEnd] = first as unknown as [string, string, string];
    const step = characters.length + lineEnd.length;
    const trailing = /[\r\n]*$/.exec(tail)![0].length;
    const padding = /(={0,2})[\r\n]*$/.exec(tail)![1]!.length;
    const encoded = length - trailing;
    const fullLines = Math.floor((encoded - 1) / step);
    const symbols = encoded - fullLines * lineEnd.length;
    // Every line but the last is full, and the whole is made of quartets: otherwise it is not as supposed.
    const regular = tail
      .slice(0, tail.length - trailing)
      .split(lineEnd)
      .slice(1, -1)
      .every((line) => line.length === characters.length);
    return regular && symbols % 4 === 0 ? (symbols / 4) * 3 - padding : undefined;
  }

  async #count(part: MimePart): Promise<number> {
    const source = await this.#open();
    const input = source.open({ start: part.bodyStart, end: part.bodyEnd });
    const decoder = createTransferDecoder(part.encoding);
    input.on("error", (error) => decoder.destroy(error));
    let size = 0;
    try {
      for await (const chunk of input.pipe(decoder)) size += (chunk as Buffer).length;
    } finally {
      input.destroy();
    }
    return size;
  }

  #open(): Promise<Source> {
    this.#source ??= this.#openSource();
    return this.#source;
  }
}

async function readAll(source: Source, range: { start: number; end: number }): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of source.open(range)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
