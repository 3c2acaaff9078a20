import { OcsError } from "../ocs/ocs-route.ts";

/**
 * When a share ends, as clients write it: a day, whose last second counts, or an instant. An empty text takes the end away.
 * @param timeZone of the person
 * @param before what it was: a client that knows days only and sends the same one changes nothing
 * @returns undefined for nothing said, or the same day
 * @throws OcsError 404, as Nextcloud says it
 */
export function readShareEnd(
  text: string | undefined,
  timeZone: string,
  before?: Date | null,
): Date | null | undefined {
  if (text === undefined) return undefined;
  if (text === "") return null;
  const wrong = () => new OcsError(404, "Invalid date. Format must be YYYY-MM-DD");
  try {
    if (/^\d{4}-\d{2}-\d{2}(?:[T ]00:00:00(?:\.0+)?)?$/.test(text)) {
      const day = Temporal.PlainDate.from(text.slice(0, 10));
      if (before && dayOf(before, timeZone) === day.toString()) return undefined;
      const next = day.add({ days: 1 }).toZonedDateTime(timeZone);
      return new Date(next.epochMilliseconds - 1_000);
    }
    return new Date(Temporal.Instant.from(text).epochMilliseconds);
  } catch {
    throw wrong();
  }
}

/** Clients read a day, with zeros for its time, and nothing else. */
export function writeShareEnd(end: Date | null, timeZone: string): string | null {
  return end && `${dayOf(end, timeZone)} 00:00:00`;
}

function dayOf(instant: Date, timeZone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(instant.getTime())
    .toZonedDateTimeISO(timeZone)
    .toPlainDate()
    .toString();
}
