import type { TlsaData } from "../../formats/dns-message/dns-message.ts";
import { DnsFailure, isMissing } from "./dns-answer.ts";
import type { MailHost, MailResolver } from "./find-mail-hosts.ts";

export interface TlsaSet {
  /** Under which the records stand: the name to ask the server for (SNI). */
  readonly baseDomain: string;
  /** Those that mean something for mail; none: TLS is wanted, but nothing says of whom (RFC 7672 section 2.2). */
  readonly usable: readonly TlsaData[];
}

/**
 * The TLSA records that bind a mail server, when all of DNS that leads to it is signed (RFC 7672 section 2.2): at the end of its
 * CNAME records first, then under its own name.
 * @returns undefined when it has none: DANE does not apply
 * @throws DnsFailure when it cannot be known now: the server must not be used then, lest an attacker who blocks the answer
 *   also chooses the server
 */
export async function findTlsaRecords(
  resolver: MailResolver,
  host: MailHost,
  port: number,
): Promise<TlsaSet | undefined> {
  if (!host.isSecure || !resolver.lookup) return undefined;
  for (const baseDomain of new Set([host.canonicalName, host.name])) {
    try {
      const { records, isSecure } = await resolver.lookup(`_${port}._tcp.${baseDomain}`, "TLSA");
      if (!isSecure) continue;
      const tlsa = records.flatMap((record) => (record.type === "TLSA" ? [record] : []));
      if (tlsa.length > 0) return { baseDomain, usable: tlsa.filter(isUsable) };
    } catch (error) {
      if (!isMissing(error)) throw error instanceof DnsFailure ? error : new DnsFailure("ESERVFAIL", baseDomain);
    }
  }
  return undefined;
}

/** DANE-TA(2) and DANE-EE(3) only: the others lean on authorities that mail servers share no list of (RFC 7672 section 3.1.3). */
function isUsable({ usage, selector, matchingType, data }: TlsaData): boolean {
  if (usage !== 2 && usage !== 3) return false;
  if (selector > 1) return false;
  return (
    (matchingType === 0 && data.length > 0) ||
    (matchingType === 1 && data.length === 32) ||
    (matchingType === 2 && data.length === 64)
  );
}
