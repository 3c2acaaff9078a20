import type { Language } from "../i18n/language.ts";

/** The first of the browser's languages that the suite speaks; English for whoever reads neither. */
export function browserLanguage(languages: readonly string[]): Language {
  for (const language of languages) {
    const [primary] = language.toLowerCase().split("-");
    if (primary === "fr" || primary === "en") return primary;
  }
  return "en";
}
