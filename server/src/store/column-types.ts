import pg from "pg";

// Sizes, uids and modseqs stay far below 2^53: numbers, not strings.
const int8 = 20;
const numeric = 1700;
const timestamptz = 1184;
const uuidArray = 2951;

const readTimestamp: (text: string) => unknown = pg.types.getTypeParser(timestamptz);
const readUuids: (text: string) => unknown = pg.types.getTypeParser(uuidArray as number);

/** How columns become values. Times and lists of ids make up most of what listings read: the driver's own parsers take three to ten times as long. */
export const columnTypes: pg.CustomTypesConfig = {
  getTypeParser(oid, format) {
    if (oid === int8 || oid === numeric) return (value: string) => Number(value);
    if (format !== "binary" && (oid as number) === timestamptz) return parseTimestamp;
    if (format !== "binary" && (oid as number) === uuidArray) return parseUuids;
    return pg.types.getTypeParser(oid as number, format);
  },
};

/** `2026-11-23 20:28:41.123456+00`, cut to milliseconds; what is written in another way is left to the driver. */
export function parseTimestamp(text: string): unknown {
  const length = text.length;
  const isPlain = length >= 22 && length <= 29 && text.charCodeAt(10) === space && text.endsWith("+00");
  if (!isPlain) return readTimestamp(text);
  const fraction =
    length === 22
      ? 0
      : Number(
          text
            .slice(20, length - 3)
            .padEnd(3, "0")
            .slice(0, 3),
        );
  const year = 100 * twoDigits(text, 0) + twoDigits(text, 2);
  // Date.UTC takes years below 100 for those of the last century.
  if (year < 100) return readTimestamp(text);
  const [month, day, hour] = [twoDigits(text, 5) - 1, twoDigits(text, 8), twoDigits(text, 11)];
  return new Date(Date.UTC(year, month, day, hour, twoDigits(text, 14), twoDigits(text, 17), fraction));
}

const space = 32;
const zero = 48;

function twoDigits(text: string, at: number): number {
  return 10 * (text.charCodeAt(at) - zero) + text.charCodeAt(at + 1) - zero;
}

/** One dimension without nulls; the rest is left to the driver. */
export function parseUuids(text: string): unknown {
  if (text === "{}") return [];
  if (text.startsWith("{{") || text.startsWith("[") || text.includes("NULL")) return readUuids(text);
  return text.slice(1, -1).split(",");
}
