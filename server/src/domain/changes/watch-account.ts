import { type Hints, watchAccounts } from "./watch-accounts.ts";

/** One account; see `watchAccounts`. @returns stops watching */
export function watchAccount(store: { readonly hints: Hints }, accountId: string, listener: () => void): () => void {
  return watchAccounts(store.hints, [accountId], () => listener());
}
