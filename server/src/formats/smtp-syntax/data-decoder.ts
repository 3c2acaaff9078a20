const lineAndDot = Buffer.from("\r\n.");
const cr = 13;
const lf = 10;

/**
 * Takes the message out of what follows DATA: it ends at CRLF . CRLF and at nothing else (RFC 5321 section 2.3.8), and a dot that
 * begins a longer line is taken off (section 4.5.2). A dot alone between other line ends keeps its place, so that whoever inspects
 * the message sees what somebody tried.
 */
export class DataDecoder {
  // The data begins as if after a CRLF, which is not part of it.
  #tail: Buffer = Buffer.from("\r\n");
  #skip = 2;
  #rest: Buffer | undefined;

  /** What came after the end; undefined until the end has come. */
  get rest(): Buffer | undefined {
    return this.#rest;
  }

  /** @returns the bytes of the message in `chunk`, as pieces of it */
  push(chunk: Buffer): Buffer[] {
    const pieces: Buffer[] = [];
    const buffer = this.#tail.length === 0 ? chunk : Buffer.concat([this.#tail, chunk]);
    let from = 0;
    const emit = (to: number): void => {
      const start = from + this.#skip;
      if (to < start) return;
      this.#skip = 0;
      if (to > start) pieces.push(buffer.subarray(start, to));
    };
    for (;;) {
      const at = buffer.indexOf(lineAndDot, from);
      if (at < 0) {
        const held = heldBack(buffer, from);
        emit(buffer.length - held);
        this.#tail = Buffer.from(buffer.subarray(buffer.length - held));
        return pieces;
      }
      const next = buffer[at + 3];
      const isOpen = next === undefined || (next === cr && at + 4 >= buffer.length);
      if (isOpen) {
        emit(at);
        this.#tail = Buffer.from(buffer.subarray(at));
        return pieces;
      }
      if (next === cr && buffer[at + 4] === lf) {
        emit(at + 2);
        this.#rest = buffer.subarray(at + 5);
        return pieces;
      }
      const keepsDot = next === cr || next === lf;
      emit(at + (keepsDot ? 3 : 2));
      from = at + 3;
    }
  }
}

/** How many bytes at the end may begin a CRLF and a dot. */
function heldBack(buffer: Buffer, from: number): number {
  const { length } = buffer;
  if (length - from >= 2 && buffer[length - 2] === cr && buffer[length - 1] === lf) return 2;
  return length > from && buffer[length - 1] === cr ? 1 : 0;
}
