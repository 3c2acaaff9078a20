import { DomainError } from "../../domain/errors.ts";
import type { HttpHandler } from "../../net/http-router.ts";
import { createRouteMatcher } from "./match-route.ts";
import type { NextcloudDeps } from "./nextcloud-deps.ts";
import { httpStatusOf } from "./ocs/envelope.ts";
import { toOcsFailure } from "./ocs/translate-error.ts";
import type { PageRoute } from "./page-route.ts";
import { sendJson } from "./send-json.ts";

/** The calls beneath `/index.php`, most of which are for anybody; each says itself whom it is for. */
export function servePages(deps: Pick<NextcloudDeps, "log" | "onRoute">, routes: readonly PageRoute[]): HttpHandler {
  const match = createRouteMatcher(routes);
  for (const { method, path } of routes) deps.onRoute?.({ method, path: `/index.php${path}` });
  return async (request, response) => {
    const path = (request.url ?? "").replace(/[?#].*$/, "").slice("/index.php".length);
    try {
      const matched = match(request.method ?? "", path);
      if (matched === "malformed") throw new DomainError("invalid", "The address is malformed");
      if (matched === "nothing") throw new DomainError("not_found", "There is nothing at this address");
      if ("allow" in matched) {
        return sendJson(request, response, 405, { message: "Method not allowed" }, { allow: matched.allow.join(", ") });
      }
      await matched.route.handle(request, response, matched.path);
    } catch (error) {
      if (response.headersSent) return void response.destroy();
      const failure = toOcsFailure(error);
      if (!failure && request.destroyed && !request.complete) return;
      if (!failure) deps.log.error({ error, path: path.slice(0, 40) }, "a call of the client API failed");
      const { status, message, headers } = failure ?? { status: 500, message: "Internal Server Error", headers: {} };
      sendJson(
        request,
        response,
        httpStatusOf(2, status),
        { message },
        {
          ...headers,
          ...(status === 997 && { "www-authenticate": 'Basic realm="Authorisation Required"' }),
        },
      );
    }
  };
}
