import type { KnownPolicy, PolicyMemory } from "../../domain/mail/submission/mta-sts-policies.ts";
import { readPolicyId } from "../../formats/mta-sts/policy.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { type FetchOptions, fetchPolicy } from "./fetch-policy.ts";

export interface PolicyFinderOptions extends FetchOptions {
  readonly memory: PolicyMemory;
  readonly log: Logger;
}

/** The policy that binds mail to a domain now; undefined when none does. Never throws because of the other domain. */
export type FindPolicy = (domain: string) => Promise<KnownPolicy | undefined>;

/** After a fetch that failed (RFC 8461 section 3.3 asks not to insist). */
const pauseMs = 5 * 60_000;
const refreshedBeforeMs = 86_400_000;
const mostPauses = 10_000;

/**
 * Follows RFC 8461 section 5.1: the id in DNS says when to fetch again; a policy that was seen binds until it expires, whatever
 * DNS or its server says meanwhile, because both may be an attacker's doing.
 */
export function createPolicyFinder(options: PolicyFinderOptions): FindPolicy {
  const pausedUntil = new Map<string, number>();
  const underWay = new Map<string, Promise<KnownPolicy | undefined>>();

  async function refresh(domain: string, policyId: string, known: KnownPolicy | undefined) {
    if ((pausedUntil.get(domain) ?? 0) > Date.now()) return known;
    try {
      const { mode, mx, maxAgeSeconds } = await fetchPolicy(domain, options);
      const fetchedAt = new Date();
      const fetched = {
        policyId,
        mode,
        mx,
        fetchedAt,
        expiresAt: new Date(fetchedAt.getTime() + maxAgeSeconds * 1_000),
      };
      await options.memory.keep(domain, fetched);
      return fetched;
    } catch (error) {
      options.log.warn({ domain, error }, "an MTA-STS policy could not be fetched");
      if (pausedUntil.size >= mostPauses) pausedUntil.clear();
      pausedUntil.set(domain, Date.now() + pauseMs);
      return known;
    }
  }

  return async (domain) => {
    const known = await options.memory.find(domain);
    const policyId = await readId(options.resolver, domain);
    if (policyId === undefined) return known;
    const leftMs = known ? known.expiresAt.getTime() - Date.now() : 0;
    if (known?.policyId === policyId && leftMs > Math.min(refreshedBeforeMs, lastedMs(known) / 2)) return known;
    let refreshing = underWay.get(domain);
    if (!refreshing) {
      refreshing = refresh(domain, policyId, known).finally(() => underWay.delete(domain));
      underWay.set(domain, refreshing);
    }
    return refreshing;
  };
}

/** How long it was given for: one of less than two days is renewed at half-time. */
function lastedMs({ fetchedAt, expiresAt }: KnownPolicy): number {
  return expiresAt.getTime() - fetchedAt.getTime();
}

async function readId({ resolve }: FetchOptions["resolver"], domain: string): Promise<string | undefined> {
  try {
    return readPolicyId((await resolve(`_mta-sts.${domain}`, "TXT")).map((strings) => strings.join("")));
  } catch {
    // No record, or no answer, which is no reason not to deliver: a policy that is known binds either way.
    return undefined;
  }
}
