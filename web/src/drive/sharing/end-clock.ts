import { type ClockTime, clockAt, instantAt } from "../../i18n/clock.ts";

/*
 * Until when a share holds, as a form shows it on the person's own clock: without an hour to the end of its day, without a day for
 * ever.
 */

const lastMinute = "23:59";

/** Null for ever, and for what is no day. */
export function endAt({ day, time }: ClockTime, timeZone: string | undefined): string | null {
  const isWholeDay = time === "" || time === lastMinute;
  const minute = instantAt({ day, time: isWholeDay ? lastMinute : time }, timeZone);
  return minute ? new Date(minute.getTime() + (isWholeDay ? 59_000 : 0)).toISOString() : null;
}

export function clockOfEnd(end: string | null, timeZone: string | undefined): ClockTime {
  if (end === null) return { day: "", time: "" };
  const { day, time } = clockAt(new Date(end), timeZone);
  return { day, time: time === lastMinute ? "" : time };
}

/** The day that is so many days or months later; the 31st of a short month is its last day. @param day as 2026-11-23 */
export function later(day: string, step: { days?: number; months?: number }): string {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  const first = new Date(Date.UTC(year, month - 1 + (step.months ?? 0), 1));
  const lastDate = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  first.setUTCDate(Math.min(date, lastDate) + (step.days ?? 0));
  return first.toISOString().slice(0, 10);
}
