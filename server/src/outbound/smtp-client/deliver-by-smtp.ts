import { Readable } from "node:stream";
import type {
  MailTransport,
  OutboundMail,
  OutboundRecipient,
  RecipientResult,
} from "../../domain/mail/submission/mail-transport.ts";
import { findMailHosts, NoMailHost } from "../dns/find-mail-hosts.ts";
import { type OpenConnection, openConnection, type Peer } from "./open-connection.ts";
import { type Failure, readFailure, statusOf } from "./read-reply.ts";
import { findRoute, type SmtpClientOptions } from "./smtp-client-options.ts";

/** Sends mail to the servers that DNS or the operator's routes name. */
export function createMailTransport(options: SmtpClientOptions): MailTransport {
  return {
    async deliver(domain, mail, signal) {
      try {
        return await deliver(options, domain, mail, signal);
      } catch (error) {
        const failure = readFailure(error);
        return mail.recipients.map((recipient) => resultOf(recipient, failure, null));
      }
    },
  };
}

async function deliver(
  options: SmtpClientOptions,
  domain: string,
  mail: OutboundMail,
  signal: AbortSignal,
): Promise<RecipientResult[]> {
  let peers: Peer[];
  try {
    peers = await findPeers(options, domain);
  } catch (error) {
    if (!(error instanceof NoMailHost)) throw error;
    const failure: Failure = { isPermanent: error.isPermanent, status: error.status, reply: error.message };
    return mail.recipients.map((recipient) => resultOf(recipient, failure, null));
  }
  const results: RecipientResult[] = [];
  let waiting = mail.recipients;
  let last: { failure: Failure; host: string | null } | undefined;
  for (const peer of peers) {
    if (signal.aborted) break;
    let connection: OpenConnection;
    try {
      connection = await openConnection(options, peer, signal);
    } catch (error) {
      // Whatever one server says before MAIL, another of the domain may take the message (RFC 5321 section 5.1).
      last = { failure: temporary(readFailure(error)), host: peer.name };
      continue;
    }
    const attempt = await sendAll(connection, peer, { ...mail, recipients: waiting });
    results.push(...attempt.filter((result) => result.outcome !== "retry"));
    const deferred = attempt.filter((result) => result.outcome === "retry");
    if (deferred.length === 0) return results;
    const answered = deferred.filter((result) => result.status !== connectionLost);
    // A recipient put off by a server that answered waits for the next attempt; the others try the next server.
    results.push(...answered);
    const lost = new Set(deferred.filter((result) => result.status === connectionLost).map((each) => each.recipientId));
    waiting = waiting.filter((recipient) => lost.has(recipient.id));
    if (waiting.length === 0) return results;
    last = { failure: { isPermanent: false, status: connectionLost, reply: deferred[0]!.reply }, host: peer.name };
  }
  const { failure, host } = last ?? {
    failure: { isPermanent: false, status: connectionLost, reply: "The attempt was interrupted" },
    host: null,
  };
  return [...results, ...waiting.map((recipient) => resultOf(recipient, failure, host))];
}

const connectionLost = "4.4.2";

async function findPeers(options: SmtpClientOptions, domain: string): Promise<Peer[]> {
  const route = findRoute(options.routes, domain);
  if (route === "mx") {
    const hosts = await findMailHosts(options.resolver, domain);
    return hosts.map((host) => ({ ...host, port: options.mxPort ?? 25, auth: undefined }));
  }
  const hosts = await findMailHosts({ resolve: withoutMx(options) }, bracketed(route.host));
  return hosts.map((host) => ({ ...host, port: route.port, auth: route.auth }));
}

/** A relay is a host, not a mail domain: its MX records do not count. */
function withoutMx({ resolver }: SmtpClientOptions): SmtpClientOptions["resolver"]["resolve"] {
  return ((name: string, type: "A" | "MX") =>
    type === "MX" ? Promise.resolve([]) : resolver.resolve(name, type)) as SmtpClientOptions["resolver"]["resolve"];
}

function bracketed(host: string): string {
  return /^[\d.]+$|:/.test(host) ? `[${host}]` : host;
}

/** One transaction for each set of recipients with the same DSN wishes, on one connection. */
async function sendAll(connection: OpenConnection, peer: Peer, mail: OutboundMail): Promise<RecipientResult[]> {
  const results: RecipientResult[] = [];
  let broken: Failure | undefined;
  for (const batch of batches(mail.recipients)) {
    if (broken) {
      results.push(...batch.map((recipient) => resultOf(recipient, broken!, peer.name)));
      continue;
    }
    const sent = await sendBatch(connection, peer, mail, batch);
    results.push(...sent.results);
    broken = sent.broken;
  }
  if (broken) connection.smtp.close();
  else connection.close();
  return results;
}

async function sendBatch(
  connection: OpenConnection,
  peer: Peer,
  mail: OutboundMail,
  batch: readonly OutboundRecipient[],
): Promise<{ results: RecipientResult[]; broken?: Failure }> {
  const { smtp, supportsDsn } = connection;
  const prepended = Buffer.from(mail.prependedHeaders, "utf8");
  const { notify, orcpt } = batch[0]!;
  const wantsDsn = notify !== null || orcpt !== null || mail.dsn.ret !== null || mail.dsn.envid !== null;
  const lost = Promise.withResolvers<never>();
  lost.promise.catch(() => {});
  // close() forgets the message under way without a word to its callback.
  const ended = (): void => lost.reject(Object.assign(new Error("The connection closed"), { code: "ECONNECTION" }));
  smtp.once("error", lost.reject);
  smtp.once("end", ended);
  try {
    const sending = new Promise<{ rejectedErrors?: unknown[] | undefined; response: string }>((resolve, reject) => {
      smtp.send(
        {
          from: mail.returnPath,
          to: batch.map((recipient) => recipient.address),
          size: prepended.length + mail.message.size,
          use8BitMime: mail.isEightBit,
          ...(wantsDsn && {
            dsn: { ret: mail.dsn.ret, envid: mail.dsn.envid, notify: notify ? [...notify] : null, orcpt },
          }),
        },
        messageStream(prepended, mail),
        (error, sent) => (error ? reject(error) : resolve(sent as { response: string })),
      );
    });
    const info = await Promise.race([sending, lost.promise]);
    const refused = refusals(info.rejectedErrors);
    const accepted: Failure = { isPermanent: false, status: statusOf(info.response) ?? "2.0.0", reply: info.response };
    return {
      results: batch.map((recipient) => {
        const failure = refused.get(recipient.address);
        if (failure) return resultOf(recipient, failure, peer.name);
        return {
          ...resultOf(recipient, accepted, peer.name),
          outcome: "sent",
          relayedWithDsn: supportsDsn && wantsDsn,
        };
      }),
    };
  } catch (error) {
    const refused = refusals((error as { rejectedErrors?: unknown[] }).rejectedErrors);
    const failure = readFailure(error);
    return {
      results: batch.map((recipient) => resultOf(recipient, refused.get(recipient.address) ?? failure, peer.name)),
      broken: temporary(failure),
    };
  } finally {
    smtp.off("error", lost.reject);
    smtp.off("end", ended);
  }
}

function messageStream(prepended: Buffer, mail: OutboundMail): Readable {
  return Readable.from(
    (async function* () {
      if (prepended.length > 0) yield prepended;
      yield* mail.message.open();
    })(),
    { objectMode: false },
  );
}

function batches(recipients: readonly OutboundRecipient[]): OutboundRecipient[][] {
  const groups = new Map<string, OutboundRecipient[]>();
  for (const recipient of recipients) {
    // ORCPT is one recipient's own.
    const key = recipient.orcpt === null ? (recipient.notify?.join() ?? "") : recipient.id;
    groups.set(key, [...(groups.get(key) ?? []), recipient]);
  }
  return [...groups.values()];
}

function refusals(errors: unknown[] | undefined): Map<string, Failure> {
  const found = new Map<string, Failure>();
  for (const error of errors ?? []) {
    const { recipient } = error as { recipient?: string };
    if (recipient !== undefined) found.set(recipient, readFailure(error));
  }
  return found;
}

function temporary(failure: Failure): Failure {
  if (!failure.isPermanent) return failure;
  return { ...failure, isPermanent: false, status: failure.status.replace(/^5/, "4") };
}

function resultOf(recipient: OutboundRecipient, failure: Failure, remoteHost: string | null): RecipientResult {
  return {
    recipientId: recipient.id,
    outcome: failure.isPermanent ? "failed" : "retry",
    status: failure.status,
    reply: failure.reply,
    remoteHost,
    relayedWithDsn: false,
  };
}
