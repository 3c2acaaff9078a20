import type { Store } from "../../store/database.ts";

/**
 * Tells when one of these may have lost its access: a sign-in (family), an app password, a principal. Also called when hints
 * may have been lost, so the listener asks again whether the access still holds.
 * @returns a function that stops watching
 */
export function watchRevocation(store: Store, ids: readonly string[], listener: () => void): () => void {
  const stops = ids.map((id) => store.hints.subscribe("revoked", id, () => listener()));
  return () => {
    for (const stop of stops) stop();
  };
}
