/** A moment, and how far east of UTC it is looked at. */
export interface SieveDate {
  readonly at: Date;
  readonly offsetMinutes: number;
}

export type DatePart = (date: SieveDate) => string;

const days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const pad = (value: number, width = 2): string => String(value).padStart(width, "0");

/** The wall clock of the zone, as the UTC fields of a Date. */
function local({ at, offsetMinutes }: SieveDate): Date {
  return new Date(at.getTime() + offsetMinutes * 60_000);
}

function zoneText(offsetMinutes: number, separator = ""): string {
  const size = Math.abs(offsetMinutes);
  return `${offsetMinutes < 0 ? "-" : "+"}${pad(Math.floor(size / 60))}${separator}${pad(size % 60)}`;
}

const day = (date: SieveDate): string => {
  const when = local(date);
  return `${pad(when.getUTCFullYear(), 4)}-${pad(when.getUTCMonth() + 1)}-${pad(when.getUTCDate())}`;
};

const time = (date: SieveDate): string => {
  const when = local(date);
  return `${pad(when.getUTCHours())}:${pad(when.getUTCMinutes())}:${pad(when.getUTCSeconds())}`;
};

/** 40,587 is the modified Julian day of 1970-01-01. */
const modifiedJulianDay = (date: SieveDate): number => Math.floor(local(date).getTime() / 86_400_000) + 40_587;

/** RFC 5260 section 4.2. */
const dateParts: Readonly<Record<string, DatePart>> = {
  year: (date) => pad(local(date).getUTCFullYear(), 4),
  month: (date) => pad(local(date).getUTCMonth() + 1),
  day: (date) => pad(local(date).getUTCDate()),
  date: day,
  julian: (date) => String(modifiedJulianDay(date)),
  hour: (date) => pad(local(date).getUTCHours()),
  minute: (date) => pad(local(date).getUTCMinutes()),
  second: (date) => pad(local(date).getUTCSeconds()),
  time,
  iso8601: (date) => `${day(date)}T${time(date)}${zoneText(date.offsetMinutes, ":")}`,
  std11: (date) => {
    const when = local(date);
    const written = `${pad(when.getUTCDate())} ${months[when.getUTCMonth()]} ${pad(when.getUTCFullYear(), 4)}`;
    return `${days[when.getUTCDay()]}, ${written} ${time(date)} ${zoneText(date.offsetMinutes)}`;
  },
  zone: (date) => zoneText(date.offsetMinutes),
  weekday: (date) => String(local(date).getUTCDay()),
};

export function readDatePart(name: string): DatePart | undefined {
  const key = name.toLowerCase();
  return Object.hasOwn(dateParts, key) ? dateParts[key] : undefined;
}

/** `+0100`; undefined when it is no zone. */
export function readZone(text: string): number | undefined {
  const found = /^([+-])(\d{2})([0-5]\d)$/.exec(text);
  if (!found || Number(found[2]) > 23) return undefined;
  return (found[1] === "-" ? -1 : 1) * (Number(found[2]) * 60 + Number(found[3]));
}

const namedZones: Readonly<Record<string, number>> = {
  EST: -300,
  EDT: -240,
  CST: -360,
  CDT: -300,
  MST: -420,
  MDT: -360,
  PST: -480,
  PDT: -420,
};

/** The date of a field: what follows the last semicolon, as in Received. Undefined when there is none. */
export function toSieveDate(value: string, parseDate: (text: string) => Date | null): SieveDate | undefined {
  const text = value
    .slice(value.lastIndexOf(";") + 1)
    .replace(/\([^()]*\)/g, " ")
    .trim();
  const at = parseDate(text);
  if (!at) return undefined;
  const zone = /(?:([+-]\d{4})|\b([A-Z]{3}))$/i.exec(text);
  const offsetMinutes = (zone?.[1] && readZone(zone[1])) || namedZones[zone?.[2]?.toUpperCase() ?? ""] || 0;
  return { at, offsetMinutes };
}

const formats = new Map<string, Intl.DateTimeFormat | null>();

/** The offset of a place at a moment; UTC for a zone that does not exist. */
export function zonedDate(at: Date, timeZone: string): SieveDate {
  let format = formats.get(timeZone);
  if (format === undefined) {
    try {
      format = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
    } catch {
      format = null;
    }
    if (formats.size < 500) formats.set(timeZone, format);
  }
  const name = format?.formatToParts(at).find((part) => part.type === "timeZoneName")?.value ?? "";
  const found = /GMT([+-])(\d{2}):(\d{2})/.exec(name);
  const offsetMinutes = found ? (found[1] === "-" ? -1 : 1) * (Number(found[2]) * 60 + Number(found[3])) : 0;
  return { at, offsetMinutes };
}
