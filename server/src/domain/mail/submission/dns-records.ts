import type { Reader } from "../../../store/database.ts";
import { DomainError } from "../../errors.ts";
import { normalizeDomain } from "../../identity/normalize-address.ts";

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
  submissionsPort: number | undefined;
  submissionPort: number | undefined;
}

/**
 * The DNS records that a domain needs so that its mail arrives, is believed, and programs find their settings.
 * @throws DomainError `not_found` when the domain is not held here
 */
export async function listDnsRecords(reader: Reader, domain: string, service: PublicMailService): Promise<DnsRecord[]> {
  const name = normalizeDomain(domain);
  const known = await reader.selectFrom("domain").select("name").where("name", "=", name).executeTakeFirst();
  if (!known) throw new DomainError("not_found", `The domain ${name} is not held here`);
  const keys = await reader
    .selectFrom("dkim_key")
    .select(["selector", "algorithm", "public_key"])
    .where("domain", "=", name)
    .where("state", "=", "active")
    .orderBy("created_at", "desc")
    .execute();
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
      value: quoted("v=spf1 mx -all"),
      purpose: "Only these servers send mail of the domain (SPF, RFC 7208)",
    },
    ...keys.map(
      (key): DnsRecord => ({
        name: `${key.selector}._domainkey.${name}.`,
        type: "TXT",
        value: quoted(`v=DKIM1; k=${key.algorithm}; p=${key.public_key}`),
        purpose: "Others verify the signature of the mail of the domain (DKIM, RFC 6376)",
      }),
    ),
    {
      name: `_dmarc.${name}.`,
      type: "TXT",
      value: quoted(`v=DMARC1; p=quarantine; rua=mailto:postmaster@${name}`),
      purpose: "What others do with mail that pretends to come from the domain (DMARC, RFC 7489)",
    },
    ...srv("_imaps", service.imapsPort),
    ...srv("_submissions", service.submissionsPort),
    ...srv("_submission", service.submissionPort),
    ...srv("_pop3s", undefined),
  ];
}

/** RFC 1035 section 3.3.14: strings of at most 255 bytes, joined by those who read them. */
function quoted(text: string): string {
  return (text.match(/.{1,255}/g) ?? []).map((piece) => `"${piece}"`).join(" ");
}
