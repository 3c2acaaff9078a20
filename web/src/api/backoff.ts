/** Milliseconds before the next try: 1 s doubling to 30 s, spread by ± 25 % so that a restart is not met by everyone at once. */
export function reconnectDelay(failures: number, random: number): number {
  const base = Math.min(1000 * 2 ** Math.max(0, failures - 1), 30_000);
  return Math.round(base * (0.75 + random / 2));
}
