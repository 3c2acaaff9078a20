import type { Hints } from "./watch-accounts.ts";

/**
 * Calls `listener` when one of these (a session family, an app password, a principal) may have lost its access: the listener must
 * check again and close what is no longer allowed. Also called every 30 s, because hints may be lost.
 * @returns stops watching
 */
export function watchRevoked(hints: Hints, ids: readonly string[], listener: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const tell = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      listener();
    }, 0);
  };
  const stops = ids.map((id) => hints.subscribe("revoked", id, tell));
  const recheck = setInterval(tell, 30_000);
  recheck.unref();
  return () => {
    for (const stop of stops) stop();
    clearInterval(recheck);
    clearTimeout(timer);
  };
}
