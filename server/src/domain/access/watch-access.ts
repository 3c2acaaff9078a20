import type { Store } from "../../store/database.ts";
import type { Viewer } from "../identity/viewer.ts";
import { type AccountAccess, listMailAccounts } from "./account-access.ts";

const rereadMs = 30_000;

/** What a viewer may reach, read once and kept until it may have changed. */
export interface AccessWatch {
  /** As `listMailAccounts`. */
  list(): Promise<readonly AccountAccess[]>;
  /** Moves each time something may have changed: whoever keeps an AccountAccess of `list` compares it to know that it is old. */
  readonly generation: number;
  close(): void;
}

/**
 * Keeps what a viewer may reach for a connection that lasts, so that its commands need not ask for it each time. A grant that comes or
 * goes in this copy of the program is seen by the next call, in another one once its hint has arrived; all is read again
 * every 30 s, because hints may be lost. To be used for a connection after its identity was checked: that is `watchRevoked`.
 * @param onChange called after something may have changed
 */
export function watchAccess(store: Pick<Store, "read" | "hints">, viewer: Viewer, onChange?: () => void): AccessWatch {
  let generation = 0;
  let reading: { accounts: Promise<readonly AccountAccess[]>; at: number } | undefined;
  const forget = (): void => {
    generation++;
    reading = undefined;
    onChange?.();
  };
  const stops = (["grants", "revoked"] as const).map((kind) => store.hints.subscribe(kind, viewer.principalId, forget));
  const expire = (): void => {
    if (reading === undefined || performance.now() - reading.at <= rereadMs) return;
    generation++;
    reading = undefined;
  };
  return {
    get generation() {
      expire();
      return generation;
    },
    async list() {
      expire();
      if (reading === undefined) {
        const started = { accounts: listMailAccounts(store.read, viewer), at: performance.now() };
        reading = started;
        started.accounts.catch(() => {
          if (reading === started) reading = undefined;
        });
      }
      return reading.accounts;
    },
    close() {
      for (const stop of stops) stop();
    },
  };
}
