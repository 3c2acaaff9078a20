/**
 * Decodes the first uuencoded file in `bytes` (between its "begin" and "end" lines). Bytes without a "begin" line are returned
 * as they are. Never throws; a truncated file gives what there is.
 */
export function decodeUuencode(bytes: Buffer): Buffer {
  const lines = bytes.toString("latin1").split(/\r?\n/);
  const begin = lines.findIndex((line) => /^begin(?:-base64)? [0-7]{3,4} /.test(line));
  if (begin < 0) return bytes;
  const end = lines.findIndex((line, index) => index > begin && /^(?:end|====)\s*$/.test(line));
  const body = lines.slice(begin + 1, end < 0 ? lines.length : end);
  if (lines[begin]!.startsWith("begin-base64")) return Buffer.from(body.join(""), "base64");
  return Buffer.concat(body.map(decodeLine));
}

function decodeLine(line: string): Buffer {
  const length = line === "" ? 0 : (line.charCodeAt(0) - 32) & 63;
  const target = Buffer.alloc(length);
  for (let i = 0, from = 1; i < length; i += 3, from += 4) {
    const value =
      (sextet(line, from) << 18) |
      (sextet(line, from + 1) << 12) |
      (sextet(line, from + 2) << 6) |
      sextet(line, from + 3);
    target[i] = value >> 16;
    if (i + 1 < length) target[i + 1] = (value >> 8) & 255;
    if (i + 2 < length) target[i + 2] = value & 255;
  }
  return target;
}

/** Trailing spaces, which stand for zero, are often lost on the way. */
function sextet(line: string, index: number): number {
  return index < line.length ? (line.charCodeAt(index) - 32) & 63 : 0;
}
