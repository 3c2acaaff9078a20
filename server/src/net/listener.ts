import { createServer, type Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { Logger } from "../telemetry/logger.ts";
import { networkOf, networkSet, plainAddress } from "./client-address.ts";
import { listen } from "./listen.ts";
import type { ListenPlace } from "./listen-error.ts";
import { readProxyHeader } from "./proxy-protocol.ts";
import { type Tls, tlsPolicy } from "./tls.ts";

/** One connection of a protocol that is not HTTP. */
export type Connection = {
  /** The stream to read and write; another one after upgradeToTls. */
  readonly socket: Socket;
  /** True when the bytes travel under TLS. */
  readonly secure: boolean;
  /** IPv4 in its plain form. */
  readonly remoteAddress: string;
  /** Aborted when the server starts to stop: say goodbye between two commands and end. */
  readonly closing: AbortSignal;
  /**
   * Does the TLS handshake on this connection (STARTTLS), after the caller's clear-text answer. Bytes that came before
   * the handshake are not read as if they had come after it (CVE-2011-0411): the connection is cut instead.
   * @throws Error when the handshake fails; the connection is then destroyed.
   */
  upgradeToTls(): Promise<void>;
};

export type Listener = {
  /** The port it really listens on. */
  readonly port: number;
  readonly connections: number;
  /** Stops accepting, tells connections by `closing`, and cuts those left after `deadlineMs`. */
  close(deadlineMs: number): Promise<void>;
};

export type ListenerOptions = {
  /** What the server is called in a sentence to the operator, such as "IMAP". */
  readonly name: string;
  readonly listen: ListenPlace;
  readonly tls: Tls;
  /** True: TLS from the first byte (IMAPS). */
  readonly implicitTls: boolean;
  readonly log: Logger;
  readonly onConnection: (connection: Connection) => void | Promise<void>;
  /** Sent in clear to a client beyond a limit, before cutting. */
  readonly refusal?: string;
  readonly maxConnections?: number;
  /** For one IPv4 address or IPv6 /64; a whole town hall may stand behind one. */
  readonly maxPerNetwork?: number;
  readonly handshakeTimeoutMs?: number;
  /**
   * Addresses or CIDR networks of load balancers, whose connections begin with a PROXY header (version 1 or 2); without one they
   * are cut. From anybody else the header is no more than a wrong command.
   */
  readonly proxies?: readonly string[];
};

/**
 * Accepts connections of a line protocol, in clear or under TLS, with limits.
 * @throws ListenError
 */
export async function startListener(options: ListenerOptions): Promise<Listener> {
  const { log, tls, maxConnections = 20_000, maxPerNetwork = 1_000, handshakeTimeoutMs = 20_000 } = options;
  const closing = new AbortController();
  const open = new Set<Socket>();
  const perNetwork = new Map<string, number>();

  const isProxy = networkSet(options.proxies ?? []);

  const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 120_000 }, (socket) => {
    const peer = plainAddress(socket.remoteAddress ?? "");
    // A reset is no event worth a line, and without a listener it would end the program.
    socket.on("error", (error) => log.debug({ error }, "a connection failed"));
    if (peer === "" || closing.signal.aborted || open.size >= maxConnections) return refuse(socket, peer, 0);
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    void admit(socket, peer).catch((error: unknown) => {
      log.debug({ error, peer }, "a connection ended with an error");
      socket.destroy();
    });
  });

  function refuse(socket: Socket, network: string, fromNetwork: number): void {
    log.warn({ network, connections: open.size, fromNetwork }, "a connection beyond the limit was refused");
    if (options.refusal && !options.implicitTls) socket.end(options.refusal);
    socket.destroySoon();
  }

  /** Counts the connection for the network that it really comes from. */
  async function admit(socket: Socket, peer: string): Promise<void> {
    let remoteAddress = peer;
    if (isProxy(peer)) {
      const { source } = await readProxyHeader(socket, handshakeTimeoutMs);
      if (source) remoteAddress = plainAddress(source.address);
    }
    const network = networkOf(remoteAddress);
    const already = perNetwork.get(network) ?? 0;
    if (already >= maxPerNetwork) return refuse(socket, network, already);
    perNetwork.set(network, already + 1);
    socket.once("close", () => {
      const left = (perNetwork.get(network) ?? 1) - 1;
      if (left === 0) perNetwork.delete(network);
      else perNetwork.set(network, left);
    });
    await serve(socket, remoteAddress);
  }

  async function serve(raw: Socket, remoteAddress: string): Promise<void> {
    let current = raw;
    let secure = false;
    const upgradeToTls = async () => {
      if (secure) throw new Error("The connection is already under TLS");
      if (raw.readableLength > 0) {
        raw.destroy();
        throw new Error("Bytes came in clear after STARTTLS and before the handshake");
      }
      current = await handshake(raw, tls, handshakeTimeoutMs, log);
      secure = true;
    };
    if (options.implicitTls) {
      // What came right behind a PROXY header is the beginning of the handshake.
      current = await handshake(raw, tls, handshakeTimeoutMs, log);
      secure = true;
    }
    await options.onConnection({
      get socket() {
        return current;
      },
      get secure() {
        return secure;
      },
      remoteAddress,
      closing: closing.signal,
      upgradeToTls,
    });
  }

  const port = await listen(server, `The ${options.name} server`, options.listen, log);
  return {
    port,
    get connections() {
      return open.size;
    },
    close: async (deadlineMs) => {
      if (closing.signal.aborted) return;
      const { promise: closed, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      closing.abort();
      const cut = setTimeout(() => {
        for (const socket of open) socket.destroy();
      }, deadlineMs);
      await closed;
      clearTimeout(cut);
    },
  };
}

async function handshake(raw: Socket, tls: Tls, timeoutMs: number, log: Logger): Promise<TLSSocket> {
  raw.pause();
  for (const event of ["data", "readable", "end", "drain", "timeout"] as const) raw.removeAllListeners(event);
  raw.setTimeout(0);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const secured = new TLSSocket(raw, { isServer: true, secureContext: tls.context(), ...tlsPolicy });
  const timer = setTimeout(() => reject(new Error("The TLS handshake took too long")), timeoutMs);
  secured.once("secure", resolve);
  secured.once("close", () => reject(new Error("The connection closed during the TLS handshake")));
  secured.on("error", (error) => {
    log.debug({ error }, "a TLS connection failed");
    reject(error);
  });
  try {
    await promise;
    return secured;
  } catch (error) {
    raw.destroy();
    secured.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
