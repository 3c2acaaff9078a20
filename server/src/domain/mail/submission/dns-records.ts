import type { Reader } from "../../../store/database.ts";
import { DomainError } from "../../errors.ts";
import { normalizeDomain } from "../../identity/normalize-address.ts";
import { reportLocalParts } from "../reports/report-address.ts";
import { type DkimState, dkimRecord, listDkimKeys } from "./dkim-keys.ts";
import { mtaStsId } from "./own-mta-sts-policy.ts";

export interface DnsRecord {
  /** Full name with its final dot. */
  name: string;
  type: "MX" | "TXT" | "SRV" | "CNAME";
  /** As a zone file writes it; a TXT value in quoted pieces of at most 255 bytes. */
  value: string;
  /** What it is for, one sentence for the operator. */
  purpose: string;
}

/** How the servers are reached from the Internet. */
export interface PublicMailService {
  hostName: string;
  /** Undefined: no such service is offered. */
  imapsPort: number | undefined;
  /** RFC 5804 section 1.8. */
  sievePort?: number | undefined;
  pop3sPort?: number | undefined;
  submissionsPort: number | undefined;
  submissionPort: number | undefined;
}

/**
 * The DNS records that a domain needs so that its mail arrives, is believed, and programs find their settings.
 * @throws DomainError `not_found` when the domain is not held here
 */
export async function listDnsRecords(reader: Reader, domain: string, service: PublicMailService): Promise<DnsRecord[]> {
  const name = normalizeDomain(domain);
  const known = await reader
    .selectFrom("domain")
    .select(["name", "mta_sts_mode", "mta_sts_changed_at"])
    .where("name", "=", name)
    .executeTakeFirst();
  if (!known) throw new DomainError("not_found", `The domain ${name} is not held here`);
  const keys = (await listDkimKeys(reader, { domain: name })).filter((key) => key.state !== "retired");
  const host = `${service.hostName}.`;
  const srv = (label: string, port: number | undefined): DnsRecord[] => [
    {
      name: `${label}._tcp.${name}.`,
      type: "SRV",
      value: port === undefined ? "0 0 0 ." : `0 1 ${port} ${host}`,
      purpose: port === undefined ? "Not offered (RFC 6186)" : "Mail programs find the server (RFC 6186)",
    },
  ];
  return [
    { name: `${name}.`, type: "MX", value: `10 ${host}`, purpose: "Mail for the domain comes here" },
    {
      name: `${name}.`,
      type: "TXT",
      value: quotedText("v=spf1 mx -all"),
      purpose: "Only these servers send mail of the domain (SPF, RFC 7208)",
    },
    ...keys.map(
      (key): DnsRecord => ({
        name: `${key.selector}._domainkey.${name}.`,
        type: "TXT",
        value: quotedText(dkimRecord(key)),
        purpose: `Others verify the signature of the mail of the domain (DKIM, RFC 6376): ${dkimPurposes[key.state]}`,
      }),
    ),
    {
      name: `_dmarc.${name}.`,
      type: "TXT",
      value: quotedText(`v=DMARC1; p=quarantine; rua=mailto:${reportLocalParts.dmarc}@${name}`),
      purpose: "What others do with mail that pretends to come from the domain (DMARC, RFC 7489)",
    },
    {
      name: `_smtp._tls.${name}.`,
      type: "TXT",
      value: quotedText(`v=TLSRPTv1; rua=mailto:${reportLocalParts.tls}@${name}`),
      purpose: "Others tell which mail could not come over TLS (RFC 8460)",
    },
    ...mtaSts(known, host),
    ...srv("_imaps", service.imapsPort),
    ...(service.sievePort === undefined ? [] : srv("_sieve", service.sievePort)),
    ...srv("_submissions", service.submissionsPort),
    ...srv("_submission", service.submissionPort),
    ...srv("_pop3s", service.pop3sPort),
  ];
}

/** The policy itself is at https://mta-sts.<domain>/.well-known/mta-sts.txt, which this program serves behind a proxy with TLS. */
function mtaSts(domain: { name: string; mta_sts_mode: string; mta_sts_changed_at: Date }, host: string): DnsRecord[] {
  if (domain.mta_sts_mode === "none") return [];
  return [
    {
      name: `_mta-sts.${domain.name}.`,
      type: "TXT",
      value: quotedText(`v=STSv1; id=${mtaStsId(domain.mta_sts_changed_at)};`),
      purpose: `Others send only over TLS to these servers (MTA-STS, RFC 8461; mode ${domain.mta_sts_mode})`,
    },
    { name: `mta-sts.${domain.name}.`, type: "CNAME", value: host, purpose: "Where the MTA-STS policy is read" },
  ];
}

const dkimPurposes: Readonly<Record<DkimState, string>> = {
  pending: "this key signs as soon as it is seen",
  active: "this key signs",
  retiring: "this key signs no more, keep it for what it signed",
  retired: "",
};

/** RFC 1035 section 3.3.14: strings of at most 255 bytes, joined by those who read them. */
export function quotedText(text: string): string {
  return (text.match(/.{1,255}/g) ?? []).map((piece) => `"${piece}"`).join(" ");
}
