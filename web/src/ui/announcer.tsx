import { useSyncExternalStore } from "react";

let said = "";
const listeners = new Set<() => void>();

/** Says a short text to screen readers, politely. The same text twice is said twice. */
export function announce(text: string): void {
  said = said === text ? `${text}\u00a0` : text;
  for (const listener of listeners) listener();
}

/** Mounted once by `start`. */
export function Announcer() {
  const text = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => said,
  );
  return (
    <div className="vh" role="status">
      {text}
    </div>
  );
}
