import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { DomainError } from "../../domain/errors.ts";
import type { AppPasswordScope } from "../../domain/identity/app-passwords.ts";
import { type AuthenticatedClient, authenticateClient } from "../../domain/identity/authenticate-client.ts";
import { findSession } from "../../domain/identity/find-session.ts";
import type { IdentityDeps } from "../../domain/identity/identity-deps.ts";
import { createClientRecall } from "../../domain/identity/recall-clients.ts";
import { longestDays, type OpenSession } from "../../domain/identity/sessions.ts";
import type { Viewer } from "../../domain/identity/viewer.ts";
import { readCookies, writeCookie } from "./cookies.ts";
import { CrossSiteError } from "./cross-site-error.ts";
import { isSecure, type ServiceName, type ServiceSettings } from "./service-settings.ts";

/** Who sent a request: a person's browser by its session, or a program by an app password. */
export type Authenticated =
  | { readonly viewer: Viewer; readonly session: OpenSession; readonly appPasswordId?: never }
  | {
      readonly viewer: Viewer;
      /** What the request gave as its name: the uid, or an address of the person. */
      readonly login: string;
      readonly appPasswordId: string;
      /** What its owner called the program or the device. */
      readonly appPasswordName: string;
      readonly session?: never;
    };

export interface HttpAuthenticator {
  readonly service: ServiceName;
  /**
   * Says who sent a request, Fastify's `request.raw` or one of node:http. With a session, an unsafe method also needs the
   * service's own Origin and the session's token. With `clientScope`, a program may use an app password (RFC 7617) instead.
   * @throws DomainError `unauthenticated`, `wrong_credentials`, `throttled`, `unavailable`; CrossSiteError
   */
  authenticate(request: IncomingMessage, options?: { clientScope?: AppPasswordScope }): Promise<Authenticated>;
  /** The open session of the request's cookie, whatever its method and origin. @throws DomainError `unavailable` */
  findSession(request: IncomingMessage): Promise<OpenSession | undefined>;
  /** @throws CrossSiteError when the request does not come from a page of this service */
  requireOwnOrigin(request: IncomingMessage): void;
  /** Set-Cookie values. */
  sessionCookie(token: string): string;
  clearedSessionCookie(): string;
}

const safeMethods = new Set(["GET", "HEAD", "OPTIONS", "PROPFIND", "REPORT", "SEARCH"]);

export function createHttpAuthenticator(
  deps: IdentityDeps,
  service: ServiceName,
  settings: Pick<ServiceSettings, "origins" | "clientAddress">,
): HttpAuthenticator {
  const secure = isSecure(settings);
  const cookieName = secure ? "__Host-bouquet" : "bouquet";
  const origin = settings.origins[service];
  const recall = createClientRecall<AuthenticatedClient & { readonly login: string }>(deps.store.hints);

  async function sessionOf(request: IncomingMessage): Promise<OpenSession | undefined> {
    const token = readCookies(request.headers.cookie).get(cookieName);
    return token === undefined ? undefined : findSession(deps, service, token, settings.clientAddress(request));
  }

  function requireOwnOrigin(request: IncomingMessage): void {
    if (request.headers.origin !== origin) throw new CrossSiteError("The request does not come from this service");
  }

  return {
    service,
    async authenticate(request, options = {}) {
      const { authorization } = request.headers;
      if (authorization !== undefined && options.clientScope !== undefined) {
        const { clientScope: scope } = options;
        return recall(request.socket, `${scope} ${authorization}`, async () => {
          const { login, secret } = readBasic(authorization);
          const remoteAddress = settings.clientAddress(request);
          return { ...(await authenticateClient(deps, { login, secret, scope, remoteAddress })), login };
        });
      }
      const session = await sessionOf(request);
      if (!session) throw new DomainError("unauthenticated", "Sign in first");
      if (!safeMethods.has(request.method ?? "")) {
        requireOwnOrigin(request);
        requireToken(request, session);
      }
      return { viewer: session.viewer, session };
    },
    findSession: sessionOf,
    requireOwnOrigin,
    sessionCookie: (token) => writeCookie(cookieName, token, { secure, maxAgeSeconds: longestDays * 86_400 }),
    clearedSessionCookie: () => writeCookie(cookieName, "", { secure, maxAgeSeconds: 0 }),
  };
}

function requireToken(request: IncomingMessage, session: OpenSession): void {
  const given = request.headers["x-bouquet-csrf"];
  const bytes = Buffer.from(typeof given === "string" ? given : "");
  const expected = Buffer.from(session.csrfToken);
  if (bytes.length !== expected.length || !timingSafeEqual(bytes, expected)) {
    throw new CrossSiteError("The request lacks the token of the session");
  }
}

/** @throws DomainError `wrong_credentials` when malformed */
function readBasic(authorization: string): { login: string; secret: string } {
  const encoded = /^basic +([A-Za-z0-9+/=]{1,2000})$/i.exec(authorization)?.[1];
  const decoded = encoded === undefined ? "" : Buffer.from(encoded, "base64").toString("utf8");
  const colon = decoded.indexOf(":");
  if (colon === -1) throw new DomainError("wrong_credentials", "The name or the app password is not right");
  return { login: decoded.slice(0, colon), secret: decoded.slice(colon + 1) };
}
