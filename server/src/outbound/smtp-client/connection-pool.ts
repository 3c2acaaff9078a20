import type { OpenConnection, Peer } from "./open-connection.ts";
import type { TlsDemand } from "./tls-demand.ts";

interface Idle {
  readonly connection: OpenConnection;
  readonly messages: number;
  readonly timer: NodeJS.Timeout;
  readonly ended: () => void;
}

/** Connections that wait a moment for the next message to the same server, under the same demand. */
export interface ConnectionPool {
  take(peer: Peer, demand: TlsDemand): { connection: OpenConnection; messages: number } | undefined;
  /** @param messages sent on it so far */
  give(peer: Peer, demand: TlsDemand, connection: OpenConnection, messages: number): void;
  close(): void;
}

const mostMessages = 50;
const mostIdle = 100;

/** @param idleMs how long one waits; 0 keeps none */
export function createConnectionPool(idleMs: number): ConnectionPool {
  const idle = new Map<string, Idle[]>();
  let count = 0;
  let isClosed = false;
  const keyOf = (peer: Peer, demand: TlsDemand): string =>
    JSON.stringify([peer.name, peer.address, peer.port, peer.auth?.user, demand]);

  function remove(key: string, entry: Idle): boolean {
    const list = idle.get(key) ?? [];
    const at = list.indexOf(entry);
    if (at === -1) return false;
    list.splice(at, 1);
    if (list.length === 0) idle.delete(key);
    clearTimeout(entry.timer);
    entry.connection.smtp.off("end", entry.ended);
    count--;
    return true;
  }

  return {
    take(peer, demand) {
      const key = keyOf(peer, demand);
      const entry = idle.get(key)?.at(-1);
      if (!entry) return undefined;
      remove(key, entry);
      return { connection: entry.connection, messages: entry.messages };
    },
    give(peer, demand, connection, messages) {
      if (isClosed || idleMs === 0 || messages >= mostMessages || count >= mostIdle) return connection.close();
      const key = keyOf(peer, demand);
      const entry: Idle = {
        connection,
        messages,
        timer: setTimeout(() => remove(key, entry) && connection.close(), idleMs),
        ended: () => void remove(key, entry),
      };
      connection.smtp.on("end", entry.ended);
      idle.set(key, [...(idle.get(key) ?? []), entry]);
      count++;
    },
    close() {
      isClosed = true;
      for (const [key, list] of idle) {
        for (const entry of [...list]) if (remove(key, entry)) entry.connection.close();
      }
    },
  };
}
