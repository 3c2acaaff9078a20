import { normalizeAddress } from "../../identity/normalize-address.ts";

export type ReportKind = "dmarc" | "tls";

/** Named in the `rua=` of our DNS records. */
export const reportLocalParts: Readonly<Record<ReportKind, string>> = { dmarc: "dmarc-reports", tls: "tls-reports" };

/** Which reports come to an address, whatever its domain; undefined when none do. */
export function recognizeReportAddress(address: string): { kind: ReportKind; domain: string } | undefined {
  let parts: { localPart: string; domain: string };
  try {
    parts = normalizeAddress(address);
  } catch {
    return undefined;
  }
  for (const [kind, localPart] of Object.entries(reportLocalParts)) {
    if (parts.localPart === localPart) return { kind: kind as ReportKind, domain: parts.domain };
  }
  return undefined;
}
