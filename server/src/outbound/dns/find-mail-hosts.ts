import { isIP } from "node:net";
import type { Resolver } from "../../domain/mail/resolver.ts";
import { type DnsAnswer, isMissing, type SecureLookup } from "./dns-answer.ts";

/** A place to try, in order. */
export interface MailHost {
  /** As MX names it. */
  readonly name: string;
  readonly address: string;
  /** Where CNAME records of the name lead; the name itself when there are none. */
  readonly canonicalName: string;
  /** What led here is signed: the MX records, or that there are none, and the address (RFC 7672 section 2.2). */
  readonly isSecure: boolean;
  /** The MX records alone are, or that there are none. */
  readonly isMxSecure: boolean;
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

const maxHosts = 10;
/** A host with a hundred addresses must not keep the next host from its turn. */
const maxAddressesPerHost = 4;

/** A resolver of ours, or one that cannot tell what is signed: then nothing is. */
export type MailResolver = Resolver & Partial<SecureLookup>;

/**
 * The addresses that take the mail of a domain (RFC 5321 section 5.1): those of its MX records, lowest preference first, equal
 * ones in random order, IPv6 and IPv4 by turns; without MX the domain's own; none when it says so (RFC 7505).
 * @throws NoMailHost
 */
export async function findMailHosts(resolver: MailResolver, domain: string): Promise<MailHost[]> {
  const literal = /^\[(?:IPv6:)?([^\]]+)\]$/i.exec(domain)?.[1];
  if (literal !== undefined && isIP(literal) !== 0) {
    return [{ name: literal, address: literal, canonicalName: literal, isSecure: false, isMxSecure: false }];
  }
  const { names, isSecure: isMxSecure } = await readExchanges(resolver, domain);
  const hosts: MailHost[] = [];
  let failure: unknown;
  for (const name of names.slice(0, maxHosts)) {
    const answers = await Promise.allSettled([
      readAddresses(resolver, name, "AAAA"),
      readAddresses(resolver, name, "A"),
    ]);
    const lists = answers.map((answer): MailHost[] => {
      if (answer.status === "rejected") {
        if (!isMissing(answer.reason)) failure ??= answer.reason;
        return [];
      }
      const { addresses, canonicalName, isSecure } = answer.value;
      return addresses.map((address) => ({
        name,
        address,
        canonicalName,
        isSecure: isSecure && isMxSecure,
        isMxSecure,
      }));
    });
    hosts.push(...byTurns(lists[0]!, lists[1]!).slice(0, maxAddressesPerHost));
  }
  if (hosts.length > 0) return hosts.slice(0, maxHosts);
  if (failure !== undefined) throw noAnswer(domain, failure);
  throw new NoMailHost(true, "5.1.2", `The domain ${domain} has no mail server`);
}

async function readExchanges(resolver: MailResolver, domain: string): Promise<{ names: string[]; isSecure: boolean }> {
  let records: { exchange: string; priority: number }[];
  let isSecure = false;
  try {
    if (resolver.lookup) {
      const answer: DnsAnswer = await resolver.lookup(domain, "MX");
      records = answer.records.flatMap((record) => (record.type === "MX" ? [record] : []));
      isSecure = answer.isSecure;
    } else {
      records = await resolver.resolve(domain, "MX");
    }
  } catch (error) {
    if (!isMissing(error)) throw noAnswer(domain, error);
    return { names: [domain], isSecure: (error as { isSecure?: boolean }).isSecure ?? false }; // implicit MX
  }
  if (records.length === 0) return { names: [domain], isSecure };
  const real = records.filter((record) => record.exchange !== "" && record.exchange !== ".");
  if (real.length === 0) throw new NoMailHost(true, "5.1.10", `The domain ${domain} accepts no mail (null MX)`);
  const names = real
    .map((record) => ({ ...record, order: Math.random() }))
    .sort((a, b) => a.priority - b.priority || a.order - b.order)
    .map((record) => record.exchange.replace(/\.$/, "").toLowerCase());
  return { names: [...new Set(names)], isSecure };
}

async function readAddresses(
  resolver: MailResolver,
  name: string,
  type: "A" | "AAAA",
): Promise<{ addresses: string[]; canonicalName: string; isSecure: boolean }> {
  if (!resolver.lookup) return { addresses: await resolver.resolve(name, type), canonicalName: name, isSecure: false };
  const { records, canonicalName, isSecure } = await resolver.lookup(name, type);
  return {
    addresses: records.flatMap((record) => (record.type === type ? [(record as { address: string }).address] : [])),
    canonicalName,
    isSecure,
  };
}

function byTurns<T>(first: readonly T[], second: readonly T[]): T[] {
  const all: T[] = [];
  for (let index = 0; index < Math.max(first.length, second.length); index++) {
    all.push(...first.slice(index, index + 1), ...second.slice(index, index + 1));
  }
  return all;
}

function noAnswer(domain: string, cause: unknown): NoMailHost {
  return new NoMailHost(false, "4.4.3", `DNS does not answer about ${domain}`, { cause });
}
