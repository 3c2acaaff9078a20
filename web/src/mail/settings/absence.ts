import type { UTCDate } from "@bouquet/contract/jmap.ts";
import type { VacationRule } from "@bouquet/contract/jmap-filters.ts";
import { formatFullDate, formatTime } from "../../i18n/format.ts";
import type { Language } from "../../i18n/language.ts";

export type AbsenceState = "off" | "planned" | "active" | "over";

export function absenceState(rule: Pick<VacationRule, "isEnabled" | "from" | "until">, now: number): AbsenceState {
  if (!rule.isEnabled) return "off";
  if (rule.until !== null && Date.parse(rule.until) <= now) return "over";
  return rule.from !== null && Date.parse(rule.from) > now ? "planned" : "active";
}

/** For a `datetime-local` field, in the time of this computer; empty for none. */
export function toLocalTime(moment: UTCDate | null): string {
  if (moment === null) return "";
  const date = new Date(moment);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** The way back; null for an empty or unfinished field. */
export function fromLocalTime(text: string): UTCDate | null {
  const date = new Date(text);
  return text === "" || Number.isNaN(date.getTime()) ? null : `${date.toISOString().slice(0, 19)}Z`;
}

/** « 15 décembre 2026 à 18:00 », in the time of this computer, as the fields are. */
export function longMoment(moment: UTCDate, language: Language): string {
  const join = language === "fr" ? "à" : "at";
  return `${formatFullDate(moment, { language })} ${join}\u00a0${formatTime(moment, { language })}`;
}
