import { useSyncExternalStore } from "react";
import { storeChoice } from "../ui/theme/appearance.ts";
import type { Language } from "./language.ts";

const listeners = new Set<() => void>();
let current: Language = document.documentElement.lang === "en" ? "en" : "fr";

/** Language of the page now, for code outside components. */
export function currentLanguage(): Language {
  return current;
}

/** Switches every text of the page at once and keeps the choice in this browser. */
export function setLanguage(language: Language): void {
  storeChoice("language", language);
  showLanguage(language);
}

/** Switches every text of the page at once, for this visit: a guess that nobody chose is not kept. */
export function showLanguage(language: Language): void {
  if (language === current) return;
  current = language;
  document.documentElement.lang = language;
  for (const listener of listeners) listener();
}

/** Whether this browser holds a choice of language, so that a default of the operator does not undo it. */
export function hasChosenLanguage(): boolean {
  try {
    return localStorage.getItem("bouquet.language") !== null;
  } catch {
    return false;
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useLanguage(): Language {
  return useSyncExternalStore(subscribe, () => current);
}

/**
 * Texts of an area in the language of the page. Each area wraps it: `export const useMailText = () => useText({ fr, en })`.
 * French is the reference; English has the same keys by type.
 */
export function useText<T>(texts: Record<Language, T>): T {
  return texts[useLanguage()];
}
