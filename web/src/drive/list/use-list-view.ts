import { useState, useSyncExternalStore } from "react";
import type { Sort } from "../drive-queries.ts";

export type ListView = "list" | "grid";

function readStored<T extends string>(key: string, allowed: readonly T[]): T | undefined {
  try {
    const value = localStorage.getItem(`bouquet.drive.${key}`) as T | null;
    return value !== null && allowed.includes(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function store(key: string, value: string): void {
  try {
    localStorage.setItem(`bouquet.drive.${key}`, value);
  } catch {
    // The choice lasts as long as the page.
  }
}

/** A choice that this browser keeps. */
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

const sorts = ["name:asc", "name:desc", "modified:asc", "modified:desc", "size:asc", "size:desc"] as const;

/** How folders are sorted, in all of them. */
export function useSort(): readonly [Sort, (sort: Sort) => void] {
  const [stored, setStored] = useStored("sort", sorts, "name:asc");
  const [key, direction] = stored.split(":") as [Sort["key"], Sort["direction"]];
  return [{ key, direction }, (sort) => setStored(`${sort.key}:${sort.direction}`)];
}

/** Whether the window matches, followed as it changes. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const media = matchMedia(query);
      media.addEventListener("change", listener);
      return () => media.removeEventListener("change", listener);
    },
    () => matchMedia(query).matches,
  );
}
