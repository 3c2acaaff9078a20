import type { UTCDate } from "@bouquet/contract/jmap.ts";
import type { VacationRule } from "@bouquet/contract/jmap-filters.ts";
import { clockAt, instantAt } from "../../i18n/clock.ts";
import { formatFullDate, formatTime, type When } from "../../i18n/format.ts";

export type AbsenceState = "off" | "planned" | "active" | "over";

export function absenceState(rule: Pick<VacationRule, "isEnabled" | "from" | "until">, now: number): AbsenceState {
  if (!rule.isEnabled) return "off";
  if (rule.until !== null && Date.parse(rule.until) <= now) return "over";
  return rule.from !== null && Date.parse(rule.from) > now ? "planned" : "active";
}

/** For a `datetime-local` field, on a clock of the zone; empty for none. */
export function toLocalTime(moment: UTCDate | null, timeZone: string): string {
  if (moment === null) return "";
  const { day, time } = clockAt(new Date(moment), timeZone);
  return `${day}T${time}`;
}

/** The way back; null for an empty or unfinished field. */
export function fromLocalTime(text: string, timeZone: string): UTCDate | null {
  const [day = "", time = ""] = text.split("T");
  const instant = instantAt({ day, time }, timeZone);
  return instant ? `${instant.toISOString().slice(0, 19)}Z` : null;
}

/** « 15 décembre 2026 à 18:00 » */
export function longMoment(moment: UTCDate, when: When): string {
  const join = when.language === "fr" ? "à" : "at";
  return `${formatFullDate(moment, when)} ${join}\u00a0${formatTime(moment, when)}`;
}
