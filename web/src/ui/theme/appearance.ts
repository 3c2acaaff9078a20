import { useSyncExternalStore } from 'react';

export type Theme = 'system' | 'light' | 'dark';
export type Density = 'comfortable' | 'compact';
export interface Appearance {
  readonly theme: Theme;
  readonly density: Density;
}

const listeners = new Set<() => void>();
let current = fromDocument();

function fromDocument(): Appearance {
  const { theme, density } = document.documentElement.dataset;
  return {
    theme: theme === 'light' || theme === 'dark' ? theme : 'system',
    density: density === 'compact' ? 'compact' : 'comfortable',
  };
}

/** Writes or removes one choice of this browser; silent where storage is refused. */
export function storeChoice(key: 'theme' | 'density' | 'language', value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(`bouquet.${key}`);
    else localStorage.setItem(`bouquet.${key}`, value);
  } catch {
    // The choice then lasts as long as the page.
  }
}

/** Applies and keeps an appearance for this browser on this service; `carryAppearance` takes it to the others. */
export function setAppearance(change: Partial<Appearance>): void {
  current = { ...current, ...change };
  const { dataset } = document.documentElement;
  if (current.theme === 'system') delete dataset.theme;
  else dataset.theme = current.theme;
  if (current.density === 'compact') dataset.density = 'compact';
  else delete dataset.density;
  storeChoice('theme', current.theme === 'system' ? undefined : current.theme);
  storeChoice('density', current.density === 'compact' ? 'compact' : undefined);
  for (const listener of listeners) listener();
}

/** Theme and density chosen in this browser, followed as they change. */
export function useAppearance(): Appearance {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}

/** Adds to the address of another service what `boot.js` reads there. Fragments are never sent to a server. */
export function carryAppearance(url: string, language: string): string {
  const theme = current.theme === 'system' ? '' : current.theme;
  return `${url}#look=${theme},${current.density === 'compact' ? 'compact' : ''},${language}`;
}
