import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { publicOrigins } from "../config/public-origins.ts";
import type { Resolver } from "../domain/mail/resolver.ts";
import { TraceBuffer } from "../domain/mail/trace/trace-buffer.ts";
import { startListener } from "../net/listener.ts";
import type { OpenedDomain } from "../open-domain.ts";
import { createImapMetrics } from "../protocols/imap/imap-metrics.ts";
import { serveClient } from "../protocols/imap/serve-client.ts";
import { defaultImapSettings } from "../protocols/imap/settings.ts";
import { createPop3Metrics } from "../protocols/pop3/pop3-metrics.ts";
import { serveClient as servePop3Client } from "../protocols/pop3/serve-client.ts";
import { defaultPop3Settings } from "../protocols/pop3/settings.ts";
import { createSmtpMetrics } from "../protocols/smtp/smtp-metrics.ts";
import { startReceiving } from "../protocols/smtp/start-receiving.ts";
import { startSubmission } from "../protocols/smtp/start-submission.ts";
import type { Ground, Part, SuiteOptions } from "./suite.ts";

/** The servers that take mail: from other servers, and from our users. */
export async function startSmtp(
  options: SuiteOptions,
  domain: OpenedDomain,
  { tls, place, ports, resolver }: Ground & { resolver: Resolver },
): Promise<Part[]> {
  const { config } = options;
  const { receiving } = config.mail;
  const spoolDirectory = join(config.dataDirectory, "spool");
  await mkdir(spoolDirectory, { recursive: true, mode: 0o700 });
  const trace = new TraceBuffer(domain.store, options.log.area("trace"));
  const common = {
    trace,
    mail: { ...domain.mail, secrets: domain.secrets },
    analyze: domain.mail.analyze,
    tls,
    hostName: config.mail.heloName,
    messageSizeLimit: config.mail.messageSizeLimit,
    limits: config.mail.smtpLimits,
    proxies: config.listen.proxies,
    spoolDirectory,
    log: options.log.area("smtp"),
    metrics: createSmtpMetrics(options.metrics),
  };
  // Stopped last: what the servers refused until then is written.
  const parts: Part[] = [{ stop: () => trace.flush() }];
  if (config.roles.has("smtp-in")) {
    const server = await startReceiving({
      ...common,
      listen: place("smtp"),
      resolver,
      screening: domain.mail.screening,
      messageSizeLimit: receiving.messageSizeLimit,
      rates: receiving.rates,
      trustedNetworks: receiving.trustedNetworks,
      ...(receiving.greylistSeconds !== undefined && { greylist: { delaySeconds: receiving.greylistSeconds } }),
    });
    parts.push({ stop: (deadlineMs) => server.close(deadlineMs) });
    ports.smtp = server.port;
  }
  if (config.roles.has("submission")) {
    for (const name of ["submission", "submissions"] as const) {
      const server = await startSubmission({
        ...common,
        listen: place(name),
        implicitTls: name === "submissions",
        allowPlainAuthOnLoopback: config.listen.allowPlainAuthOnLoopback,
        identity: domain.identity,
        discovery: discoveryUrl(config),
      });
      parts.push({ stop: (deadlineMs) => server.close(deadlineMs) });
      ports[name] = server.port;
    }
  }
  return parts;
}

/** Where a program without a token finds how to get one (OpenID Connect Discovery 1.0 section 4). */
function discoveryUrl({ web, listen }: SuiteOptions["config"]): string {
  return `${publicOrigins(web, listen.ports.http).portal}/oidc/.well-known/openid-configuration`;
}

/** The servers that mail programs read from. */
export async function startImap(
  options: SuiteOptions,
  domain: OpenedDomain,
  { tls, place, ports }: Ground,
): Promise<Part[]> {
  const { config } = options;
  const log = options.log.area("imap");
  const deps = {
    mail: domain.mail,
    identity: domain.identity,
    settings: {
      ...defaultImapSettings,
      allowPlainAuthOnLoopback: config.listen.allowPlainAuthOnLoopback,
      maxMessageBytes: config.mail.messageSizeLimit,
      literalMinus: config.mail.imapLiteralMinus,
      discovery: discoveryUrl(config),
    },
    log,
    metrics: createImapMetrics(options.metrics),
    connectionsOf: new Map<string, number>(),
  };
  const parts: Part[] = [];
  for (const name of ["imap", "imaps"] as const) {
    const listener = await startListener({
      name: "IMAP",
      listen: place(name),
      tls,
      proxies: config.listen.proxies,
      implicitTls: name === "imaps",
      log,
      refusal: "* BYE [UNAVAILABLE] Too many connections, try again later\r\n",
      onConnection: (connection) => serveClient(connection, deps),
    });
    parts.push({ stop: (deadlineMs) => listener.close(deadlineMs) });
    ports[name] = listener.port;
  }
  return parts;
}

/** POP3, for devices that know nothing else. */
export async function startPop3(
  options: SuiteOptions,
  domain: OpenedDomain,
  { tls, place, ports }: Ground,
): Promise<Part[]> {
  const log = options.log.area("pop3");
  const deps = {
    mail: domain.mail,
    identity: domain.identity,
    settings: { ...defaultPop3Settings, allowPlainAuthOnLoopback: options.config.listen.allowPlainAuthOnLoopback },
    log,
    metrics: createPop3Metrics(options.metrics),
    connectionsOf: new Map<string, number>(),
  };
  const parts: Part[] = [];
  for (const name of ["pop3", "pop3s"] as const) {
    const listener = await startListener({
      name: "POP3",
      listen: place(name),
      tls,
      proxies: options.config.listen.proxies,
      implicitTls: name === "pop3s",
      log,
      refusal: "-ERR [SYS/TEMP] Too many connections, try again later\r\n",
      onConnection: (connection) => servePop3Client(connection, deps),
    });
    parts.push({ stop: (deadlineMs) => listener.close(deadlineMs) });
    ports[name] = listener.port;
  }
  return parts;
}
