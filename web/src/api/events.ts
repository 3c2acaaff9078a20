import type { ServerEvent } from "@bouquet/contract/session.ts";
import { reconnectDelay } from "./backoff.ts";

export interface EventStreamOptions {
  /** Event names of the stream besides `message`. Data is JSON. */
  readonly names: readonly string[];
  readonly onEvent: (name: string, data: unknown) => void;
  /** After each connection but that of a page just loaded: what was missed meanwhile must be read again. */
  readonly onReconnect: () => void;
}

interface Shared {
  readonly name: string;
  readonly data: unknown;
}

const reconnected = "bouquet:reconnected";

/**
 * An EventSource that comes back by itself, also after answers that make the browser give up (503 while the server
 * restarts), and at once when the network returns. Tabs of one origin share one connection: without HTTP/2 a browser opens
 * only six to a host, and three tabs would leave none for requests. The tab that holds the lock listens and tells the
 * others; when it closes, the next takes over. Returns what closes it.
 */
export function openEventStream(url: string, options: EventStreamOptions): () => void {
  const closing = new AbortController();
  const deliver = ({ name, data }: Shared) =>
    name === reconnected ? options.onReconnect() : options.onEvent(name, data);
  // Locks exist in secure contexts only (HTTPS, and localhost); elsewhere each tab listens for itself.
  if (!("locks" in navigator)) return listen(url, options.names, deliver);

  const channel = new BroadcastChannel(`bouquet:${url}`);
  channel.onmessage = (event) => deliver(event.data as Shared);
  const tellAll = (event: Shared) => {
    if (closing.signal.aborted) return;
    channel.postMessage(event);
    deliver(event);
  };
  navigator.locks
    .request(`bouquet:${url}`, { signal: closing.signal }, async () => {
      const close = listen(url, options.names, tellAll);
      await new Promise((resolve) => closing.signal.addEventListener("abort", resolve, { once: true }));
      close();
    })
    .catch(() => {
      // Closed before the lock was had.
    });
  return () => {
    closing.abort();
    channel.close();
  };
}

function listen(url: string, names: readonly string[], deliver: (event: Shared) => void): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;

  const connect = () => {
    clearTimeout(timer);
    source?.close();
    source = new EventSource(url);
    source.onopen = () => {
      failures = 0;
      // A page just loaded has just read everything. A tab that takes over may have missed something.
      if (performance.now() > 5000) deliver({ name: reconnected, data: null });
    };
    source.onerror = () => {
      source?.close();
      failures += 1;
      timer = setTimeout(connect, reconnectDelay(failures, Math.random()));
    };
    for (const name of names) {
      source.addEventListener(name, (event) => {
        let data: unknown;
        try {
          data = JSON.parse((event as MessageEvent<string>).data);
        } catch {
          // A hint that cannot be read is only a hint.
          return;
        }
        deliver({ name, data });
      });
    }
  };
  const onOnline = () => {
    failures = 0;
    connect();
  };
  window.addEventListener("online", onOnline);
  connect();
  return () => {
    window.removeEventListener("online", onOnline);
    clearTimeout(timer);
    source?.close();
  };
}

/** The hints of `GET /api/events` on this host. A reconnection is told as a change of everything. */
export function openEvents(onEvent: (event: ServerEvent) => void): () => void {
  return openEventStream("/api/events", {
    names: ["changed", "revoked"],
    onEvent: (_name, data) => onEvent(data as ServerEvent),
    onReconnect: () => onEvent({ type: "changed", areas: ["mail", "files", "identity"] }),
  });
}
