import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from "@fastify/type-provider-typebox";
import fastify from "fastify";
import type { IdentityDeps } from "../../domain/identity/identity-deps.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { guardRoutes } from "../shared/http-access.ts";
import { createHttpAuthenticator } from "../shared/http-authentication.ts";
import { securityHeaders } from "../shared/security-headers.ts";
import { getAndHead } from "../shared/send-file.ts";
import type { ServiceApp, ServiceContext, ServicePlugin } from "../shared/service-app.ts";
import type { ServiceName, ServiceSettings } from "../shared/service-settings.ts";
import { internalHttpError, toHttpError } from "../shared/translate-http-error.ts";
import { loadWebPages } from "../shared/web-pages.ts";
import { registerEvents } from "./events.ts";
import { registerSession } from "./identity/session.ts";
import { registerOperator } from "./operator.ts";

export interface ServiceAppOptions {
  readonly service: ServiceName;
  readonly settings: ServiceSettings;
  readonly identity: IdentityDeps;
  readonly log: Logger;
  readonly closing: AbortSignal;
  readonly plugins?: readonly ServicePlugin[];
  /** Told every route, in the words of the router: `/api/drive/nodes/:id`. */
  readonly onRoute?: (route: { service: ServiceName; method: string; path: string }) => void;
}

/**
 * The HTTP side of one service: its pages, its JSON API and what `plugins` add. Give requests to `app.routing` after it was
 * awaited. Routes are for signed-in people unless they say otherwise: see `Access`.
 */
export async function createServiceApp(options: ServiceAppOptions): Promise<ServiceApp> {
  const { service, settings, identity, log, closing, plugins = [] } = options;
  const app: ServiceApp = fastify({
    bodyLimit: 1_048_576,
    routerOptions: { maxParamLength: 1_000 },
    forceCloseConnections: true,
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.setValidatorCompiler(TypeBoxValidatorCompiler);

  const { onRoute } = options;
  if (onRoute) {
    app.addHook("onRoute", ({ method, url }) => {
      for (const each of [method].flat()) onRoute({ service, method: each, path: url });
    });
  }
  const headers = securityHeaders(service, settings);
  app.addHook("onRequest", async (request, reply) => {
    reply.headers(headers);
    if (request.url.startsWith("/api/")) reply.header("cache-control", "no-store");
  });
  app.setErrorHandler((error, request, reply) => {
    const known = toHttpError(error);
    if (!known && request.raw.destroyed) log.debug({ error }, "a client went away in a request");
    else if (!known) log.error({ error, method: request.method, path: request.routeOptions.url }, "a request failed");
    const { status, headers: extra, body } = known ?? internalHttpError;
    return reply.code(status).headers(extra).type("application/json; charset=utf-8").send(JSON.stringify(body));
  });
  app.setNotFoundHandler((_request, reply) =>
    reply
      .code(404)
      .type("application/json; charset=utf-8")
      .send('{"code":"not_found","message":"There is nothing here"}'),
  );

  const authenticator = createHttpAuthenticator(identity, service, settings);
  guardRoutes(app, authenticator);
  const context: ServiceContext = {
    service,
    settings,
    pages: loadWebPages(settings.webDirectory),
    authenticator,
    log,
    closing,
  };

  registerOperator(app, context);
  registerSession(app, context, identity);
  registerEvents(app, context, identity);
  for (const plugin of plugins) await app.register(async (scope) => plugin(scope as ServiceApp, context));
  registerPages(app, context);
  await app.ready();
  return app;
}

function registerPages(app: ServiceApp, { service, pages }: ServiceContext): void {
  app.route({
    ...getAndHead,
    url: "/*",
    config: { access: "public" },
    handler: (request, reply) => {
      const path = request.url.replace(/[?#].*$/, "");
      if (/^\/(api|assets|\.well-known)(\/|$)/.test(path) || /\.[a-z0-9]{2,11}$/.test(path)) {
        return pages.sendFile(reply, path) ?? reply.callNotFound();
      }
      // Any other path is a screen of the web app, which knows its own.
      return pages.sendPage(reply, service);
    },
  });
}
