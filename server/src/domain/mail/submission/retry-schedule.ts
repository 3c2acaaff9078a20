const minute = 60_000;
const hour = 60 * minute;

/** How long we try (RFC 5321 section 4.5.4.1 asks for four or five days). */
export const lifetimeMs = 120 * hour;

/** The sender learns that a message waits after this time. */
export const delayNoticeMs = 4 * hour;

/**
 * The pause after an attempt that failed for now: 5 minutes, doubled each time up to 4 hours, and up to a tenth more so that
 * messages that failed together do not come back together.
 * @param attempts made so far, this one included
 */
export function retryDelayMs(attempts: number, random: () => number = Math.random): number {
  const delay = Math.min(4 * hour, 5 * minute * 2 ** Math.min(attempts - 1, 10));
  return Math.round(delay * (1 + random() / 10));
}
