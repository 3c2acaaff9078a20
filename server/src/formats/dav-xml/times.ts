/** Years 1 to 9999: what the dates of HTTP and of RFC 3339 can say, and the database keep. Milliseconds since 1970. */
const firstTime = -62_135_596_800_000;
const lastTime = 253_402_300_799_999;

/** Whole seconds since 1970, as clients write times in headers, some of them with a fraction. @returns undefined when malformed */
export function parseSeconds(text: string): Date | undefined {
  return /^-?\d{1,12}(\.\d{1,9})?$/.test(text) ? toDate(Math.trunc(Number(text)) * 1_000) : undefined;
}

/** The same, or a date of HTTP or of ISO 8601: clients write all three in XML. @returns undefined when malformed */
export function parseTime(text: string): Date | undefined {
  return parseSeconds(text) ?? toDate(/^-?[\d.]+$/.test(text) ? Number.NaN : Date.parse(text));
}

function toDate(milliseconds: number): Date | undefined {
  return milliseconds >= firstTime && milliseconds <= lastTime ? new Date(milliseconds) : undefined;
}
