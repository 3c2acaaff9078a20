import { isHostName, type Parser, parseHostAndPort } from "./parsers.ts";

/** Where mail for some domains goes: to the hosts their DNS names (`mx`), or always to one given host. */
export type MailRoute = {
  /** A domain, `*.` and a domain for everything beneath it, or `*` for all. */
  readonly pattern: string;
  readonly via: "mx" | MailRelay;
};

export type MailRelay = {
  readonly host: string;
  readonly port: number;
  readonly auth?: { readonly user: string; readonly password: string };
};

function parseRelay(value: string): MailRelay | undefined {
  const at = value.lastIndexOf("@");
  const place = parseHostAndPort(value.slice(at + 1), 25);
  if (!place) return undefined;
  if (at === -1) return place;
  const [user = "", password = "", ...rest] = value.slice(0, at).split(":");
  if (user === "" || password === "" || rest.length > 0) return undefined;
  try {
    return { ...place, auth: { user: decodeURIComponent(user), password: decodeURIComponent(password) } };
  } catch {
    return undefined;
  }
}

function parseRoute(value: string): MailRoute | undefined {
  const equals = value.indexOf("=");
  const pattern = value.slice(0, equals).trim().toLowerCase();
  const target = value.slice(equals + 1).trim();
  if (equals < 1 || !(pattern === "*" || isHostName(pattern.replace(/^\*\./, "")))) return undefined;
  const via = target === "mx" ? "mx" : parseRelay(target);
  return via && { pattern, via };
}

/**
 * The outgoing mail routes, first match wins. What no route matches goes by MX, so a `*=mx` is appended when the
 * operator gave no `*`.
 */
export const mailRoutes: Parser<readonly MailRoute[]> = {
  expected:
    "a list such as *=mx or example.org=10.0.0.5:25,*=user:password@smarthost.example.net:587 " +
    "(reserved characters of the user and password as %XX)",
  parse: (value) => {
    const routes: MailRoute[] = [];
    for (const part of value.split(",").map((piece) => piece.trim())) {
      if (part === "") continue;
      const route = parseRoute(part);
      if (!route || routes.some((other) => other.pattern === route.pattern)) return undefined;
      routes.push(route);
    }
    if (routes.length === 0) return undefined;
    if (!routes.some((route) => route.pattern === "*")) routes.push({ pattern: "*", via: "mx" });
    return routes;
  },
};
