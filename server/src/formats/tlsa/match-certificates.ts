import { createHash, X509Certificate } from "node:crypto";

/** RFC 6698 section 2.1. */
export interface TlsaRecord {
  readonly usage: number;
  readonly selector: number;
  readonly matchingType: number;
  readonly data: Buffer;
}

/**
 * Checks the certificates that a server showed against its TLSA records (RFC 7671, RFC 7672 section 3). DANE-EE(3): the first
 * certificate is the one named; its names and dates do not count. DANE-TA(2): the certificate named is in the chain, everything
 * beneath it is signed by the next, is within its dates and may sign, and the first bears one of the names.
 * @param chain as the server sent it, its own first, DER
 * @param records usable ones
 * @returns undefined when it matches, otherwise why not
 */
export function findTlsaFault(
  chain: readonly Buffer[],
  records: readonly TlsaRecord[],
  names: readonly string[],
  now: Date = new Date(),
): string | undefined {
  if (chain.length === 0) return "The server showed no certificate";
  let certificates: X509Certificate[];
  try {
    certificates = chain.map((der) => new X509Certificate(der));
  } catch {
    return "The server's certificate cannot be read";
  }
  const strongest = withStrongestDigests(records);
  const leaf = certificates[0]!;
  if (strongest.some((record) => record.usage === 3 && matches(record, leaf))) return undefined;
  const anchors = strongest.filter((record) => record.usage === 2);
  if (anchors.length === 0) return "The server's certificate is not the one that its TLSA records name (DANE)";
  const path = buildPath(certificates, (certificate) => anchors.some((record) => matches(record, certificate)), now);
  if (!path) return "The server's certificate does not lead to the one that its TLSA records name (DANE)";
  if (!names.some((name) => leaf.checkHost(name, { subject: "default" }) !== undefined)) {
    return `The server's certificate is not for ${names[0]} (DANE)`;
  }
  return undefined;
}

/** RFC 7671 section 9: of one usage and selector, weaker digests beside a stronger one do not count. */
function withStrongestDigests(records: readonly TlsaRecord[]): TlsaRecord[] {
  const kind = ({ usage, selector }: TlsaRecord): string => `${usage} ${selector}`;
  const strongest = new Map<string, number>();
  for (const record of records) {
    strongest.set(kind(record), Math.max(strongest.get(kind(record)) ?? 0, record.matchingType));
  }
  return records.filter((record) => record.matchingType === 0 || record.matchingType === strongest.get(kind(record)));
}

function matches({ selector, matchingType, data }: TlsaRecord, certificate: X509Certificate): boolean {
  const bytes =
    selector === 0 ? certificate.raw : (certificate.publicKey.export({ type: "spki", format: "der" }) as Buffer);
  if (matchingType === 0) return bytes.equals(data);
  return createHash(matchingType === 1 ? "sha256" : "sha512")
    .update(bytes)
    .digest()
    .equals(data);
}

/** From the first certificate to an anchor, each signed by the next. The anchor may be the first itself. */
function buildPath(
  certificates: readonly X509Certificate[],
  isAnchor: (certificate: X509Certificate) => boolean,
  now: Date,
): boolean {
  let current = certificates[0]!;
  const left = new Set(certificates.slice(1));
  for (;;) {
    if (now < current.validFromDate || now > current.validToDate) return false;
    if (isAnchor(current)) return true;
    const issuer = [...left].find((each) => each.ca && current.checkIssued(each) && current.verify(each.publicKey));
    if (!issuer) return false;
    left.delete(issuer);
    current = issuer;
  }
}
