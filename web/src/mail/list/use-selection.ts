import type { Id } from "@bouquet/contract/jmap.ts";
import { useMemo, useRef, useState } from "react";
import type { ListItem } from "../jmap/account-cache.ts";

/** Which rows of a list are selected; another list begins with none. Rows that leave the list are no longer selected. */
export function useSelection(items: readonly ListItem[], listKey: string) {
  const [chosen, setChosen] = useState<{ key: string; ids: ReadonlySet<Id> }>({ key: listKey, ids: nothing });
  const anchor = useRef<Id | null>(null);
  const ids = chosen.key === listKey ? chosen.ids : nothing;
  const selected = useMemo(() => items.filter((item) => ids.has(item.emailId)), [items, ids]);
  const set = (next: ReadonlySet<Id>) => setChosen({ key: listKey, ids: next });
  return {
    ids,
    items: selected,
    has: (item: ListItem) => ids.has(item.emailId),
    clear: () => set(nothing),
    all: (isSelected: boolean) => set(isSelected ? new Set(items.map((item) => item.emailId)) : nothing),
    /** @param isRange also everything between the last one that was chosen and this one */
    toggle: (item: ListItem, isRange: boolean) => {
      const next = new Set(ids);
      const from = items.findIndex((each) => each.emailId === anchor.current);
      const to = items.findIndex((each) => each.emailId === item.emailId);
      if (isRange && from >= 0 && to >= 0) {
        for (const each of items.slice(Math.min(from, to), Math.max(from, to) + 1)) next.add(each.emailId);
      } else if (!next.delete(item.emailId)) next.add(item.emailId);
      anchor.current = item.emailId;
      set(next);
    },
  };
}

const nothing: ReadonlySet<Id> = new Set();
