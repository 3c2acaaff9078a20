const base = 65_521;

/** How many bytes can be added before a sum leaves 32 bits (RFC 1950 section 9, NMAX). */
const slice = 5_552;

/** The checksum of RFC 1950 section 8.2, of bytes that come in pieces. */
export class Adler32 {
  #a = 1;
  #b = 0;

  update(bytes: Uint8Array): void {
    let a = this.#a;
    let b = this.#b;
    for (let start = 0; start < bytes.length; start += slice) {
      const end = Math.min(start + slice, bytes.length);
      for (let at = start; at < end; at++) {
        a += bytes[at]!;
        b += a;
      }
      a %= base;
      b %= base;
    }
    this.#a = a;
    this.#b = b;
  }

  digest(): Buffer {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt16BE(this.#b, 0);
    bytes.writeUInt16BE(this.#a, 2);
    return bytes;
  }
}
