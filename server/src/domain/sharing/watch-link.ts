import { watchRevoked } from "../changes/watch-revoked.ts";
import type { SharingDeps } from "./model.ts";
import { type LinkVisit, requireOpenedLink } from "./resolve-share-link.ts";

/**
 * Calls `onEnd` once a link that was open is so no more: revoked, over, its password another, or allowing less. What is under way is cut.
 * @returns stops watching
 */
export function watchLink(
  deps: SharingDeps,
  visit: LinkVisit,
  link: { linkId: string; access: { rights: ReadonlySet<string> }; mayDownload: boolean },
  onEnd: () => void,
): () => void {
  let isOver = false;
  const stop = watchRevoked(deps.store.hints, [link.linkId], () => {
    void requireOpenedLink(deps, visit, { isUnderWay: true })
      .then((now) => {
        const mayDownload = now.mayDownload || !link.mayDownload;
        return mayDownload && [...link.access.rights].every((right) => now.access.rights.has(right as never));
      })
      .catch((error: unknown) => (error as { code?: string }).code === "unavailable")
      .then((holds) => {
        if (holds || isOver) return;
        isOver = true;
        stop();
        onEnd();
      });
  });
  return () => {
    isOver = true;
    stop();
  };
}
