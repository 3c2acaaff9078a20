/** Of the address `/recovery`. */
export interface RecoverySearch {
  /** JMAP account; the person's own when absent. */
  readonly account?: string;
}

export function readRecoverySearch(search: Record<string, unknown>): RecoverySearch {
  return typeof search.account === "string" ? { account: search.account } : {};
}
