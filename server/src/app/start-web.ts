import { resolve } from "node:path";
import type { Config, PortName, ServiceHosts } from "../config/config.ts";
import { publicOrigins } from "../config/public-origins.ts";
import type { Previews } from "../domain/drive/previews/open-previews.ts";
import { instanceId } from "../domain/identity/instance-id.ts";
import { createClientAddress } from "../net/client-address.ts";
import { beneath, createHttpRouter, exactly, type HttpHandler, type HttpRoute, onHost } from "../net/http-router.ts";
import { createHttpServer, type HttpUpgrade } from "../net/http-server.ts";
import type { ListenPlace } from "../net/listen-error.ts";
import type { OpenedDomain } from "../open-domain.ts";
import { authenticateDav } from "../protocols/dav/authenticate-dav.ts";
import { davMounts } from "../protocols/dav/dav-mounts.ts";
import { serveDav } from "../protocols/dav/serve-dav.ts";
import { serveJmap } from "../protocols/jmap/serve-jmap.ts";
import { serveMtaStsPolicy } from "../protocols/mta-sts/serve-policy.ts";
import { serveBulk } from "../protocols/nextcloud/bulk/serve-bulk.ts";
import { noteMounts, noteRoutes } from "../protocols/nextcloud/note-mounts.ts";
import { fileIconRoutes } from "../protocols/nextcloud/previews/file-icons.ts";
import { previewRoutes } from "../protocols/nextcloud/previews/preview-routes.ts";
import { servePush } from "../protocols/nextcloud/push/serve-push.ts";
import { nextcloudRoutes } from "../protocols/nextcloud/serve-nextcloud.ts";
import { publicShareRoutes } from "../protocols/nextcloud/shares/public-shares.ts";
import { sharingRoutes } from "../protocols/nextcloud/shares/sharing-routes.ts";
import { transferMounts } from "../protocols/nextcloud/transfer-mounts.ts";
import { createIssuer } from "../protocols/oidc/issuer.ts";
import { issuerRoutes } from "../protocols/oidc/issuer-routes.ts";
import { serviceSignIn } from "../protocols/oidc/service-sign-in.ts";
import { sharePages } from "../protocols/share-pages/share-pages.ts";
import { createHttpAuthenticator } from "../protocols/shared/http-authentication.ts";
import type { ServicePlugin } from "../protocols/shared/service-app.ts";
import type { ServiceName, ServiceSettings } from "../protocols/shared/service-settings.ts";
import { createServiceApp } from "../protocols/web-api/create-service-app.ts";
import { driveApi } from "../protocols/web-api/drive/drive-api.ts";
import { forwardApi } from "../protocols/web-api/mail/forward-api.ts";
import { moderationApi } from "../protocols/web-api/mail/moderation-api.ts";
import { recoveryApi, recoveryOfPeopleApi } from "../protocols/web-api/mail/recovery-api.ts";
import { screeningApi } from "../protocols/web-api/mail/screening-api.ts";
import { sendingApi } from "../protocols/web-api/mail/sending-api.ts";
import { sharingApi } from "../protocols/web-api/mail/sharing-api.ts";
import { type ClientEndpoints, portalApi } from "../protocols/web-api/portal/portal-api.ts";
import { createFileScanner } from "./create-file-scanner.ts";
import { startPreviews } from "./start-previews.ts";
import type { Part, Suite, SuiteOptions } from "./suite.ts";

const webDirectory = resolve(import.meta.dirname, "../../../web/dist");

/** Every process answers HTTP: without the web role, only about its health. */
export async function startHttp(
  options: SuiteOptions,
  domain: OpenedDomain,
  listen: ListenPlace,
  ports: Suite["ports"],
): Promise<Part & { readonly port: number; readonly origins: ServiceHosts }> {
  const { config } = options;
  const log = options.log.area("http");
  let route: HttpHandler = (_request, response) => void response.writeHead(503).end();
  let push: HttpUpgrade | undefined;
  const previews = startPreviews(config, domain, options.log.area("previews"));
  const server = await createHttpServer({
    name: "The HTTP server (BOUQUET_HTTP_PORT)",
    listen,
    log,
    handler: (request, response) => route(request, response),
    upgrade: {
      accepts: (request) => push?.accepts(request) ?? false,
      take: (request, socket, head) => push?.take(request, socket, head),
    },
  });
  const stop = async (deadlineMs: number): Promise<void> => {
    // What is being drawn is drawn again when somebody asks.
    await Promise.all([server.close(deadlineMs), previews.close()]);
  };
  try {
    // Addresses of pages contain the port, which is known only now.
    const origins = publicOrigins(config.web, server.port);
    const routes = healthRoutes(domain);
    if (config.roles.has("web")) {
      const services = await serviceRoutes(options, domain, { origins, ports }, server.closing, previews);
      routes.push(...services.routes);
      push = services.push;
    }
    route = createHttpRouter(routes, (_request, response) => {
      response
        .writeHead(404, { "content-type": "text/plain; charset=utf-8" })
        .end("There is nothing at this address\n");
    });
    return { port: server.port, origins, stop };
  } catch (error) {
    await stop(1_000);
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
  previews: Previews,
): Promise<{ routes: HttpRoute[]; push: HttpUpgrade }> {
  const { config } = options;
  const { identity } = domain;
  const drive = {
    store: domain.store,
    blobs: domain.blobs,
    secrets: domain.secrets,
    brake: config.brake,
    recoveryDays: config.recoveryDays,
    sharing: config.sharing,
    scanner: createFileScanner({ ...domain.mail.screening, store: domain.store }),
  };
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
    portal: [
      issuerRoutes(issuer, identity),
      portalApi(identity, clientEndpoints(config, ports, origins.drive)),
      recoveryOfPeopleApi(domain.mail, config.recoveryDays),
    ],
    mail: [
      serviceSignIn("mail", issuer, identity),
      serveJmap({
        mail: { ...domain.mail, secrets: domain.secrets },
        identity,
        log: options.log.area("jmap"),
        messageSizeLimit: config.mail.messageSizeLimit,
      }),
      moderationApi(domain.mail),
      forwardApi(domain.mail),
      recoveryApi(domain.mail, config.recoveryDays),
      screeningApi(domain.mail, config.mail.screening.quarantineDays),
      sendingApi(domain.mail),
      sharingApi(domain.mail),
    ],
    drive: [
      serviceSignIn("drive", issuer, identity),
      driveApi({ ...drive, previews }),
      sharePages({ ...drive, previews }),
    ],
  };
  const clients = {
    ...drive,
    authenticator: createHttpAuthenticator(identity, "drive", settings),
    settings,
    log: options.log.area("clients"),
    onRoute: options.onClientRoute,
  };
  const trees = {
    ...drive,
    instance: instanceId(domain.secrets),
    origin: origins.drive,
    mayHavePreview: previews.mayHave,
  };
  const dav = serveDav({
    authenticate: (request) => authenticateDav(clients.authenticator, request),
    mounts: [...davMounts(trees), ...transferMounts(trees), ...noteMounts(drive)],
    log: options.log.area("dav"),
    onRoute: options.onClientRoute,
  });
  const bulk = serveBulk({ trees, authenticator: clients.authenticator, log: options.log.area("dav") });
  const sharing = sharingRoutes({ ...clients, mayHavePreview: previews.mayHave });
  const routes: HttpRoute[] = [
    serveMtaStsPolicy(domain.mail, config.mail.heloName),
    ...nextcloudRoutes({
      ...clients,
      ...sharing,
      declaresWindowsNames: config.declaresWindowsNames,
      pages: [...sharing.pages, ...previewRoutes({ ...clients, previews }), ...fileIconRoutes()],
    }),
    ...publicShareRoutes({ ...trees, settings, log: options.log.area("dav"), onRoute: options.onClientRoute }),
    ...noteRoutes(clients, dav),
    ...["/remote.php/dav/bulk", "/dav/bulk"].map((path) => exactly(path, bulk)),
    ...["/remote.php/dav", "/remote.php/webdav", "/dav"].map((path) => beneath(path, dav)),
  ];
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
  for (const { path } of routes) options.onClientRoute?.({ method: "*", path });
  return { routes, push: servePush(clients, closing) };
}

/** What people type into their mail programs: TLS from the first byte first, as RFC 8314 asks. */
function clientEndpoints(config: Config, ports: Suite["ports"], driveOrigin: string): ClientEndpoints {
  const host = config.web.hosts.mail;
  const endpoint = (name: PortName, security: "tls" | "starttls") => {
    // Another copy may have that role: then its port is the configured one.
    const port = ports[name] ?? config.listen.ports[name];
    return port === 0 ? [] : [{ host, port, security }];
  };
  return {
    imap: [...endpoint("imaps", "tls"), ...endpoint("imap", "starttls")],
    pop3: [...endpoint("pop3s", "tls"), ...endpoint("pop3", "starttls")],
    smtp: [...endpoint("submissions", "tls"), ...endpoint("submission", "starttls")],
    sieve: endpoint("managesieve", "starttls"),
    // Of the server, as Nextcloud's clients ask for it; WebDAV programs find their way from there.
    davUrl: driveOrigin,
  };
}
