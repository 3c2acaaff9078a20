import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Config, PortName, ServiceHosts } from "./config/config.ts";
import { publicOrigins } from "./config/public-origins.ts";

import { purgeDeleted } from "./domain/drive/purge-deleted.ts";
import { purgeCredentials } from "./domain/identity/purge-credentials.ts";
import { fanOutHandler, fanOutTopic } from "./domain/mail/delivery/fan-out.ts";
import { purgeExpunged } from "./domain/mail/purge-expunged.ts";
import type { Resolver } from "./domain/mail/resolver.ts";
import type { MailTransport } from "./domain/mail/submission/mail-transport.ts";
import { notificationTopic } from "./domain/mail/submission/notification-order.ts";
import { purgeFinishedSubmissions } from "./domain/mail/submission/purge-finished.ts";
import { notificationHandler } from "./domain/mail/submission/send-notification.ts";
import { purgeUploads } from "./domain/mail/upload-blob.ts";
import { collectBlobsJob } from "./jobs/collect-blobs.ts";
import type { RunningJob } from "./jobs/job.ts";
import { purgeExpiredJob } from "./jobs/purge-expired.ts";
import { startOutbox } from "./jobs/run-outbox.ts";
import { startOutboundMail } from "./jobs/send-outbound-mail.ts";
import { startTimedJobs } from "./jobs/start-jobs.ts";
import { createClientAddress } from "./net/client-address.ts";
import { beneath, createHttpRouter, exactly, type HttpHandler, type HttpRoute, onHost } from "./net/http-router.ts";
import { createHttpServer } from "./net/http-server.ts";
import type { ListenPlace } from "./net/listen-error.ts";
import { startListener } from "./net/listener.ts";
import { openTls, type Tls } from "./net/tls.ts";
import { type OpenedDomain, openDomain } from "./open-domain.ts";
import { createResolver } from "./outbound/dns/create-resolver.ts";
import { createMailTransport } from "./outbound/smtp-client/deliver-by-smtp.ts";
import { createImapMetrics } from "./protocols/imap/imap-metrics.ts";
import { serveClient } from "./protocols/imap/serve-client.ts";
import { defaultImapSettings } from "./protocols/imap/settings.ts";
import { serveJmap } from "./protocols/jmap/serve-jmap.ts";
import { createIssuer } from "./protocols/oidc/issuer.ts";
import { issuerRoutes } from "./protocols/oidc/issuer-routes.ts";
import { serviceSignIn } from "./protocols/oidc/service-sign-in.ts";
import { sharePages } from "./protocols/share-pages/share-pages.ts";
import type { ServicePlugin } from "./protocols/shared/service-app.ts";
import type { ServiceName, ServiceSettings } from "./protocols/shared/service-settings.ts";
import { createSmtpMetrics } from "./protocols/smtp/smtp-metrics.ts";
import { startReceiving } from "./protocols/smtp/start-receiving.ts";
import { startSubmission } from "./protocols/smtp/start-submission.ts";
import { createServiceApp, type ServiceAppOptions } from "./protocols/web-api/create-service-app.ts";
import { driveApi } from "./protocols/web-api/drive/drive-api.ts";
import { type ClientEndpoints, portalApi } from "./protocols/web-api/portal/portal-api.ts";
import { purgeDepartures } from "./store/feed/purge-departures.ts";
import type { Logger } from "./telemetry/logger.ts";
import type { Metrics } from "./telemetry/metrics.ts";

export interface SuiteOptions {
  readonly config: Config;
  readonly connectionString: string;
  /** 0 takes a free one. */
  readonly ports: Readonly<Record<PortName, number>>;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** For tests, which have no DNS. */
  readonly resolver?: Resolver;
  /** For tests that try every route. */
  readonly onRoute?: NonNullable<ServiceAppOptions["onRoute"]>;
}

/** One running copy of the program. */
export interface Suite {
  /** Those it really listens on. */
  readonly ports: Readonly<Partial<Record<PortName, number>>>;
  readonly origins: ServiceHosts;
  readonly domain: OpenedDomain;
  /** Reads the TLS certificate again; the one in use stays when the new one is wrong. @throws ListenError */
  reloadTls(): Promise<void>;
  /** Stops in order: nothing new, what is under way ends, and is cut after `deadlineMs`. */
  stop(deadlineMs: number): Promise<void>;
}

interface Part {
  /** Servers stop first, then jobs, then the ground they stand on. */
  stop(deadlineMs: number): Promise<void>;
}

/** Uploads that no message used (RFC 8620 section 6.1 asks for an hour at least). */
const uploadDays = 1;
/** A client that was away for longer reads everything again. */
const departureDays = 30;

const webDirectory = resolve(import.meta.dirname, "../../web/dist");

/**
 * Wires one copy of the program on a migrated database and starts the roles that the configuration gives it.
 * @throws ListenError, StoreError; what was started is stopped again
 */
export async function openSuite(options: SuiteOptions): Promise<Suite> {
  const { config, log, connectionString } = options;
  const domain = await openDomain(config, connectionString, log);
  const parts: Part[] = [];
  const ports: Partial<Record<PortName, number>> = {};
  const stop = async (deadlineMs: number): Promise<void> => {
    for (const part of parts.toReversed()) await part.stop(deadlineMs);
    await domain.close();
  };
  try {
    const tls = await openTls({
      files: config.listen.tls,
      directory: join(config.dataDirectory, "tls"),
      hostNames: [...Object.values(config.web.hosts), config.mail.heloName],
      log: log.area("tls"),
    });
    const place = (name: PortName): ListenPlace => ({ host: config.listen.address, port: options.ports[name] });
    const resolver = options.resolver ?? createResolver({ servers: config.mail.dnsServers });
    const has = (role: typeof config.roles extends ReadonlySet<infer R> ? R : never) => config.roles.has(role);

    if (has("jobs")) parts.push(...(await startJobs(options, domain, resolver)));
    if (has("smtp-in") || has("submission")) {
      parts.push(...(await startSmtp(options, domain, { tls, resolver, place, ports })));
    }
    if (has("imap")) parts.push(...(await startImap(options, domain, { tls, place, ports })));
    const http = await startHttp(options, domain, place("http"), ports);
    ports.http = http.port;
    parts.push(http);
    return { ports, origins: http.origins, domain, reloadTls: () => tls.reload(), stop };
  } catch (error) {
    await stop(1_000);
    throw error;
  }
}

interface Ground {
  readonly tls: Tls;
  readonly place: (name: PortName) => ListenPlace;
  /** Filled with the ports that servers got. */
  readonly ports: Partial<Record<PortName, number>>;
}

function daysAgo(days: number): Date {
  return new Date(Date.now() - days * 86_400_000);
}

async function startJobs(options: SuiteOptions, domain: OpenedDomain, resolver: Resolver): Promise<RunningJob[]> {
  const { config, log, metrics, connectionString } = options;
  const { store, blobs, mail } = domain;
  const transport: MailTransport = createMailTransport({
    resolver,
    heloName: config.mail.heloName,
    routes: config.mail.routes,
  });
  const purges = [
    { name: "files", run: async (before: Date) => (await purgeDeleted({ store }, before)).nodes },
    { name: "messages", run: async (before: Date) => (await purgeExpunged(store, before)).messages },
    { name: "credentials", run: () => purgeCredentials(store) },
    { name: "uploads", run: () => purgeUploads({ store }, daysAgo(uploadDays)) },
    { name: "departures", run: () => purgeDepartures(store, daysAgo(Math.max(departureDays, config.recoveryDays))) },
    { name: "submissions", run: (before: Date) => purgeFinishedSubmissions(store, blobs, before) },
  ];
  return [
    await startTimedJobs({
      connectionString,
      jobs: [collectBlobsJob(mail), purgeExpiredJob(purges, config.recoveryDays)],
      log: log.area("jobs"),
    }),
    startOutbox({
      store,
      handlers: {
        [fanOutTopic]: fanOutHandler(blobs),
        [notificationTopic]: notificationHandler(mail, config.mail.heloName),
      },
      log: log.area("outbox"),
      metrics,
    }),
    startOutboundMail({ deps: { ...mail, transport }, log: log.area("outbound"), metrics }),
  ];
}

async function startSmtp(
  options: SuiteOptions,
  domain: OpenedDomain,
  { tls, place, ports, resolver }: Ground & { resolver: Resolver },
): Promise<Part[]> {
  const { config } = options;
  const spoolDirectory = join(config.dataDirectory, "spool");
  await mkdir(spoolDirectory, { recursive: true, mode: 0o700 });
  const common = {
    mail: { ...domain.mail, secrets: domain.secrets },
    analyze: domain.mail.analyze,
    tls,
    hostName: config.mail.heloName,
    messageSizeLimit: config.mail.messageSizeLimit,
    spoolDirectory,
    log: options.log.area("smtp"),
    metrics: createSmtpMetrics(options.metrics),
  };
  const parts: Part[] = [];
  if (config.roles.has("smtp-in")) {
    const server = await startReceiving({ ...common, listen: place("smtp"), resolver });
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
      });
      parts.push({ stop: (deadlineMs) => server.close(deadlineMs) });
      ports[name] = server.port;
    }
  }
  return parts;
}

async function startImap(options: SuiteOptions, domain: OpenedDomain, { tls, place, ports }: Ground): Promise<Part[]> {
  const { config } = options;
  const log = options.log.area("imap");
  const deps = {
    mail: domain.mail,
    identity: domain.identity,
    settings: {
      ...defaultImapSettings,
      allowPlainAuthOnLoopback: config.listen.allowPlainAuthOnLoopback,
      maxMessageBytes: config.mail.messageSizeLimit,
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

/** Every process answers HTTP: without the web role, only about its health. */
async function startHttp(
  options: SuiteOptions,
  domain: OpenedDomain,
  listen: ListenPlace,
  ports: Suite["ports"],
): Promise<Part & { readonly port: number; readonly origins: ServiceHosts }> {
  const { config } = options;
  const log = options.log.area("http");
  let route: HttpHandler = (_request, response) => void response.writeHead(503).end();
  const server = await createHttpServer({
    name: "The HTTP server (BOUQUET_HTTP_PORT)",
    listen,
    log,
    handler: (request, response) => route(request, response),
  });
  try {
    // Addresses of pages contain the port, which is known only now.
    const origins = publicOrigins(config.web, server.port);
    const routes = healthRoutes(domain);
    if (config.roles.has("web"))
      routes.push(...(await serviceRoutes(options, domain, { origins, ports }, server.closing)));
    route = createHttpRouter(routes, (_request, response) => {
      response
        .writeHead(404, { "content-type": "text/plain; charset=utf-8" })
        .end("There is nothing at this address\n");
    });
    return { port: server.port, origins, stop: (deadlineMs) => server.close(deadlineMs) };
  } catch (error) {
    await server.close(1_000);
    throw error;
  }
}

/** `/health`: this process answers. `/ready`: it can also do its work. On any host name. */
function healthRoutes(domain: OpenedDomain): HttpRoute[] {
  const say = (status: number, text: string): HttpHandler => {
    return (_request, response) =>
      void response
        .writeHead(status, { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" })
        .end(text);
  };
  return [
    exactly("/health", say(200, "ok\n")),
    exactly("/ready", async (request, response) => {
      const ready = await domain.store.ping().then(
        () => true,
        () => false,
      );
      await say(ready ? 200 : 503, ready ? "ok\n" : "the database does not answer\n")(request, response);
    }),
  ];
}

async function serviceRoutes(
  options: SuiteOptions,
  domain: OpenedDomain,
  { origins, ports }: { origins: ServiceHosts; ports: Suite["ports"] },
  closing: AbortSignal,
): Promise<HttpRoute[]> {
  const { config } = options;
  const { identity } = domain;
  const drive = { store: domain.store, blobs: domain.blobs, secrets: domain.secrets };
  const log = options.log.area("web");
  const settings: ServiceSettings = {
    origins,
    operator: config.operator,
    support: config.support,
    language: config.language,
    loginExample: config.language === "fr" ? "prenom.nom@commune.example" : "first.last@town.example",
    webDirectory,
    clientAddress: createClientAddress(config.web.trustedProxies),
  };
  const issuer = createIssuer({ identity, settings, log: options.log.area("oidc") });
  const plugins: Record<ServiceName, readonly ServicePlugin[]> = {
    portal: [issuerRoutes(issuer, identity), portalApi(identity, clientEndpoints(config, ports))],
    mail: [
      serviceSignIn("mail", issuer, identity),
      serveJmap({
        mail: { ...domain.mail, secrets: domain.secrets },
        identity,
        log: options.log.area("jmap"),
        messageSizeLimit: config.mail.messageSizeLimit,
      }),
    ],
    drive: [serviceSignIn("drive", issuer, identity), driveApi(drive), sharePages(drive)],
  };
  const routes: HttpRoute[] = [];
  for (const service of ["portal", "mail", "drive"] as const) {
    const app = await createServiceApp({
      service,
      settings,
      identity,
      log,
      closing,
      plugins: plugins[service],
      ...(options.onRoute && { onRoute: options.onRoute }),
    });
    // Programs know one host name, whichever it is.
    if (service === "mail") routes.unshift(beneath("/jmap", app.routing), exactly("/.well-known/jmap", app.routing));
    routes.push(onHost(config.web.hosts[service], app.routing));
  }
  return routes;
}

/** What people type into their mail programs: TLS from the first byte first, as RFC 8314 asks. */
function clientEndpoints(config: Config, ports: Suite["ports"]): ClientEndpoints {
  const host = config.web.hosts.mail;
  const endpoint = (name: PortName, security: "tls" | "starttls") => {
    // Another copy may have that role: then its port is the configured one.
    const port = ports[name] ?? config.listen.ports[name];
    return port === 0 ? [] : [{ host, port, security }];
  };
  return {
    imap: [...endpoint("imaps", "tls"), ...endpoint("imap", "starttls")],
    smtp: [...endpoint("submissions", "tls"), ...endpoint("submission", "starttls")],
    davUrl: undefined,
  };
}
