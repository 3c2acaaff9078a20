/*
 * PostgreSQL's binary format of arrays (src/backend/utils/adt/arrayfuncs.c, array_send): int32 dimensions, int32 has-null, int32
 * element type; for each dimension int32 length and int32 lower bound; then each element as int32 byte length (-1: NULL) and bytes.
 */

/** Days from PostgreSQL's zero (2000-01-01) to that of Unix, in milliseconds. */
const epochMs = 946_684_800_000;
const headerBytes = 20;

function lengthOf(array: Buffer | null): number {
  return array === null || array.readInt32BE(0) === 0 ? 0 : array.readInt32BE(12);
}

/** Reads `bigint[]` whose elements are below 2^53 and never NULL. */
export function readInt8Array(array: Buffer | null): Float64Array {
  const length = lengthOf(array);
  const numbers = new Float64Array(length);
  if (array === null) return numbers;
  for (let index = 0, at = headerBytes + 4; index < length; index += 1, at += 12) {
    numbers[index] = array.readInt32BE(at) * 0x1_0000_0000 + array.readUInt32BE(at + 4);
  }
  return numbers;
}

/** Reads `bigint[]` of uids, which fit 32 bits. */
export function readUidArray(array: Buffer | null): Uint32Array {
  const length = lengthOf(array);
  const numbers = new Uint32Array(length);
  if (array === null) return numbers;
  for (let index = 0, at = headerBytes + 8; index < length; index += 1, at += 12)
    numbers[index] = array.readUInt32BE(at);
  return numbers;
}

/** Reads `timestamptz[]` as milliseconds since 1970. */
export function readTimeArray(array: Buffer | null): Float64Array {
  const times = readInt8Array(array);
  for (let index = 0; index < times.length; index += 1) times[index] = Math.floor(times[index]! / 1000) + epochMs;
  return times;
}

/** Reads `text[]` or `bytea[]`: views of the buffer, undefined for NULL. */
export function readBytesArray(array: Buffer | null): (Buffer | undefined)[] {
  const length = lengthOf(array);
  const elements = new Array<Buffer | undefined>(length);
  if (array === null) return elements;
  for (let index = 0, at = headerBytes; index < length; index += 1) {
    const size = array.readInt32BE(at);
    at += 4;
    if (size < 0) continue;
    elements[index] = array.subarray(at, at + size);
    at += size;
  }
  return elements;
}

/** Reads `uuid[]`. */
export function readUuidArray(array: Buffer | null): string[] {
  return readBytesArray(array).map((each) => {
    const hex = each!.toString("hex");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  });
}

/** Reads one `bigint`. */
export function readInt8(value: Buffer): number {
  return value.readInt32BE(0) * 0x1_0000_0000 + value.readUInt32BE(4);
}

/** Writes `bigint[]` as a parameter: the driver would write and PostgreSQL parse each number as text. */
export function writeUidArray(uids: ArrayLike<number>): Buffer {
  const bytes = Buffer.allocUnsafe(uids.length === 0 ? 12 : headerBytes + uids.length * 12);
  bytes.writeInt32BE(uids.length === 0 ? 0 : 1, 0);
  bytes.writeInt32BE(0, 4);
  bytes.writeInt32BE(20, 8);
  if (uids.length === 0) return bytes;
  bytes.writeInt32BE(uids.length, 12);
  bytes.writeInt32BE(1, 16);
  for (let index = 0, at = headerBytes; index < uids.length; index += 1, at += 12) {
    bytes.writeInt32BE(8, at);
    bytes.writeUInt32BE(0, at + 4);
    bytes.writeUInt32BE(uids[index]!, at + 8);
  }
  return bytes;
}
