import { BadSyntax } from "./bad-syntax.ts";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DATE = /^(\d{1,2})-([A-Za-z]{3})-(\d{4})$/;
const DATE_TIME = /^([ \d]\d)-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)$/;

/**
 * Parses the date of SEARCH, `1-Feb-2026`, to `2026-02-01`.
 * @throws BadSyntax
 */
export function parseDate(text: string): string {
  const match = DATE.exec(text);
  const iso = match === null ? null : isoDate(match[3]!, match[2]!, match[1]!);
  if (iso === null) throw new BadSyntax(`"${text.slice(0, 30)}" is not a date such as 1-Feb-2026.`);
  return iso;
}

/**
 * Parses the date-time of APPEND, ` 1-Feb-2026 08:30:00 +0100` (without quotes).
 * @throws BadSyntax
 */
export function parseDateTime(text: string): Date {
  const match = DATE_TIME.exec(text);
  if (match !== null) {
    const iso = isoDate(match[3]!, match[2]!, match[1]!.trim());
    const zone = `${match[7]}${match[8]}:${match[9]}`;
    const date = new Date(`${iso}T${match[4]}:${match[5]}:${match[6] === "60" ? "59" : match[6]}${zone}`);
    if (iso !== null && !Number.isNaN(date.getTime())) return date;
  }
  throw new BadSyntax(`"${text.slice(0, 40)}" is not a date and time.`);
}

/** Writes an INTERNALDATE in UTC, with its quotes. */
export function writeDateTime(date: Date): string {
  const two = (number: number) => String(number).padStart(2, "0");
  const day = String(date.getUTCDate()).padStart(2, " ");
  const year = String(Math.min(Math.max(date.getUTCFullYear(), 0), 9999)).padStart(4, "0");
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  return `"${day}-${MONTHS[date.getUTCMonth()]}-${year} ${time} +0000"`;
}

function isoDate(year: string, monthName: string, day: string): string | null {
  const month = MONTHS.findIndex((name) => name.toLowerCase() === monthName.toLowerCase());
  const date = new Date(`${year}-01-01T00:00:00Z`);
  date.setUTCMonth(month, Number(day));
  if (month === -1 || Number(day) === 0 || date.getUTCMonth() !== month) return null;
  return `${year}-${String(month + 1).padStart(2, "0")}-${day.padStart(2, "0")}`;
}
