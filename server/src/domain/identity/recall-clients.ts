import type { HintChannel } from "../../store/hints/hint-channel.ts";
import type { AuthenticatedClient } from "./authenticate-client.ts";

/** How long an answer is used again, milliseconds: what no hint tells of counts after that. */
const lifeMs = 1_000;

/** A connection, by its end. */
interface Connection {
  readonly destroyed: boolean;
  once(event: "close", listener: () => void): unknown;
  off(event: "close", listener: () => void): unknown;
}

/** What a connection brought last. */
interface Known<Client> {
  readonly presented: string;
  readonly ids: readonly string[];
  /** Undefined when it must be asked for again. */
  client: Client | undefined;
  until: number;
  /** Hints that came since it is watched. */
  hints: number;
  stop(): void;
}

/**
 * Says who a program is that sends its password with each of its requests, hundreds a second while it synchronizes: PostgreSQL is asked
 * once a second for each connection. An answer is used again only when it was asked for while the connection was told of what is revoked,
 * and none came since.
 * @param presented all that the answer depends on
 * @throws what `authenticate` throws
 */
export type RecallClient<Client> = (
  connection: Connection,
  presented: string,
  authenticate: () => Promise<Client>,
) => Client | Promise<Client>;

export function createClientRecall<Client extends Pick<AuthenticatedClient, "appPasswordId" | "viewer">>(
  channel: Pick<HintChannel, "subscribe">,
): RecallClient<Client> {
  const byConnection = new WeakMap<Connection, Known<Client>>();

  function watch(connection: Connection, presented: string, { appPasswordId, viewer }: Client): void {
    byConnection.get(connection)?.stop();
    if (connection.destroyed) return;
    const ids = [appPasswordId, viewer.principalId];
    const forget = (): void => {
      known.client = undefined;
      known.hints += 1;
    };
    const stops = ids.map((id) => channel.subscribe("revoked", id, forget));
    const stop = (): void => {
      connection.off("close", stop);
      byConnection.delete(connection);
      for (const each of stops) each();
    };
    const known: Known<Client> = { presented, ids, client: undefined, until: 0, hints: 0, stop };
    connection.once("close", stop);
    byConnection.set(connection, known);
  }

  async function ask(
    connection: Connection,
    presented: string,
    known: Known<Client> | undefined,
    authenticate: () => Promise<Client>,
  ): Promise<Client> {
    const asked = performance.now();
    const hints = known?.hints;
    const client = await authenticate();
    if (!known || known.ids[0] !== client.appPasswordId || known.ids[1] !== client.viewer.principalId) {
      watch(connection, presented, client);
    } else if (known.hints === hints) {
      known.client = client;
      known.until = asked + lifeMs;
    }
    return client;
  }

  return (connection, presented, authenticate) => {
    const found = byConnection.get(connection);
    const known = found?.presented === presented ? found : undefined;
    if (known?.client && performance.now() < known.until) return known.client;
    return ask(connection, presented, known, authenticate);
  };
}
