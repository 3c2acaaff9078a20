import type { MailResolver } from "../dns/find-mail-hosts.ts";
import type { FindPolicy } from "../mta-sts/find-policy.ts";

export interface SmtpClientOptions {
  /** With `lookup`, servers are held to their TLSA records (DANE). */
  readonly resolver: MailResolver;
  /** MTA-STS; undefined: no domain has a policy. */
  readonly findPolicy?: FindPolicy;
  /** How we greet. */
  readonly heloName: string;
  /** First match wins; a domain that none matches goes by MX. */
  readonly routes: readonly SmtpRoute[];
  /** Port of servers found by MX; another than 25 in tests only. */
  readonly mxPort?: number;
  /** Under which TLSA records are looked for, when `mxPort` is a test's. */
  readonly tlsaPort?: number;
  /** Authorities to believe instead of the usual ones, PEM. */
  readonly ca?: string;
  /** How long a connection waits for the next message to its server. */
  readonly idleMs?: number;
  readonly timeouts?: Partial<SmtpTimeouts>;
}

/** A setting of the operator, such as `*.example.org=10.0.0.5:25`. */
export interface SmtpRoute {
  /** A domain, `*.` and a domain for everything beneath it, or `*`. */
  readonly pattern: string;
  readonly via: "mx" | Relay;
}

export interface Relay {
  readonly host: string;
  readonly port: number;
  readonly auth?: { readonly user: string; readonly password: string };
}

export interface SmtpTimeouts {
  readonly connectMs: number;
  readonly greetingMs: number;
  readonly idleMs: number;
}

/** RFC 5321 section 4.5.3.2 asks for five minutes; a connection that does not come in 30 s never comes. */
export const defaultTimeouts: SmtpTimeouts = { connectMs: 30_000, greetingMs: 60_000, idleMs: 300_000 };

export function findRoute(routes: readonly SmtpRoute[], domain: string): "mx" | Relay {
  for (const { pattern, via } of routes) {
    if (pattern === "*" || pattern === domain) return via;
    if (pattern.startsWith("*.") && domain.endsWith(pattern.slice(1))) return via;
  }
  return "mx";
}
