import { SMTPServer, type SMTPServerOptions, type SMTPServerSession } from "smtp-server";
import { networkOf, plainAddress } from "../../net/client-address.ts";
import { listen } from "../../net/listen.ts";
import type { ListenPlace } from "../../net/listen-error.ts";
import { tlsPolicy } from "../../net/tls.ts";
import { SmtpGoodbye } from "./reply.ts";
import { defaultLimits, type SmtpLimits, type SmtpOptions, type SmtpServer } from "./smtp-options.ts";
import { translateError } from "./translate-error.ts";

/** One connection, in our own terms; handlers keep their state by it. */
export type Session = SMTPServerSession;

/** What a server does; each may throw, and what it throws is translated. */
export interface Handlers {
  connect?(session: Session): void;
  readonly onAuth?: NonNullable<SMTPServerOptions["onAuth"]>;
  mailFrom(address: { address: string; size: number | undefined }, session: Session): Promise<void>;
  rcptTo(recipient: NonNullable<Session["envelope"]["rcptTo"][number]>, session: Session): Promise<void>;
  /** @returns the text of the 250. Called when DATA starts; `stream` ends with the message. */
  data(stream: AsyncIterable<Buffer>, session: Session, cut: () => void): Promise<string>;
}

export interface RunOptions extends SmtpOptions {
  /** In a sentence to the operator, such as "SMTP". */
  readonly name: string;
  readonly service: "receiving" | "submission";
  readonly listen: ListenPlace;
  readonly implicitTls: boolean;
  readonly extra: SMTPServerOptions;
  readonly handlers: Handlers;
}

/**
 * Runs smtp-server with what its options do not cover: limits for each network, refusals counted, and a stop that cuts no
 * command.
 * @throws ListenError
 */
export async function runSmtpServer(options: RunOptions): Promise<SmtpServer> {
  const { handlers, log, tls, service, metrics } = options;
  const limits: SmtpLimits = { ...defaultLimits, ...options.limits };
  const perNetwork = new Map<string, number>();
  const networks = new WeakMap<Session, string>();
  const refusals = new WeakMap<Session, number>();
  const busy = new Map<Session, number>();
  let isClosing = false;

  const finishing = (session: Session): void => {
    const left = (busy.get(session) ?? 1) - 1;
    if (left > 0) return void busy.set(session, left);
    busy.delete(session);
    // The answer is written by the library right after this turn of the loop.
    if (isClosing) setImmediate(() => goodbye(session));
  };
  /** Runs a handler between the library's callbacks and counts the connection as busy meanwhile. */
  const run = <T>(
    session: Session,
    callback: (error?: Error | null, result?: T) => void,
    work: () => Promise<T>,
    onError?: (error: Error) => Error,
  ): void => {
    busy.set(session, (busy.get(session) ?? 0) + 1);
    work().then(
      (result) => {
        callback(null, result);
        finishing(session);
      },
      (thrown: unknown) => {
        const error = translateError(thrown, log);
        callback(onError ? onError(error) : error);
        finishing(session);
      },
    );
  };

  const server = new SMTPServer({
    ...options.extra,
    ...tlsPolicy,
    cert: tls.material().certificate,
    key: tls.material().key,
    secure: options.implicitTls,
    name: options.hostName,
    banner: "Bouquet",
    logger: false,
    size: options.messageSizeLimit,
    rejectOversized: true,
    maxClients: limits.maxConnections,
    maxRecipients: limits.maxRecipients,
    socketTimeout: limits.idleTimeoutMs,
    // Longer than any stop: ours ends the connections.
    closeTimeout: 3_600_000,
    disableReverseLookup: true,
    hideREQUIRETLS: true,
    hideENHANCEDSTATUSCODES: false,
    onConnect(session, callback) {
      const network = networkOf(plainAddress(session.remoteAddress));
      const already = perNetwork.get(network) ?? 0;
      if (already >= limits.maxPerNetwork) {
        log.warn({ network, connections: already }, "a connection beyond the limit was refused");
        return callback(new SmtpGoodbye("Too many connections from your network, try again later"));
      }
      networks.set(session, network);
      perNetwork.set(network, already + 1);
      handlers.connect?.(session);
      callback();
    },
    onClose(session) {
      const network = networks.get(session);
      if (network === undefined) return;
      const left = (perNetwork.get(network) ?? 1) - 1;
      if (left > 0) perNetwork.set(network, left);
      else perNetwork.delete(network);
    },
    ...(handlers.onAuth && {
      onAuth(auth, session, callback) {
        busy.set(session, (busy.get(session) ?? 0) + 1);
        handlers.onAuth!(auth, session, (error, response) => {
          callback(error, response);
          finishing(session);
        });
      },
    }),
    onMailFrom(address, session, callback) {
      const declared = address.args ? Number(address.args.SIZE) : Number.NaN;
      run(session, callback, () =>
        handlers.mailFrom(
          { address: address.address, size: Number.isFinite(declared) ? declared : undefined },
          session,
        ),
      );
    },
    onRcptTo(address, session, callback) {
      run(
        session,
        callback,
        () => handlers.rcptTo(address, session),
        (error) => {
          metrics.refusedRecipients.increase({ service });
          const count = (refusals.get(session) ?? 0) + 1;
          refusals.set(session, count);
          return count > limits.maxRefusals ? new SmtpGoodbye("Too many refused recipients, goodbye") : error;
        },
      );
    },
    onData(stream, session, callback) {
      run(session, callback as (error?: Error | null, text?: string) => void, async () => {
        try {
          const text = await handlers.data(stream, session, () => goodbye(session, true));
          metrics.messages.increase({ service, outcome: "accepted" });
          return text;
        } catch (thrown) {
          const outcome = stream.destroyed && !stream.readableEnded ? "broken_off" : "refused";
          metrics.messages.increase({ service, outcome });
          // Nobody is left to answer.
          if (outcome === "broken_off") throw new SmtpGoodbye("The connection broke off");
          throw thrown;
        }
      });
    },
  });
  server.on("error", (error: Error) => log.debug({ error }, "an SMTP connection failed"));

  function connectionOf(session: Session) {
    for (const connection of server.connections) if (connection.session === session) return connection;
    return undefined;
  }
  function goodbye(session: Session, isFlood = false): void {
    const connection = connectionOf(session);
    if (!connection || (!isFlood && busy.has(session))) return;
    connection.send(421, isFlood ? "The message is far too large" : "Server shutting down, try again in a moment");
  }

  const stopReloading = tls.onReload((material) =>
    server.updateSecureContext({ cert: material.certificate, key: material.key }),
  );
  const port = await listen(server.server, `The ${options.name} server`, options.listen, log);
  return {
    port,
    get connections() {
      return server.connections.size;
    },
    async close(deadlineMs) {
      if (isClosing) return;
      isClosing = true;
      stopReloading();
      const { promise: closed, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      for (const connection of [...server.connections]) goodbye(connection.session);
      const cut = setTimeout(() => {
        for (const connection of [...server.connections]) connection._socket.destroy();
      }, deadlineMs);
      await closed;
      clearTimeout(cut);
    },
  };
}
