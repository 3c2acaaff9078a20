import { clockAt } from "../../i18n/clock.ts";
import { formatDay, type When } from "../../i18n/format.ts";

export interface DayGroup<T> {
  /** 2026-11-23, for the reader. */
  readonly key: string;
  /** Days before today. */
  readonly ago: number;
  /** « lundi 23 novembre » */
  readonly day: string;
  readonly items: readonly T[];
}

/** Puts what happened together by calendar day of the reader, in the order given. */
export function groupByDay<T>(items: readonly T[], instantOf: (item: T) => string, when: When): DayGroup<T>[] {
  const { timeZone, now = new Date() } = when;
  const today = Date.parse(clockAt(now, timeZone).day);
  const groups = Map.groupBy(items, (item) => clockAt(new Date(instantOf(item)), timeZone).day);
  return [...groups].map(([key, each]) => ({
    key,
    ago: Math.round((today - Date.parse(key)) / 86_400_000),
    day: each[0] === undefined ? "" : formatDay(instantOf(each[0]), when),
    items: each,
  }));
}
