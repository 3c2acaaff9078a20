import type { PortName } from "../config/config.ts";
import { type Connection, startListener } from "../net/listener.ts";
import type { OpenedDomain } from "../open-domain.ts";
import { createImapMetrics } from "../protocols/imap/imap-metrics.ts";
import { serveClient as serveImapClient } from "../protocols/imap/serve-client.ts";
import { defaultImapSettings } from "../protocols/imap/settings.ts";
import { createManageSieveMetrics } from "../protocols/managesieve/managesieve-metrics.ts";
import { serveClient as serveManageSieveClient } from "../protocols/managesieve/serve-client.ts";
import { defaultManageSieveSettings } from "../protocols/managesieve/settings.ts";
import { createPop3Metrics } from "../protocols/pop3/pop3-metrics.ts";
import { serveClient as servePop3Client } from "../protocols/pop3/serve-client.ts";
import { defaultPop3Settings } from "../protocols/pop3/settings.ts";
import { discoveryUrl } from "./discovery-url.ts";
import type { Ground, Part, SuiteOptions } from "./suite.ts";

/** What mail programs read from. */
export async function startImap(options: SuiteOptions, domain: OpenedDomain, ground: Ground): Promise<Part[]> {
  const { config } = options;
  const deps = {
    ...clientDeps(options, domain, "imap"),
    settings: {
      ...defaultImapSettings,
      ...clientSettings(options),
      maxMessageBytes: config.mail.messageSizeLimit,
      literalMinus: config.mail.imapLiteralMinus,
    },
    metrics: createImapMetrics(options.metrics),
  };
  return startServers(options, ground, {
    name: "IMAP",
    ports: ["imap", "imaps"],
    log: deps.log,
    refusal: "* BYE [UNAVAILABLE] Too many connections, try again later\r\n",
    onConnection: (connection) => serveImapClient(connection, deps),
  });
}

/** POP3, for devices that know nothing else. */
export async function startPop3(options: SuiteOptions, domain: OpenedDomain, ground: Ground): Promise<Part[]> {
  const deps = {
    ...clientDeps(options, domain, "pop3"),
    settings: { ...defaultPop3Settings, ...clientSettings(options) },
    metrics: createPop3Metrics(options.metrics),
  };
  return startServers(options, ground, {
    name: "POP3",
    ports: ["pop3", "pop3s"],
    log: deps.log,
    refusal: "-ERR [SYS/TEMP] Too many connections, try again later\r\n",
    onConnection: (connection) => servePop3Client(connection, deps),
  });
}

/** ManageSieve, with which mail programs change filters. */
export async function startManageSieve(options: SuiteOptions, domain: OpenedDomain, ground: Ground): Promise<Part[]> {
  const deps = {
    ...clientDeps(options, domain, "managesieve"),
    settings: { ...defaultManageSieveSettings, ...clientSettings(options) },
    metrics: createManageSieveMetrics(options.metrics),
  };
  return startServers(options, ground, {
    name: "ManageSieve",
    ports: ["managesieve"],
    log: deps.log,
    refusal: 'BYE (TRYLATER) "Too many connections, try again later"\r\n',
    onConnection: (connection) => serveManageSieveClient(connection, deps),
  });
}

function clientDeps(options: SuiteOptions, domain: OpenedDomain, area: string) {
  const { mail, identity } = domain;
  return { mail, identity, log: options.log.area(area), connectionsOf: new Map<string, number>() };
}

function clientSettings({ config }: SuiteOptions) {
  return { allowPlainAuthOnLoopback: config.listen.allowPlainAuthOnLoopback, discovery: discoveryUrl(config) };
}

interface LineServer {
  readonly name: string;
  readonly ports: readonly PortName[];
  readonly log: SuiteOptions["log"];
  readonly refusal: string;
  readonly onConnection: (connection: Connection) => Promise<void>;
}

const implicitTls: ReadonlySet<PortName> = new Set<PortName>(["imaps", "pop3s"]);

async function startServers(
  { config }: SuiteOptions,
  { tls, place, ports }: Ground,
  server: LineServer,
): Promise<Part[]> {
  const parts: Part[] = [];
  for (const port of server.ports) {
    const listener = await startListener({
      name: server.name,
      listen: place(port),
      tls,
      proxies: config.listen.proxies,
      implicitTls: implicitTls.has(port),
      log: server.log,
      refusal: server.refusal,
      onConnection: server.onConnection,
    });
    parts.push({ stop: (deadlineMs) => listener.close(deadlineMs) });
    ports[port] = listener.port;
  }
  return parts;
}
