/** A moment in words, for French readers: « 23 novembre 2026 à 17:20 ». @param timeZone IANA name */
export function longDate(date: Date, timeZone: string): string {
  return new Intl.DateTimeFormat("fr-FR", { dateStyle: "long", timeStyle: "short", timeZone }).format(date);
}
