import type { JmapSession, StateChange } from "@bouquet/contract/jmap.ts";
import { openEventStream } from "../../api/events.ts";

/** What a stream tells: states that moved, or that some may have been missed. */
export type PushMessage = StateChange | { readonly "@type": "Reconnected" };

/**
 * Follows the push of JMAP (RFC 8620 section 7.3). Browsers allow six connections to a host over HTTP/1.1: of all tabs one
 * holds the stream, under a lock, and tells the others. Returns what stops it.
 */
export function followPush(session: JmapSession, onMessage: (message: PushMessage) => void): () => void {
  const url = new URL(
    session.eventSourceUrl.replace("{types}", "*").replace("{closeafter}", "no").replace("{ping}", "30"),
  );
  const open = (tell: (message: PushMessage) => void) =>
    openEventStream(`${url.pathname}${url.search}`, {
      names: ["state"],
      onEvent: (_name, data) => tell(data as StateChange),
      onReconnect: () => tell({ "@type": "Reconnected" }),
    });
  if (!navigator.locks || typeof BroadcastChannel === "undefined") return open(onMessage);

  const channel = new BroadcastChannel("bouquet.mail.push");
  channel.onmessage = ({ data }: MessageEvent<PushMessage>) => onMessage(data);
  const stop = new AbortController();
  const held = Promise.withResolvers<void>();
  let wasWaiting = false;
  const waiting = setTimeout(() => {
    wasWaiting = true;
  }, 1000);
  navigator.locks
    .request("bouquet.mail.push", { signal: stop.signal }, () => {
      clearTimeout(waiting);
      const tell = (message: PushMessage) => {
        channel.postMessage(message);
        onMessage(message);
      };
      // The tab that held it is gone; what it would have told in between is not known.
      if (wasWaiting) onMessage({ "@type": "Reconnected" });
      const close = open(tell);
      return held.promise.finally(close);
    })
    .catch(() => undefined);
  return () => {
    clearTimeout(waiting);
    held.resolve();
    stop.abort();
    channel.close();
  };
}
