import type { KnownPolicy } from "../../domain/mail/submission/mta-sts-policies.ts";
import { matchesHost } from "../../formats/mta-sts/policy.ts";
import type { MailHost, MailResolver } from "../dns/find-mail-hosts.ts";
import { findTlsaRecords } from "../dns/find-tlsa-records.ts";
import { type TlsDemand, TlsPolicyFailure } from "./tls-demand.ts";

/**
 * What a mail server must prove: its TLSA records first, which no MTA-STS policy can soften (RFC 8461 section 2), then the
 * policy of the domain, then nothing.
 * @param requiresTls REQUIRETLS: the server must be known by signed DNS or a policy, and prove who it is (RFC 8689 section 4.2.1)
 * @throws TlsPolicyFailure when the server may not be used; DnsFailure when that cannot be known now
 */
export async function findDemand(
  resolver: MailResolver,
  domain: string,
  host: MailHost,
  port: number,
  policy: KnownPolicy | undefined,
  requiresTls: boolean,
): Promise<TlsDemand> {
  const tlsa = await findTlsaRecords(resolver, host, port);
  if (tlsa) {
    const { baseDomain, usable } = tlsa;
    // The domain itself too, as the MX records are signed (RFC 7672 section 3.2.2).
    if (usable.length > 0)
      return { kind: "dane", serverName: baseDomain, names: [baseDomain, host.name, domain], tlsa: usable };
    if (!requiresTls) return { kind: "encrypted", serverName: baseDomain };
  }
  const isNamed = policy?.mode === "enforce" && matchesHost(policy, host.name);
  if (policy?.mode === "enforce" && !isNamed) {
    throw new TlsPolicyFailure(`The MTA-STS policy of ${domain} does not name ${host.name}`);
  }
  if (isNamed) return { kind: "authorities", serverName: host.name };
  if (!requiresTls) return { kind: "opportunistic" };
  if (host.isMxSecure || (policy && matchesHost(policy, host.name)))
    return { kind: "authorities", serverName: host.name };
  throw new TlsPolicyFailure(`Nothing proves that ${host.name} is a server of ${domain} (REQUIRETLS)`);
}
