import { PassThrough, Transform } from "node:stream";
import { decodeUuencode } from "./decode-uuencode.ts";

const equals = 0x3d;
const lineFeed = 10;
const carriageReturn = 13;
// White space held back at the end of a chunk; a line of a message has at most 998 characters (RFC 5322 §2.1.1).
const maxHeld = 1000;

/**
 * Undoes a Content-Transfer-Encoding. Unknown encodings are returned as they are, like 7bit, 8bit and binary. Lenient and never
 * throws: characters outside the base64 alphabet are skipped, bad quoted-printable sequences are kept.
 */
export function decodeTransferEncoding(bytes: Buffer, encoding: string): Buffer {
  switch (encoding.toLowerCase()) {
    case "base64":
      return decodeBase64(bytes.toString("latin1"));
    case "quoted-printable":
      return decodeQuotedPrintable(bytes, true).output;
    case "x-uuencode":
    case "uuencode":
    case "x-uue":
      return decodeUuencode(bytes);
    default:
      return bytes;
  }
}

/** The same as a stream, in constant memory (uuencode excepted: it is held whole and is only seen in old small messages). */
export function createTransferDecoder(encoding: string): Transform {
  switch (encoding.toLowerCase()) {
    case "base64":
      return createBase64Decoder();
    case "quoted-printable":
      return createQuotedPrintableDecoder();
    case "x-uuencode":
    case "uuencode":
    case "x-uue":
      return createWholeDecoder(decodeUuencode);
    default:
      return new PassThrough();
  }
}

/** Some senders join padded pieces; Buffer stops at the first padding, so what has any inside is decoded here. */
function decodeBase64(text: string): Buffer {
  const padding = text.indexOf("=");
  if (padding < 0 || !/[A-Za-z0-9+/]/.test(text.slice(padding))) return Buffer.from(text, "base64");
  const output = Buffer.allocUnsafe(Math.ceil(text.length / 4) * 3);
  let size = 0;
  let bits = 0;
  let value = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === equals) bits = 0;
    const sextet = base64Sextet(code);
    if (sextet < 0) continue;
    value = ((value << 6) | sextet) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    output[size++] = value >> bits;
  }
  return output.subarray(0, size);
}

function base64Sextet(code: number): number {
  if (code >= 65 && code <= 90) return code - 65;
  if (code >= 97 && code <= 122) return code - 71;
  if (code >= 48 && code <= 57) return code + 4;
  if (code === 43 || code === 45) return 62;
  return code === 47 || code === 95 ? 63 : -1;
}

function createBase64Decoder(): Transform {
  let held = "";
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const text = held + chunk.toString("latin1").replace(/[^A-Za-z0-9+/=_-]+/g, "");
      const padding = text.lastIndexOf("=") + 1;
      const whole = padding + Math.floor((text.length - padding) / 4) * 4;
      held = text.slice(whole);
      done(null, decodeBase64(text.slice(0, whole)));
    },
    flush(done) {
      done(null, decodeBase64(held));
    },
  });
}

function createQuotedPrintableDecoder(): Transform {
  let held: Buffer = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const input = held.length > 0 ? Buffer.concat([held, chunk]) : chunk;
      const { output, consumed } = decodeQuotedPrintable(input, false);
      held = Buffer.from(input.subarray(consumed));
      done(null, output);
    },
    flush(done) {
      done(null, decodeQuotedPrintable(held, true).output);
    },
  });
}

function createWholeDecoder(decode: (bytes: Buffer) => Buffer): Transform {
  const chunks: Buffer[] = [];
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
    flush(done) {
      done(null, decode(Buffer.concat(chunks)));
    },
  });
}

/** RFC 2045 §6.7. With `final` false the tail that could still change its meaning is left unconsumed. */
function decodeQuotedPrintable(input: Buffer, final: boolean): { output: Buffer; consumed: number } {
  const output = Buffer.allocUnsafe(input.length);
  const length = input.length;
  let size = 0;
  let i = 0;
  while (i < length) {
    const byte = input[i]!;
    if (byte !== equals && !isBlank(byte)) {
      output[size++] = byte;
      i++;
      continue;
    }
    let after = byte === equals ? i + 1 : i;
    while (after < length && isBlank(input[after]!)) after++;
    const lineEnd = lineEndLength(input, after);
    const undecided = after === length || (after + 1 === length && input[after] === carriageReturn);
    const waitsForHex = byte === equals && after === i + 1 && length - i < 3;
    if (!final && (undecided || waitsForHex) && length - i < maxHeld) break;
    if (byte === equals) {
      const value = hexPair(input, i + 1);
      if (value >= 0) {
        output[size++] = value;
        i += 3;
      } else if (lineEnd > 0 || after === length) {
        i = after + lineEnd;
      } else {
        output[size++] = byte;
        i++;
      }
    } else if (lineEnd > 0 || after === length) {
      // White space at the end of a line was added on the way.
      i = after;
    } else {
      while (i < after) output[size++] = input[i++]!;
    }
  }
  return { output: output.subarray(0, size), consumed: i };
}

function isBlank(byte: number): boolean {
  return byte === 32 || byte === 9;
}

function lineEndLength(input: Buffer, at: number): number {
  if (input[at] === lineFeed) return 1;
  return input[at] === carriageReturn && input[at + 1] === lineFeed ? 2 : 0;
}

function hexPair(input: Buffer, at: number): number {
  const high = hexDigit(input[at]);
  const low = hexDigit(input[at + 1]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

function hexDigit(code: number | undefined): number {
  if (code === undefined) return -1;
  if (code >= 48 && code <= 57) return code - 48;
  if (code >= 65 && code <= 70) return code - 55;
  if (code >= 97 && code <= 102) return code - 87;
  return -1;
}
