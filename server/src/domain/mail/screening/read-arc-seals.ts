import { domainOf } from "../domain-of.ts";
import type { ArcSeal } from "./screening.ts";

/** As mailauth parses an ARC set: each tag is an object with a value, each method of the results too. */
interface ArcSet {
  readonly "arc-seal"?: { readonly parsed?: unknown };
  readonly "arc-authentication-results"?: { readonly parsed?: unknown };
}

/**
 * The sealers of an ARC chain, the newest first, with what each one saw of the author's domain (RFC 8617 section 4.1.1).
 * @param chain by growing instance
 */
export function sealsOf(chain: readonly ArcSet[], fromDomain: string | undefined): ArcSeal[] {
  return chain.toReversed().map((set) => {
    const domain = text(at(set["arc-seal"]?.parsed, "d", "value")) ?? "";
    const results = set["arc-authentication-results"]?.parsed;
    return { domain: domain.toLowerCase().slice(0, 255), passed: passedBefore(results, fromDomain) };
  });
}

function passedBefore(results: unknown, fromDomain: string | undefined): boolean {
  if (fromDomain === undefined) return false;
  const dmarc = text(at(results, "dmarc", "value"));
  if (dmarc !== undefined) {
    const about = text(at(results, "dmarc", "header", "from"));
    return dmarc === "pass" && (about === undefined || domainOf(about) === fromDomain);
  }
  const signatures = at(results, "dkim");
  const signed = (Array.isArray(signatures) ? signatures : [signatures]).some(
    (each) =>
      text(at(each, "value")) === "pass" &&
      related(text(at(each, "header", "d")) ?? text(at(each, "header", "i")), fromDomain),
  );
  return (
    signed ||
    (text(at(results, "spf", "value")) === "pass" && related(text(at(results, "spf", "smtp", "mailfrom")), fromDomain))
  );
}

function at(value: unknown, ...keys: readonly string[]): unknown {
  let current = value;
  for (const key of keys) {
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, key)) return undefined;
    current = (current as Record<string, unknown>)[key];
  }
  return current;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value.toLowerCase() : undefined;
}

/** Relaxed alignment without the tree walk: one is the other or beneath it, and neither is a top-level domain. */
function related(address: string | undefined, fromDomain: string): boolean {
  const domain = address === undefined ? "" : domainOf(address);
  if (!domain.includes(".") || !fromDomain.includes(".")) return false;
  return domain === fromDomain || domain.endsWith(`.${fromDomain}`) || fromDomain.endsWith(`.${domain}`);
}
