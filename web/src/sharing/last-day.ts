import { formatEnd, formatFullDate, formatTime, type When } from "../i18n/format.ts";

/** Until when a link works: « 18:30 » on its last day, « 15 décembre » this year or « 15 décembre à 17:00 », « 15 janvier 2027 » beyond. */
export function formatLastDay(instant: string, when: When): string {
  const now = when.now ?? new Date();
  const day = formatFullDate(instant, when);
  const today = formatFullDate(now, when);
  if (day === today) return formatTime(instant, when);
  const year = /\d{4}$/.exec(today)?.[0];
  const end = formatEnd(instant, when);
  return year && day.endsWith(year) ? end.replace(day, day.slice(0, -year.length).trimEnd()) : end;
}
