import { useState } from "react";

/** A choice that this browser keeps. @param key such as `drive.sort` */
export function useStored<T extends string>(key: string, allowed: readonly T[], fallback: T) {
  const [value, setValue] = useState<T>(() => readStored(key, allowed) ?? fallback);
  return [
    value,
    (next: T) => {
      setValue(next);
      store(key, next);
    },
  ] as const;
}

function readStored<T extends string>(key: string, allowed: readonly T[]): T | undefined {
  try {
    const value = localStorage.getItem(`bouquet.${key}`) as T | null;
    return value !== null && allowed.includes(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function store(key: string, value: string): void {
  try {
    localStorage.setItem(`bouquet.${key}`, value);
  } catch {
    // The choice lasts as long as the page.
  }
}
