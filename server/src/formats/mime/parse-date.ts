const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const zones: Record<string, number> = {
  EST: -300,
  EDT: -240,
  CST: -360,
  CDT: -300,
  MST: -420,
  MDT: -360,
  PST: -480,
  PDT: -420,
  CET: 60,
  CEST: 120,
  MET: 60,
  MEST: 120,
};

const dayFirst =
  /^(?:[^\s,\d]+\s*,?\s*)?(\d{1,2})[\s-]+([a-z]{3})[a-z]*\.?[\s,-]+(\d{2,4})[\s,]+(\d{1,2}) ?[:.] ?(\d{1,2})(?: ?[:.] ?(\d{1,2}))?(?:[.,]\d{1,9})?\s*(.{0,20})/i;
const asctime =
  /^(?:[a-z]+\s*,?\s+)?([a-z]{3})[a-z]*\s+(\d{1,2})\s+(\d{1,2}):(\d{2}):(\d{2})\s+(?:([a-z]+)\s+)?(\d{4})/i;
const iso = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?$/i;

/**
 * Parses a Date field (RFC 5322 §3.3) with the obsolete years and zones of §4.3, comments, asctime and ISO 8601 forms.
 * A missing or unknown zone is UTC. Null when it is no date or the date does not exist.
 */
export function parseDate(value: string): Date | null {
  const text = value
    .slice(0, 200)
    .replace(/\([^()]*\)/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  const match = dayFirst.exec(text);
  if (match) {
    return makeDate(
      match[3]!,
      match[2]!,
      match[1]!,
      match[4]!,
      match[5]!,
      match[6] ?? "0",
      zoneMinutes(match[7] ?? ""),
    );
  }
  const other = asctime.exec(text);
  if (other) {
    return makeDate(other[7]!, other[1]!, other[2]!, other[3]!, other[4]!, other[5]!, zoneMinutes(other[6] ?? ""));
  }
  if (!iso.test(text)) return null;
  const date = new Date(
    /(?:Z|[+-]\d{2}:?\d{2})$/i.test(text) ? text.replace(/([+-]\d{2})(\d{2})$/, "$1:$2") : `${text}Z`,
  );
  return Number.isNaN(date.getTime()) ? null : date;
}

function makeDate(
  yearText: string,
  monthName: string,
  dayText: string,
  hourText: string,
  minuteText: string,
  secondText: string,
  zone: number,
): Date | null {
  let year = Number(yearText);
  if (yearText.length === 2) year += year < 50 ? 2000 : 1900;
  else if (yearText.length === 3) year += 1900;
  const month = months.indexOf(monthName.toLowerCase());
  const day = Number(dayText);
  const hour = Number(hourText);
  const minute = Number(minuteText);
  const second = Number(secondText);
  if (month < 0 || year < 1900 || hour > 23 || minute > 59 || second > 60) return null;
  if (day < 1 || day > new Date(Date.UTC(year, month + 1, 0)).getUTCDate()) return null;
  return new Date(Date.UTC(year, month, day, hour, minute - zone, second));
}

/** Minutes east of UTC. RFC 5322 §4.3: military letters other than Z were used both ways, so they mean nothing. */
function zoneMinutes(text: string): number {
  const offset = /^(?:GMT|UTC|UT)?([+-])(\d{1,2}):?(\d{2})(?!\d)/i.exec(text);
  if (offset) {
    const hours = Number(offset[2]);
    const minutes = Number(offset[3]);
    if (hours > 24 || minutes > 59) return 0;
    return (offset[1] === "-" ? -1 : 1) * (hours * 60 + minutes);
  }
  const name = /^[a-z]+/i.exec(text)?.[0].toUpperCase() ?? "";
  return zones[name] ?? 0;
}
