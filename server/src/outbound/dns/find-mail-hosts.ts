import { isIP } from "node:net";
import type { Resolver } from "../../domain/mail/resolver.ts";

/** A place to try, in order. */
export interface MailHost {
  readonly name: string;
  readonly address: string;
}

/** Why a domain takes no mail, or cannot be asked now. */
export class NoMailHost extends Error {
  override readonly name = "NoMailHost";
  readonly isPermanent: boolean;
  /** RFC 3463. */
  readonly status: string;

  constructor(isPermanent: boolean, status: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.isPermanent = isPermanent;
    this.status = status;
  }
}

const missing: ReadonlySet<string> = new Set(["ENOTFOUND", "ENODATA"]);
const maxHosts = 10;

/**
 * The addresses that take the mail of a domain (RFC 5321 section 5.1): those of its MX records, lowest preference first, equal
 * ones in random order; without MX the domain's own; none when it says so (RFC 7505).
 * @throws NoMailHost
 */
export async function findMailHosts(resolver: Resolver, domain: string): Promise<MailHost[]> {
  const literal = /^\[(?:IPv6:)?([^\]]+)\]$/i.exec(domain)?.[1];
  if (literal !== undefined && isIP(literal) !== 0) return [{ name: literal, address: literal }];
  const exchanges = await readExchanges(resolver, domain);
  const hosts: MailHost[] = [];
  let failure: unknown;
  for (const name of exchanges.slice(0, maxHosts)) {
    const answers = await Promise.allSettled([resolver.resolve(name, "AAAA"), resolver.resolve(name, "A")]);
    for (const answer of answers) {
      if (answer.status === "fulfilled") hosts.push(...answer.value.map((address) => ({ name, address })));
      else if (!isMissing(answer.reason)) failure ??= answer.reason;
    }
  }
  if (hosts.length > 0) return hosts.slice(0, maxHosts);
  if (failure !== undefined) throw noAnswer(domain, failure);
  throw new NoMailHost(true, "5.1.2", `The domain ${domain} has no mail server`);
}

async function readExchanges(resolver: Resolver, domain: string): Promise<string[]> {
  let records: { exchange: string; priority: number }[];
  try {
    records = await resolver.resolve(domain, "MX");
  } catch (error) {
    if (!isMissing(error)) throw noAnswer(domain, error);
    return [domain]; // implicit MX
  }
  if (records.length === 0) return [domain];
  const real = records.filter((record) => record.exchange !== "" && record.exchange !== ".");
  if (real.length === 0) throw new NoMailHost(true, "5.1.10", `The domain ${domain} accepts no mail (null MX)`);
  return real
    .map((record) => ({ ...record, order: Math.random() }))
    .sort((a, b) => a.priority - b.priority || a.order - b.order)
    .map((record) => record.exchange.replace(/\.$/, ""));
}

function isMissing(error: unknown): boolean {
  return missing.has((error as NodeJS.ErrnoException | null)?.code ?? "");
}

function noAnswer(domain: string, cause: unknown): NoMailHost {
  return new NoMailHost(false, "4.4.3", `DNS does not answer about ${domain}`, { cause });
}
