export type Language = "fr" | "en";

/** French: 0 and 1 are singular. English: only 1 is. The number is written in the language's way before the word. */
export function plural(language: Language, count: number, one: string, many: string): string {
  const singular = language === "fr" ? Math.abs(count) < 2 : Math.abs(count) === 1;
  return `${formatNumber(language, count)}\u00a0${singular ? one : many}`;
}

const locales = { fr: "fr-FR", en: "en-GB" } as const;

/** BCP 47 tag for Intl and react-aria. */
export function localeOf(language: Language): string {
  return locales[language];
}

/** Integer or decimal number, at most one decimal; groups separated by a no-break space in French. */
export function formatNumber(language: Language, value: number): string {
  return new Intl.NumberFormat(locales[language], { maximumFractionDigits: 1 })
    .format(value)
    .replaceAll("\u202f", "\u00a0");
}
