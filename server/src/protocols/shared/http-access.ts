import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { DomainError } from "../../domain/errors.ts";
import type { AppPasswordScope } from "../../domain/identity/app-passwords.ts";
import type { OpenSession } from "../../domain/identity/sessions.ts";
import type { Viewer } from "../../domain/identity/viewer.ts";
import type { Authenticated, HttpAuthenticator } from "./http-authentication.ts";

/**
 * Who may call a route, as `config: { access }`. A route that says nothing is for signed-in people.
 * - `session`: a session of this service; unsafe methods need Origin and token
 * - `own-origin`: nobody in particular, from a page of this service (sign-in)
 * - `public`: anybody from anywhere; must change nothing in a person's name
 */
export type Access = "session" | "own-origin" | "public";

declare module "fastify" {
  interface FastifyContextConfig {
    access?: Access;
    /** `session` routes only: programs may come with an app password of this scope instead. */
    clientScope?: AppPasswordScope;
  }
  interface FastifyRequest {
    /** Undefined on routes that are not `session`. */
    authenticated: Authenticated | undefined;
    authenticator: HttpAuthenticator;
  }
}

/** Guards every route registered after it, by its `access`. */
export function guardRoutes(app: FastifyInstance, authenticator: HttpAuthenticator): void {
  app.decorateRequest("authenticated", undefined);
  app.decorateRequest("authenticator", { getter: () => authenticator });
  app.addHook("onRequest", async (request: FastifyRequest, reply: FastifyReply) => {
    const { access = "session", clientScope } = request.routeOptions.config;
    if (access === "own-origin" && request.method !== "GET" && request.method !== "HEAD") {
      authenticator.requireOwnOrigin(request.raw);
    }
    if (access === "session") {
      if (clientScope && comesFromProgram(request)) {
        // Taken back below; without it programs do not ask their user for a password (RFC 9110 section 11.6.1).
        reply.header("www-authenticate", 'Basic realm="Bouquet", charset="UTF-8"');
      }
      request.authenticated = await authenticator.authenticate(request.raw, clientScope ? { clientScope } : {});
      reply.removeHeader("www-authenticate");
    }
  });
}

/** A browser would answer the challenge with a dialog of its own over our page. */
function comesFromProgram({ headers }: FastifyRequest): boolean {
  return headers.authorization !== undefined || (!headers.cookie && headers["sec-fetch-mode"] === undefined);
}

/** @throws DomainError `unauthenticated`: only on a route whose `access` is not `session` */
export function requireViewer(request: FastifyRequest): Viewer {
  if (!request.authenticated) throw new DomainError("unauthenticated", "Sign in first");
  return request.authenticated.viewer;
}

/** The session of a browser. @throws DomainError `forbidden` for a program with an app password */
export function requireSession(request: FastifyRequest): OpenSession {
  requireViewer(request);
  if (!request.authenticated?.session) throw new DomainError("forbidden", "This needs a browser session");
  return request.authenticated.session;
}
