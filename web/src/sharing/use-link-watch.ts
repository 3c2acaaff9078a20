import { useEffect } from "react";
import { shareApi } from "./share-queries.ts";

/** Hears at once that the link has ended or allows something else, while the page is open. */
export function useLinkWatch(token: string, isOpen: boolean, onChanged: () => void): void {
  useEffect(() => {
    if (!isOpen) return;
    const events = new EventSource(`${shareApi(token)}/events`);
    events.addEventListener("changed", () => {
      events.close();
      onChanged();
    });
    // Refused: the link is over, or too many pages are open; the next thing that is asked for tells.
    events.addEventListener("error", () => {
      if (events.readyState === EventSource.CLOSED) events.close();
    });
    return () => events.close();
  }, [token, isOpen, onChanged]);
}
