import type { Store } from "../../store/database.ts";

/** What long connections (IDLE, push) need of the store. */
export type Hints = Store["hints"];

const rereadMs = 30_000;
const coalesceMs = 20;

/**
 * Calls `listener` when something may have changed in one of the accounts: soon after a commit by any copy of the program, and
 * every 30 s, because hints may be lost. Calls are coalesced, never made inside `watchAccounts`, and the listener must reread the
 * feed: being called says nothing changed for sure.
 * @param listener gets the accounts that were named; all of them when anything may have changed
 * @returns stops watching; nothing is called afterwards
 */
export function watchAccounts(
  hints: Hints,
  accountIds: readonly string[],
  listener: (accountIds: ReadonlySet<string>) => void,
): () => void {
  let touched = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const touch = (ids: readonly string[]): void => {
    for (const id of ids) touched.add(id);
    timer ??= setTimeout(() => {
      timer = undefined;
      const told = touched;
      touched = new Set();
      listener(told);
    }, coalesceMs);
  };
  const stops = accountIds.map((id) =>
    hints.subscribe("account", id, (hint) => touch(hint === undefined ? accountIds : [id])),
  );
  const reread = setInterval(() => touch(accountIds), rereadMs);
  // A connection keeps the program alive, not its clock.
  reread.unref();
  return () => {
    for (const stop of stops) stop();
    clearInterval(reread);
    clearTimeout(timer);
  };
}
