/*
 * Columns of thousands of rows in one row: each column is one text, its values one after the other. The driver would take several times
 * as long for the rows as the database does; it reads no binary results, so numbers are written in digits.
 */

/** Reads what `string_agg(<integer>::text, ',')` gave. */
export function readNumbers(text: string | null): Float64Array {
  if (text === null || text === "") return new Float64Array(0);
  let length = 1;
  for (let at = text.indexOf(","); at !== -1; at = text.indexOf(",", at + 1)) length += 1;
  const numbers = new Float64Array(length);
  let number = 0;
  let index = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 44) {
      numbers[index] = number;
      index += 1;
      number = 0;
    } else number = number * 10 + (code - 48);
  }
  numbers[index] = number;
  return numbers;
}

/** The same for values without a comma, e.g. UUIDs. */
export function readTexts(text: string | null): string[] {
  return text === null ? [] : text.split(",");
}

/**
 * Reads texts that may contain anything, from `string_agg(<text>, '')`.
 * @param lengths what `string_agg(octet_length(<text>)::text, ',')` gave
 * @returns in UTF-8, views of one buffer
 */
export function readUtf8(text: string | null, lengths: string | null): Buffer[] {
  const bytes = Buffer.from(text ?? "");
  let at = 0;
  return Array.from(readNumbers(lengths), (length) => {
    const from = at;
    at += length;
    return bytes.subarray(from, at);
  });
}

const headerBytes = 20;
const int8 = 20;

/** Writes uids as a parameter for `bigint[]`, in PostgreSQL's binary format (array_recv), which spares both sides the digits. */
export function writeUids(uids: ArrayLike<number>): Buffer {
  const bytes = Buffer.alloc(uids.length === 0 ? 12 : headerBytes + uids.length * 12);
  // Dimensions; whether there are NULLs; element type; length and lower bound of the dimension.
  bytes.writeInt32BE(uids.length === 0 ? 0 : 1, 0);
  bytes.writeInt32BE(int8, 8);
  if (uids.length === 0) return bytes;
  bytes.writeInt32BE(uids.length, 12);
  bytes.writeInt32BE(1, 16);
  for (let index = 0, at = headerBytes; index < uids.length; index += 1, at += 12) {
    bytes.writeInt32BE(8, at);
    bytes.writeUInt32BE(uids[index]!, at + 8);
  }
  return bytes;
}
