import type { IncomingMessage, ServerResponse } from "node:http";

export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** What routes decide by: the host without its port, lower-case, and the path without its query, not decoded. */
export type HttpTarget = { readonly host: string; readonly path: string };

export type HttpRoute = {
  /** What it answers, in words that tests go by: `/status.php`, `/dav/**`, `//drive.example/**`. */
  readonly path: string;
  readonly matches: (target: HttpTarget) => boolean;
  readonly handle: HttpHandler;
};

/** Told of each address that something answers, so that a test can try them all. */
export type OnRoute = (route: { readonly method: string; readonly path: string }) => void;

/** The path is `prefix` or stands beneath it; `prefix` has no slash at its end. */
export function beneath(prefix: string, handle: HttpHandler): HttpRoute {
  return { path: `${prefix}/**`, matches: ({ path }) => path === prefix || path.startsWith(`${prefix}/`), handle };
}

export function exactly(wanted: string, handle: HttpHandler): HttpRoute {
  return { path: wanted, matches: ({ path }) => path === wanted, handle };
}

export function onHost(wanted: string, handle: HttpHandler): HttpRoute {
  return { path: `//${wanted}/**`, matches: ({ host }) => host === wanted, handle };
}

/** Gives each request to the first route that matches; `otherwise` gets the rest. A malformed target gets 400. */
export function createHttpRouter(routes: readonly HttpRoute[], otherwise: HttpHandler): HttpHandler {
  return (request, response) => {
    const target = readTarget(request);
    if (!target) {
      response.writeHead(400, { "content-type": "text/plain; charset=utf-8" }).end("Bad request\n");
      return;
    }
    return (routes.find((route) => route.matches(target))?.handle ?? otherwise)(request, response);
  };
}

/**
 * The host and path that a request is for (RFC 9112 section 3.2: origin form, absolute form of proxies, `*` of OPTIONS);
 * undefined when malformed.
 */
export function readTarget(request: Pick<IncomingMessage, "url" | "headers">): HttpTarget | undefined {
  const target = request.url ?? "";
  const host = hostWithoutPort(request.headers.host ?? "");
  if (host === undefined) return undefined;
  if (target.startsWith("/") || target === "*") return { host, path: withoutQuery(target) };
  if (!/^https?:\/\//i.test(target)) return undefined;
  const url = URL.parse(target);
  if (!url) return undefined;
  const inTarget = hostWithoutPort(url.host);
  return inTarget === undefined ? undefined : { host: inTarget, path: url.pathname };
}

function withoutQuery(target: string): string {
  const end = target.search(/[?#]/);
  return end === -1 ? target : target.slice(0, end);
}

function hostWithoutPort(authority: string): string | undefined {
  if (authority === "") return "";
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{0,5})?$/i.exec(authority);
  return match?.[1]?.toLowerCase().replace(/\.$/, "");
}
