import { useSyncExternalStore } from "react";

export interface SharePlace {
  readonly token: string;
  /** Undefined at the top of what is shared. */
  readonly folderId: string | undefined;
}

/** Reads `/s/<token>` and `/s/<token>/folders/<id>`; anything else beneath the token is its top. */
export function readSharePlace(pathname: string): SharePlace {
  const [, , token = "", screen, id] = pathname.split("/");
  return { token, folderId: screen === "folders" && id ? id : undefined };
}

/** Address of a folder of the share, or of its top. */
export function sharePath(token: string, folderId?: string): string {
  return folderId === undefined ? `/s/${token}` : `/s/${token}/folders/${encodeURIComponent(folderId)}`;
}

const changed = "bouquet:share-place";

/** Goes to another screen of this page without loading it again. */
export function goTo(path: string): void {
  history.pushState(null, "", path);
  window.scrollTo(0, 0);
  window.dispatchEvent(new Event(changed));
}

function subscribe(listener: () => void): () => void {
  window.addEventListener("popstate", listener);
  window.addEventListener(changed, listener);
  return () => {
    window.removeEventListener("popstate", listener);
    window.removeEventListener(changed, listener);
  };
}

export function useSharePlace(): SharePlace {
  return readSharePlace(useSyncExternalStore(subscribe, () => window.location.pathname));
}
