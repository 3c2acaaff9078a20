import type { ShareInfo } from "@bouquet/contract/sharing.ts";
import { useEffect } from "react";
import { reconnectDelay } from "../api/backoff.ts";
import { request } from "../api/http.ts";
import { isClosed, shareApi } from "./share-queries.ts";

/**
 * Hears at once that the link has ended or allows something else, while the page is open. Also when that happened before it could listen,
 * or while it could not.
 */
export function useLinkWatch(token: string, isOpen: boolean, onChanged: () => void): void {
  useEffect(() => {
    if (!isOpen) return;
    let events: EventSource;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let refusals = 0;
    const leaving = new AbortController();

    const stop = () => {
      leaving.abort();
      clearTimeout(timer);
      events.close();
    };
    const tell = () => {
      stop();
      onChanged();
    };
    const listen = () => {
      events = new EventSource(`${shareApi(token)}/events`);
      events.addEventListener("changed", tell);
      events.addEventListener("open", () => {
        refusals = 0;
      });
      events.addEventListener("error", () => {
        // A connection that broke is the browser's to make again; after a refusal it gives up.
        if (events.readyState === EventSource.CLOSED) void askWhy();
      });
    };
    /** The link is over, or too many pages are open, or the server is being restarted: a stream does not tell which. */
    const askWhy = async () => {
      refusals += 1;
      const isOver = await request<ShareInfo>(`${shareApi(token)}/info?again=1`, {
        mayBeSignedOut: true,
        signal: leaving.signal,
      }).then(({ state }) => state !== "open", isClosed);
      if (leaving.signal.aborted) return;
      if (isOver) tell();
      else timer = setTimeout(listen, reconnectDelay(refusals, Math.random()));
    };

    listen();
    return stop;
  }, [token, isOpen, onChanged]);
}
