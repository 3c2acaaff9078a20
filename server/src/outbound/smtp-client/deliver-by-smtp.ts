import type { MailTransport, OutboundMail, RecipientResult } from "../../domain/mail/submission/mail-transport.ts";
import { DnsFailure } from "../dns/dns-answer.ts";
import { findMailHosts, type MailHost, NoMailHost } from "../dns/find-mail-hosts.ts";
import { type ConnectionPool, createConnectionPool } from "./connection-pool.ts";
import { findDemand } from "./find-demand.ts";
import { openConnection, type Peer } from "./open-connection.ts";
import { type Failure, readFailure } from "./read-reply.ts";
import { connectionLost, resultOf, type Sent, sendAll, temporary } from "./send-batch.ts";
import { findRoute, type SmtpClientOptions } from "./smtp-client-options.ts";
import { type TlsDemand, TlsPolicyFailure } from "./tls-demand.ts";

/** A connection that nobody needs is kept no longer than servers find polite. */
const idleMs = 5_000;

/** Sends mail to the servers that DNS or the operator's routes name. */
export function createMailTransport(options: SmtpClientOptions): MailTransport {
  const pool = createConnectionPool(options.idleMs ?? idleMs);
  return {
    async deliver(domain, mail, signal) {
      try {
        return await deliver(options, pool, domain, mail, signal);
      } catch (error) {
        const failure = readFailure(error);
        return mail.recipients.map((recipient) => resultOf(recipient, failure, null));
      }
    },
    close: () => pool.close(),
  };
}

/** A server to try, and what it must prove. */
interface Target {
  readonly peer: Peer;
  demand(): Promise<TlsDemand>;
}

async function deliver(
  options: SmtpClientOptions,
  pool: ConnectionPool,
  domain: string,
  mail: OutboundMail,
  signal: AbortSignal,
): Promise<RecipientResult[]> {
  let targets: Target[];
  try {
    targets = await findTargets(options, domain, mail);
  } catch (error) {
    if (!(error instanceof NoMailHost)) throw error;
    const failure: Failure = { isPermanent: error.isPermanent, status: error.status, reply: error.message };
    return mail.recipients.map((recipient) => unreached(resultOf(recipient, failure, null)));
  }
  const results: RecipientResult[] = [];
  let waiting = mail.recipients;
  let last: { failure: Failure; host: string | null; wasReached: boolean } | undefined;
  for (const target of targets) {
    if (signal.aborted) break;
    const { peer } = target;
    let sent: Sent;
    try {
      sent = await sendTo(options, pool, target, { ...mail, recipients: waiting }, signal);
    } catch (error) {
      // Whatever one server says before MAIL, another of the domain may take the message (RFC 5321 section 5.1).
      const failure = readConnectFailure(error, peer);
      const isRefused = mail.requiresTls && error instanceof TlsPolicyFailure;
      last = {
        failure: isRefused ? { ...failure, isPermanent: true, status: "5.7.30" } : temporary(failure),
        host: peer.name,
        wasReached: false,
      };
      continue;
    }
    results.push(...sent.results.filter((result) => result.outcome !== "retry"));
    const deferred = sent.results.filter((result) => result.outcome === "retry");
    // A recipient put off by a server that answered waits for the next attempt; so does all that a server may have taken
    // without our having heard it, lest another server of the domain gets it at once too.
    const isOver = (result: RecipientResult): boolean => sent.isUncertain || result.status !== connectionLost;
    results.push(...deferred.filter(isOver));
    const lost = new Set(deferred.filter((result) => !isOver(result)).map((each) => each.recipientId));
    waiting = waiting.filter((recipient) => lost.has(recipient.id));
    if (waiting.length === 0) return results;
    const reply = deferred.find((each) => lost.has(each.recipientId))!.reply;
    last = { failure: { isPermanent: false, status: connectionLost, reply }, host: peer.name, wasReached: true };
  }
  const { failure, host, wasReached } = last ?? {
    failure: { isPermanent: false, status: connectionLost, reply: "The attempt was interrupted" },
    host: null,
    wasReached: true,
  };
  const rest = waiting.map((recipient) => resultOf(recipient, failure, host));
  return [...results, ...(wasReached || signal.aborted ? rest : rest.map(unreached))];
}

/** On a connection that waits, or a new one. One that waited may have died unseen: then, once, on a new one. */
async function sendTo(
  options: SmtpClientOptions,
  pool: ConnectionPool,
  { peer, demand: findDemandNow }: Target,
  mail: OutboundMail,
  signal: AbortSignal,
): Promise<Sent> {
  const demand = await findDemandNow();
  const send = async (connection: Awaited<ReturnType<typeof openConnection>>, messages: number): Promise<Sent> => {
    const abort = (): void => connection.smtp.close();
    signal.addEventListener("abort", abort, { once: true });
    const sent = await sendAll(connection, peer.name, mail);
    signal.removeEventListener("abort", abort);
    if (sent.broken) connection.smtp.close();
    else pool.give(peer, demand, connection, messages + 1);
    const isPlain = demand.kind === "opportunistic" && !connection.isEncrypted;
    const tls = isPlain ? "none" : demand.kind;
    return { ...sent, results: sent.results.map((result) => ({ ...result, tls })) };
  };
  const idle = pool.take(peer, demand);
  if (idle) {
    const sent = await send(idle.connection, idle.messages);
    const wasDead = sent.results.every((result) => result.status === connectionLost) && !sent.isUncertain;
    if (!wasDead || signal.aborted) return sent;
  }
  return send(await openConnection(options, peer, demand, signal), 0);
}

async function findTargets(
  options: SmtpClientOptions,
  domain: string,
  { requiresTls = false, isTlsOptional = false }: OutboundMail,
): Promise<Target[]> {
  const route = findRoute(options.routes, domain);
  if (route === "mx") {
    const [hosts, policy] = await Promise.all([
      findMailHosts(options.resolver, domain),
      (domain.startsWith("[") ? undefined : options.findPolicy?.(domain))?.catch((error: unknown) => {
        throw new NoMailHost(false, "4.7.5", "The MTA-STS policies cannot be read now", { cause: error });
      }),
    ]);
    const port = options.mxPort ?? 25;
    const demandOf = (host: MailHost) =>
      isTlsOptional
        ? Promise.resolve<TlsDemand>({ kind: "opportunistic" })
        : findDemand(options.resolver, domain, host, options.tlsaPort ?? port, policy, requiresTls);
    return hosts.map((host) => ({
      peer: { name: host.name, address: host.address, port, auth: undefined },
      demand: () => demandOf(host),
    }));
  }
  const hosts = await findMailHosts({ resolve: withoutMx(options) }, bracketed(route.host));
  return hosts.map(({ name, address }) => ({
    peer: { name, address, port: route.port, auth: route.auth },
    demand: async () => (requiresTls ? { kind: "authorities", serverName: name } : { kind: "opportunistic" }),
  }));
}

function readConnectFailure(error: unknown, peer: Peer): Failure {
  if (!(error instanceof DnsFailure)) return readFailure(error);
  return {
    isPermanent: false,
    status: "4.7.5",
    reply: `DNS does not say what ${peer.name} must prove (${error.code})`,
  };
}

function unreached(result: RecipientResult): RecipientResult {
  return { ...result, isUnreachable: true };
}

/** A relay is a host, not a mail domain: its MX records do not count. */
function withoutMx({ resolver }: SmtpClientOptions): SmtpClientOptions["resolver"]["resolve"] {
  return ((name: string, type: "A" | "MX") =>
    type === "MX" ? Promise.resolve([]) : resolver.resolve(name, type)) as SmtpClientOptions["resolver"]["resolve"];
}

function bracketed(host: string): string {
  return /^[\d.]+$|:/.test(host) ? `[${host}]` : host;
}
