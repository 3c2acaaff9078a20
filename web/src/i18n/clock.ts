/** A day and an hour of somebody's clock: 2026-11-24 and 08:00. */
export interface ClockTime {
  readonly day: string;
  readonly time: string;
}

/** What a clock of the zone shows at an instant. */
export function clockAt(instant: Date, timeZone: string | undefined): ClockTime {
  const parts = new Intl.DateTimeFormat("en-CA", {
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone,
  }).formatToParts(instant);
  const of = (type: string) => parts.find((part) => part.type === type)?.value ?? "";
  return { day: `${of("year")}-${of("month")}-${of("day")}`, time: `${of("hour")}:${of("minute")}` };
}

/**
 * The instant at which a clock of the zone shows this; undefined for what is no time. An hour that is skipped in spring is taken as
 * the one after; of an hour that comes twice in autumn, the first.
 */
export function instantAt({ day, time }: ClockTime, timeZone: string | undefined): Date | undefined {
  // Date.parse makes a time of nearly anything.
  const wanted = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(`${day}T${time}`) ? Date.parse(`${day}T${time}:00Z`) : Number.NaN;
  if (Number.isNaN(wanted)) return undefined;
  const offsetAt = (instant: number) => {
    const shown = clockAt(new Date(instant), timeZone);
    return Date.parse(`${shown.day}T${shown.time}:00Z`) - instant;
  };
  // The offsets of the day before and after hold on either side of a change.
  const earlier = wanted - offsetAt(wanted - 86_400_000);
  const later = wanted - offsetAt(wanted + 86_400_000);
  const fits = [earlier, later].filter((instant) => instant + offsetAt(instant) === wanted).sort((a, b) => a - b);
  return new Date(fits[0] ?? Math.max(earlier, later));
}
