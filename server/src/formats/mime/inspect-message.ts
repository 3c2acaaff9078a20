import { isAscii } from "node:buffer";
import { type HeaderField, readHeaders } from "./headers.ts";

/** Beyond this a header section is an attack; real ones with many relays and signatures stay below 100 KB. */
export const headerLimit = 512 * 1024;

export interface Inspection {
  /** The header section with its blank line; the beginning of the message when it has none. */
  readonly header: Buffer;
  readonly fields: readonly HeaderField[];
  /** True: more than `headerLimit` bytes came before the body. */
  readonly headerTooLarge: boolean;
  /**
   * True when a line holds a dot alone and one of its ends is not CRLF: what smugglers send so that another server takes
   * it for the end of the data (CVE-2023-51764 to 51766). No real message has it.
   */
  readonly hasBareDotLine: boolean;
  /** A CR or LF that is not part of a CRLF. */
  readonly hasBareLineEnd: boolean;
  readonly hasNul: boolean;
  readonly isEightBit: boolean;
}

const carried = 4;

/** Reads a message that passes by in chunks, once, keeping its header section only. */
export class MessageInspector {
  readonly #headerChunks: Buffer[] = [];
  #headerSize = 0;
  #headerEnded = false;
  #headerTooLarge = false;
  #hasBareDotLine = false;
  #hasBareLineEnd = false;
  #hasNul = false;
  #isEightBit = false;
  // The first line starts as if after a CRLF.
  #tail = "\r\n";

  push(chunk: Buffer): void {
    if (!this.#hasNul) this.#hasNul = chunk.includes(0);
    if (!this.#isEightBit) this.#isEightBit = !isAscii(chunk);
    if (!this.#headerEnded) this.#collectHeader(chunk);
    const text = this.#tail + chunk.toString("latin1");
    if (!this.#hasBareLineEnd) this.#hasBareLineEnd = /[^\r]\n|\r[^\n]/.test(text);
    if (this.#hasBareLineEnd && !this.#hasBareDotLine) this.#hasBareDotLine = hasBareDotLine(text, false);
    this.#tail = text.slice(-carried);
  }

  end(): Inspection {
    if (this.#tail.endsWith("\r")) this.#hasBareLineEnd = true;
    if (hasBareDotLine(this.#tail, true)) this.#hasBareDotLine = true;
    const header = Buffer.concat(this.#headerChunks);
    return {
      header,
      fields: readHeaders(header, 0, header.length),
      headerTooLarge: this.#headerTooLarge,
      hasBareDotLine: this.#hasBareDotLine,
      hasBareLineEnd: this.#hasBareLineEnd,
      hasNul: this.#hasNul,
      isEightBit: this.#isEightBit,
    };
  }

  #collectHeader(chunk: Buffer): void {
    // The blank line may be cut anywhere: look again at the last bytes collected.
    const before = this.#headerChunks.at(-1)?.subarray(-3) ?? Buffer.alloc(0);
    const joined = Buffer.concat([before, chunk]).toString("latin1");
    const blank = this.#headerSize === 0 && /^\r?\n/.test(joined) ? /^\r?\n/.exec(joined) : /\n\r?\n/.exec(joined);
    if (blank) this.#headerEnded = true;
    const part = blank ? chunk.subarray(0, blank.index + blank[0].length - before.length) : chunk;
    if (this.#headerSize + part.length > headerLimit) {
      this.#headerTooLarge = true;
      this.#headerEnded = true;
      return;
    }
    this.#headerSize += part.length;
    // Short pieces are joined so that the last one always holds the three bytes that may begin a blank line.
    const last = this.#headerChunks.at(-1);
    if (last && last.length < 3) this.#headerChunks[this.#headerChunks.length - 1] = Buffer.concat([last, part]);
    else this.#headerChunks.push(part);
  }
}

/** A candidate whose end has not come yet is left for the next chunk unless `isLast`. */
function hasBareDotLine(text: string, isLast: boolean): boolean {
  const candidate = /[\r\n]\.[\r\n]/g;
  for (let match = candidate.exec(text); match; match = candidate.exec(text)) {
    const at = match.index;
    // What begins the carried bytes was judged with the chunk before, when what stands in front of it was known.
    if (at === 0) continue;
    if (at + 3 >= text.length && !(isLast || text[at + 2] === "\n")) continue;
    const startsWell = text[at] === "\n" && text[at - 1] === "\r";
    const endsWell = text[at + 2] === "\r" && text[at + 3] === "\n";
    if (!startsWell || !endsWell) return true;
    candidate.lastIndex = at + 2;
  }
  return false;
}
