import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { DomainError } from "../../../domain/errors.ts";
import type { HttpHandler } from "../../../net/http-router.ts";
import { authenticateDav } from "../../dav/authenticate-dav.ts";
import { originOfRequest } from "../../shared/origin-of-request.ts";
import { createRouteMatcher } from "../match-route.ts";
import type { NextcloudDeps } from "../nextcloud-deps.ts";
import { readParameters } from "../parameters.ts";
import type { SignedInDevice } from "../signed-in-device.ts";
import { httpStatusOf, type OcsFormat, writeEnvelope } from "./envelope.ts";
import { type OcsAnswer, OcsError, type OcsRoute } from "./ocs-route.ts";
import { toOcsFailure } from "./translate-error.ts";

const ocsPath = /^\/ocs\/v([12])\.php(\/.*)?$/;

const noSuchCall =
  "Invalid query, please check the syntax. API specifications are here: http://www.freedesktop.org/wiki/Specifications/open-collaboration-services.\n";

/**
 * The calls of the Open Collaboration Services beneath `/ocs/v1.php` and `/ocs/v2.php`. Programs come with an app password each
 * time; the header OCS-APIRequest, which guards the cookies of Nextcloud, is not asked for, since no cookie opens anything here.
 */
export function serveOcs(deps: NextcloudDeps, routes: readonly OcsRoute[]): HttpHandler {
  const match = createRouteMatcher(routes);
  for (const { method, path } of routes) deps.onRoute?.({ method, path: `/ocs/v2.php${path}` });

  async function answer(request: IncomingMessage, version: 1 | 2, path: string): Promise<OcsAnswer> {
    const matched = match(request.method ?? "", path);
    if (matched === "malformed") throw new DomainError("invalid", "The address is malformed");
    if (matched === "nothing") {
      // Whether a call exists is not said to everybody, and a wrong password is told from a wrong address.
      await authenticateDav(deps.authenticator, request);
      throw new OcsError(998, noSuchCall);
    }
    if ("allow" in matched) {
      const headers = { allow: matched.allow.join(", ") };
      return { status: 405, message: "Method not allowed", headers };
    }
    const { route } = matched;
    const isOptional = route.access === "anybody" && request.headers.authorization === undefined;
    const signedIn = isOptional ? undefined : await authenticateDav(deps.authenticator, request);
    const parameters = await readParameters(request);
    const origin = originOfRequest(request, deps.settings, "drive");
    const context = { version, path: matched.path, parameters, origin, raw: request };
    return route.access === "anybody"
      ? route.handle({ ...context, ...signedIn })
      : route.handle({ ...context, ...(signedIn as SignedInDevice) });
  }

  return async (request, response) => {
    const found = ocsPath.exec((request.url ?? "").replace(/[?#].*$/, ""));
    if (!found) return void response.writeHead(404, { "content-length": 0 }).end();
    const version = found[1] === "1" ? 1 : 2;
    const format = formatOf(request);
    try {
      send(request, response, version, format, await answer(request, version, found[2] ?? "/"));
    } catch (error) {
      const failure = toOcsFailure(error);
      if (!failure && request.destroyed && !request.complete) return;
      if (!failure) deps.log.error({ error, path: found[2] }, "a call of the client API failed");
      const { status, message, headers } = failure ?? { status: 500, message: "Internal Server Error", headers: {} };
      send(request, response, version, format, {
        status,
        message,
        headers: {
          ...headers,
          ...(status === 997 && { "www-authenticate": challengeFor(request) }),
          // What is left of a refused body must not be taken for the next request.
          ...(!request.complete && { connection: "close" }),
        },
      });
    }
  };
}

/** A script of a browser is not asked by the browser itself. */
function challengeFor(request: IncomingMessage): string {
  const scheme = request.headers["x-requested-with"] === "XMLHttpRequest" ? "DummyBasic" : "Basic";
  return `${scheme} realm="Authorisation Required"`;
}

function formatOf(request: IncomingMessage): OcsFormat {
  const wanted = /[?&]format=([^&#]*)/.exec(request.url ?? "")?.[1];
  if (wanted === "json" || wanted === "xml") return wanted;
  return /\bapplication\/json\b/i.test(request.headers.accept ?? "") ? "json" : "xml";
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  version: 1 | 2,
  format: OcsFormat,
  answer: OcsAnswer,
): void {
  const { status = 200, message = "", data = [], headers = {}, hasEtag = false } = answer;
  const etag = hasEtag
    ? `"${createHash("sha256").update(JSON.stringify(data)).digest("hex").slice(0, 32)}"`
    : undefined;
  const isKnown = etag !== undefined && (request.headers["if-none-match"] ?? "").split(/,\s*/).includes(etag);
  const code = isKnown ? 304 : status === 204 || status === 304 ? status : httpStatusOf(version, status);
  const common = {
    "cache-control": "no-cache, no-store, must-revalidate",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex, nofollow",
    ...(etag !== undefined && { etag }),
    ...headers,
  };
  if (code === 204 || code === 304) return void response.writeHead(code, common).end();
  const body = writeEnvelope(version, format, { status, message, data });
  response.writeHead(code, {
    ...common,
    "content-type": `application/${format}; charset=utf-8`,
    "content-length": Buffer.byteLength(body),
  });
  response.end(request.method === "HEAD" ? undefined : body);
}
