import { useSyncExternalStore } from "react";
import { useStored } from "../../ui/use-stored.ts";
import type { Sort } from "../drive-queries.ts";

export type ListView = "list" | "grid";

const sorts = ["name:asc", "name:desc", "modified:asc", "modified:desc", "size:asc", "size:desc"] as const;

/** How folders are sorted, in all of them. */
export function useSort(): readonly [Sort, (sort: Sort) => void] {
  const [stored, setStored] = useStored("drive.sort", sorts, "name:asc");
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
