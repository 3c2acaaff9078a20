import { useSyncExternalStore } from "react";

/* Two sources: the browser's own word, and the last request (a laptop on a Wi-Fi without internet says it is online). */
let reachable = true;
const listeners = new Set<() => void>();

function notify(): void {
  for (const listener of listeners) listener();
}

/** Told by the API client after each request. */
export function setReachable(value: boolean): void {
  if (value === reachable) return;
  reachable = value;
  notify();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
  };
}

/** False while the network or the server cannot be reached. */
export function useOnline(): boolean {
  return useSyncExternalStore(subscribe, () => navigator.onLine && reachable);
}
