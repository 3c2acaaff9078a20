import { formatNumber, type Language, localeOf } from "./language.ts";

const units = { fr: ["octets", "Ko", "Mo", "Go", "To"], en: ["bytes", "KB", "MB", "GB", "TB"] } as const;

/** Size in decimal units as quotas are sold: 2 400 000 → « 2,4 Mo », with a no-break space; one decimal below 100. */
export function formatBytes(language: Language, bytes: number): string {
  let value = Math.max(0, bytes);
  let unit = 0;
  while (value >= 999.5 && unit < 4) {
    value /= 1000;
    unit += 1;
  }
  const rounded = unit === 0 || value >= 100 ? Math.round(value) : Math.round(value * 10) / 10;
  const word =
    unit === 0 && rounded < 2 && (language === "fr" || rounded === 1)
      ? language === "fr"
        ? "octet"
        : "byte"
      : units[language][unit];
  return `${formatNumber(language, rounded)}\u00a0${word}`;
}

/** « 3,1 Go sur 10 Go » */
export function formatUsage(language: Language, used: number, limit: number): string {
  const join = language === "fr" ? "sur" : "of";
  return `${formatBytes(language, used)} ${join} ${formatBytes(language, limit)}`;
}

/** A percentage for people: « 64 % » in French, “64%” in English. `ratio` from 0 to 1. */
export function formatPercent(language: Language, ratio: number): string {
  const value = Math.round(Math.min(1, Math.max(0, ratio)) * 100);
  return language === "fr" ? `${value}\u00a0%` : `${value}%`;
}

export interface When {
  readonly language: Language;
  /** Present instant; passed for tests. */
  readonly now?: Date;
  /** IANA name; the browser's own when absent. */
  readonly timeZone?: string;
}

interface DayParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

function dayParts(date: Date, timeZone: string | undefined): DayParts {
  const parts = new Intl.DateTimeFormat("en-US", {
    year: "numeric",
    month: "numeric",
    day: "numeric",
    timeZone,
  }).formatToParts(date);
  const of = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  return { year: of("year"), month: of("month"), day: of("day") };
}

function daysBetween(a: DayParts, b: DayParts): number {
  return Math.round((Date.UTC(b.year, b.month - 1, b.day) - Date.UTC(a.year, a.month - 1, a.day)) / 86_400_000);
}

function inOneLine(text: string): string {
  return text.replaceAll(/[\u202f ]/g, "\u00a0");
}

/** « 14:32 », « 8:50 »: 24 hours in both languages, no leading zero. */
export function formatTime(instant: Date | string, { language, timeZone }: When): string {
  return new Intl.DateTimeFormat(localeOf(language), {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone,
  })
    .format(new Date(instant))
    .replace(/^0/, "");
}

/**
 * The date of a list row, on calendar days of the reader: « 14:32 » today, « hier », « lun. 23 nov. » in the past or next
 * eleven months, « 23 nov. 2025 » beyond. Empty for an invalid date.
 */
export function formatShortDate(instant: Date | string, when: When): string {
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) return "";
  const { language, timeZone } = when;
  const now = when.now ?? new Date();
  const ago = daysBetween(dayParts(date, timeZone), dayParts(now, timeZone));
  if (ago === 0) return formatTime(date, when);
  if (ago === 1) return language === "fr" ? "hier" : "yesterday";
  if (ago === -1) return language === "fr" ? "demain" : "tomorrow";
  const options: Intl.DateTimeFormatOptions =
    Math.abs(ago) < 330
      ? { weekday: "short", day: "numeric", month: "short", timeZone }
      : { day: "numeric", month: "short", year: "numeric", timeZone };
  return inOneLine(new Intl.DateTimeFormat(localeOf(language), options).format(date));
}

/** The same inside a sentence: « à 14:32 », « hier », « le lun. 23 nov. ». */
export function formatDateInSentence(instant: Date | string, when: When): string {
  const short = formatShortDate(instant, when);
  if (/^\d{1,2}:\d\d$/.test(short)) return `${when.language === "fr" ? "à" : "at"}\u00a0${short}`;
  return /\d/.test(short) ? `${when.language === "fr" ? "le" : "on"}\u00a0${short}` : short;
}

/** « lundi 23 novembre », without the year. */
export function formatDay(instant: Date | string, { language, timeZone }: When): string {
  return new Intl.DateTimeFormat(localeOf(language), {
    weekday: "long",
    day: "numeric",
    month: "long",
    timeZone,
  }).format(new Date(instant));
}

/** « 15 décembre 2026 », for what will happen or must be precise. */
export function formatFullDate(instant: Date | string, { language, timeZone }: When): string {
  return new Intl.DateTimeFormat(localeOf(language), {
    day: "numeric",
    month: "long",
    year: "numeric",
    timeZone,
  }).format(new Date(instant));
}

/** « lundi 23 novembre 2026 à 14:32 », for tooltips and message heads. */
export function formatDateTime(instant: Date | string, when: When): string {
  const day = new Intl.DateTimeFormat(localeOf(when.language), { dateStyle: "full", timeZone: when.timeZone }).format(
    new Date(instant),
  );
  return `${day} ${when.language === "fr" ? "à" : "at"}\u00a0${formatTime(instant, when)}`;
}

/** Until when something holds: « 15 décembre 2026 », with its hour when that is not the last of the day. */
export function formatEnd(instant: Date | string, when: When): string {
  const day = formatFullDate(instant, when);
  const hour = formatTime(instant, when);
  return hour === "23:59" ? day : `${day} ${when.language === "fr" ? "à" : "at"}\u00a0${hour}`;
}
