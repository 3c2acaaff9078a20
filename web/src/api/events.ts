import type { ServerEvent } from "@bouquet/contract/session.ts";
import { reconnectDelay } from "./backoff.ts";

export interface EventStreamOptions {
  /** Event names of the stream besides `message`. Data is JSON. */
  readonly names: readonly string[];
  readonly onEvent: (name: string, data: unknown) => void;
  /** After each connection but the first: what was missed meanwhile must be read again. */
  readonly onReconnect: () => void;
}

/**
 * An EventSource that comes back by itself, also after answers that make the browser give up (503 while the server
 * restarts), and at once when the network returns. Returns what closes it.
 */
export function openEventStream(url: string, { names, onEvent, onReconnect }: EventStreamOptions): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let opened = false;

  const connect = () => {
    clearTimeout(timer);
    source?.close();
    source = new EventSource(url);
    source.onopen = () => {
      failures = 0;
      if (opened) onReconnect();
      opened = true;
    };
    source.onerror = () => {
      source?.close();
      failures += 1;
      timer = setTimeout(connect, reconnectDelay(failures, Math.random()));
    };
    for (const name of names) {
      source.addEventListener(name, (event) => {
        try {
          onEvent(name, JSON.parse((event as MessageEvent<string>).data));
        } catch {
          // A hint that cannot be read is only a hint.
        }
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
