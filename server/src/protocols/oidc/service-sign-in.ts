import { createHash, randomBytes } from "node:crypto";
import { DomainError } from "../../domain/errors.ts";
import type { IdentityDeps } from "../../domain/identity/identity-deps.ts";
import { openServiceSession } from "../../domain/identity/open-session.ts";
import { readCookies, writeCookie } from "../shared/cookies.ts";
import { localPath } from "../shared/local-path.ts";
import type { ServicePlugin } from "../shared/service-app.ts";
import { isSecure } from "../shared/service-settings.ts";
import { toHttpError } from "../shared/translate-http-error.ts";
import { type ClientService, callbackPath, familyScope, serviceClient } from "./clients.ts";
import type { Issuer } from "./issuer.ts";
import { problemPage } from "./problem-page.ts";

/** What a service remembers between sending someone to the portal and their coming back, sealed in a cookie of theirs. */
interface Flow {
  state: string;
  nonce: string;
  verifier: string;
  returnTo: string;
  /** Milliseconds. */
  expiresAt: number;
}

const flowSeconds = 3_600; // as long as an interaction

/**
 * Signing in to a service through the portal: authorization code with PKCE, state and nonce (OpenID Connect Core 3.1, RFC 9700).
 * `GET /sign-in?return=/path` begins it, `GET /auth/callback` ends it with a session of this origin. For mail and drive.
 */
export function serviceSignIn(service: ClientService, issuer: Issuer, identity: IdentityDeps): ServicePlugin {
  return (app, { authenticator, settings, log }) => {
    const client = serviceClient(service, identity.secrets, settings);
    const secure = isSecure(settings);
    const sealPurpose = `sign-in-flow ${service}`;
    const cookieOf = (state: string) => `${secure ? "__Secure-" : ""}bouquet-flow-${state.slice(0, 8)}`;

    app.setErrorHandler((error, request, reply) => {
      const known = toHttpError(error);
      if (!known) log.error({ error, path: request.routeOptions.url }, "a sign-in through the portal failed");
      else if (error instanceof DomainError)
        log.info({ reason: error.detail ?? error.message }, "a sign-in through the portal was refused");
      return reply
        .code(known?.status ?? 500)
        .type("text/html; charset=utf-8")
        .send(problemPage(settings, { detail: known?.body.code ?? "internal" }));
    });

    app.get<{ Querystring: { return?: string } }>(
      "/sign-in",
      { config: { access: "public" } },
      async (request, reply) => {
        reply.header("cache-control", "no-store");
        const returnTo = localPath(firstOf(request.query.return));
        if (await authenticator.findSession(request.raw)) return reply.redirect(returnTo, 303);
        const random = () => randomBytes(32).toString("base64url");
        const flow: Flow = {
          state: random(),
          nonce: random(),
          verifier: random(),
          returnTo,
          expiresAt: Date.now() + flowSeconds * 1_000,
        };
        const sealed = identity.secrets.seal(sealPurpose, JSON.stringify(flow)).toString("base64url");
        reply.header(
          "set-cookie",
          writeCookie(cookieOf(flow.state), sealed, { secure, maxAgeSeconds: flowSeconds, path: callbackPath }),
        );
        const query = new URLSearchParams({
          response_type: "code",
          client_id: client.id,
          redirect_uri: client.redirectUri,
          scope: `openid ${familyScope}`,
          state: flow.state,
          nonce: flow.nonce,
          code_challenge: createHash("sha256").update(flow.verifier).digest("base64url"),
          code_challenge_method: "S256",
        });
        return reply.redirect(`${issuer.identifier}/auth?${query}`, 303);
      },
    );

    app.get<{ Querystring: { code?: string; state?: string; error?: string; iss?: string } }>(
      callbackPath,
      { config: { access: "public" } },
      async (request, reply) => {
        reply.header("cache-control", "no-store");
        const state = firstOf(request.query.state) ?? "";
        const flow = readFlow(request.headers.cookie, state);
        if (!flow) throw new DomainError("expired", "This sign-in is over or began in another browser");
        const clear = writeCookie(cookieOf(state), "", { secure, maxAgeSeconds: 0, path: callbackPath });
        reply.header("set-cookie", clear);
        // RFC 9207: the answer must say that it comes from our issuer.
        if (request.query.iss !== issuer.identifier || request.query.error !== undefined) {
          throw new DomainError("unauthenticated", "The portal refused", {
            detail: firstOf(request.query.error) ?? "issuer",
          });
        }
        const { uid, familyId } = await issuer.exchangeCode(client, {
          code: firstOf(request.query.code) ?? "",
          verifier: flow.verifier,
          nonce: flow.nonce,
        });
        const traits = {
          remoteAddress: settings.clientAddress(request.raw),
          userAgent: request.headers["user-agent"],
        };
        const { token } = await openServiceSession(identity, { uid, familyId, service, client: traits });
        reply.header("set-cookie", authenticator.sessionCookie(token));
        return reply.redirect(flow.returnTo, 303);
      },
    );

    function readFlow(cookieHeader: string | undefined, state: string): Flow | undefined {
      if (!/^[\w-]{43}$/.test(state)) return undefined;
      const sealed = readCookies(cookieHeader).get(cookieOf(state)) ?? "";
      const opened = identity.secrets.open(sealPurpose, Buffer.from(sealed, "base64url"));
      const flow = opened && (JSON.parse(opened.toString("utf8")) as Flow);
      return flow && flow.state === state && flow.expiresAt > Date.now() ? flow : undefined;
    }
  };
}

/** A repeated parameter is an array. */
function firstOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
