/** The cookies of a request (RFC 6265 section 5.4). Of two with one name the first counts: the more specific path. */
export function readCookies(header: string | undefined): Map<string, string> {
  const cookies = new Map<string, string>();
  for (const pair of (header ?? "").split(";")) {
    const equals = pair.indexOf("=");
    if (equals === -1) continue;
    const name = pair.slice(0, equals).trim();
    if (!cookies.has(name)) cookies.set(name, pair.slice(equals + 1).trim());
  }
  return cookies;
}

export interface CookieOptions {
  readonly secure: boolean;
  readonly maxAgeSeconds: number;
  readonly path?: string;
}

/** A Set-Cookie value: host-only, out of reach of scripts, sent on top-level navigations from elsewhere only. */
export function writeCookie(name: string, value: string, options: CookieOptions): string {
  const { secure, maxAgeSeconds, path = "/" } = options;
  return `${name}=${value}; Path=${path}; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax${secure ? "; Secure" : ""}`;
}
