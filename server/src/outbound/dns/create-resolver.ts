import { getServers } from "node:dns";
import { lookup as lookUpInHosts } from "node:dns/promises";
import { BlockList, isIP } from "node:net";
import type { RecordType, Resolver } from "../../domain/mail/resolver.ts";
import type { DnsMessage, DnsRecord, RecordTypeName } from "../../formats/dns-message/dns-message.ts";
import { encodeName } from "../../formats/dns-message/encode-query.ts";
import { askServer, type DnsServer } from "./ask-server.ts";
import { type DnsAnswer, DnsFailure, type DnsFailureCode, type SecureLookup } from "./dns-answer.ts";

export interface DnsOptions {
  /** IP addresses, with a port if it is not 53; undefined: those of the system. */
  readonly servers?: readonly string[] | undefined;
  /** For one question to one server. */
  readonly timeoutMs?: number;
  /** For one question to all servers. */
  readonly budgetMs?: number;
  /** Rounds through the servers. */
  readonly tries?: number;
  /**
   * The servers validate DNSSEC: what they say so of (AD) is believed when they are on this machine or a private network, since
   * anybody on the way could set that bit.
   */
  readonly isValidating?: boolean;
}

/** Questions under way at once; others wait, so that a burst of mail takes no more sockets than this. */
const maxUnderWay = 200;

/**
 * Our own DNS client: Node's shows neither AD nor TLSA. Names of one label and `.localhost` are looked up in the machine's hosts
 * file, where an operator may have put a relay, and never leave the machine. Errors have the codes of Node's resolver.
 */
export function createResolver(options: DnsOptions = {}): Resolver & SecureLookup {
  const { timeoutMs = 2_000, budgetMs = 8_000, tries = 2, isValidating = false } = options;
  const servers = (options.servers ?? getServers()).map(parseServer);
  const limit = createLimit(maxUnderWay);

  async function query(name: string, type: RecordTypeName): Promise<DnsAnswer> {
    const question = `${type} ${name}`;
    try {
      encodeName(name);
    } catch (error) {
      throw new DnsFailure("EBADNAME", question, false, { cause: error });
    }
    const deadline = performance.now() + budgetMs;
    let failure: unknown;
    for (let round = 0; round < tries; round++) {
      for (const server of servers) {
        const mayTrust = isValidating && isPrivate(server.address);
        let message: DnsMessage;
        try {
          const wanted = { name, type, wantsAuthenticated: mayTrust };
          message = await limit(async () => {
            const leftMs = Math.floor(Math.min(timeoutMs, deadline - performance.now()));
            if (leftMs <= 0) throw failure ?? new DnsFailure("ETIMEOUT", question);
            return askServer(server, wanted, leftMs);
          });
        } catch (error) {
          failure = error;
          continue;
        }
        const code = failureOf(message);
        if (code === undefined) return readAnswer(message, name, type, mayTrust && message.isAuthenticated);
        failure = new DnsFailure(code, question);
      }
    }
    if (failure instanceof DnsFailure) throw failure;
    const { code } = (failure ?? {}) as NodeJS.ErrnoException;
    throw new DnsFailure(code === "ECONNREFUSED" ? code : "ETIMEOUT", question, false, { cause: failure });
  }

  async function lookup(name: string, type: RecordTypeName): Promise<DnsAnswer> {
    const isLocal = !name.replace(/\.$/, "").includes(".") || /\.localhost\.?$/.test(name);
    if ((type === "A" || type === "AAAA") && isLocal) return inHosts(name, type);
    return query(name, type);
  }

  async function resolve(name: string, type: RecordType): Promise<unknown[]> {
    const { records } = await lookup(name, type);
    return records.map(plainRecord);
  }

  return { resolve: resolve as Resolver["resolve"], lookup };
}

/** Undefined: an answer, be it that there is none (3 is NXDOMAIN). Whatever else a server says, another may do better. */
function failureOf({ responseCode }: DnsMessage): DnsFailureCode | undefined {
  if (responseCode === 0 || responseCode === 3) return undefined;
  return responseCode === 5 ? "EREFUSED" : "ESERVFAIL";
}

const maxAliases = 12;

function readAnswer(message: DnsMessage, name: string, type: RecordTypeName, isSecure: boolean): DnsAnswer {
  let canonicalName = name.replace(/\.$/, "").toLowerCase();
  for (let count = 0; type !== "CNAME"; count++) {
    const alias = message.answers.find((record) => record.type === "CNAME" && record.name === canonicalName);
    if (alias?.type !== "CNAME") break;
    if (count === maxAliases) throw new DnsFailure("ESERVFAIL", `${type} ${name}`);
    canonicalName = alias.target.toLowerCase();
  }
  const records = message.answers.filter((record) => record.type === type && record.name === canonicalName);
  if (records.length > 0) return { records, canonicalName, isSecure };
  throw new DnsFailure(message.responseCode === 3 ? "ENOTFOUND" : "ENODATA", `${type} ${name}`, isSecure);
}

/** As Node's resolver gives it. */
function plainRecord(record: DnsRecord): unknown {
  switch (record.type) {
    case "A":
    case "AAAA":
      return record.address;
    case "MX":
      // Capitals of ours come back in compressed names.
      return { exchange: record.exchange.toLowerCase(), priority: record.priority };
    case "TXT":
      return record.strings.map((text) => Buffer.from(text, "latin1").toString("utf8"));
    case "CNAME":
    case "PTR":
    case "NS":
      return record.target.toLowerCase();
    default:
      return record;
  }
}

async function inHosts(name: string, type: "A" | "AAAA"): Promise<DnsAnswer> {
  const found = await lookUpInHosts(name.replace(/\.$/, ""), { family: type === "A" ? 4 : 6, all: true }).catch(
    () => [],
  );
  if (found.length === 0) throw new DnsFailure("ENOTFOUND", `${type} ${name}`);
  const records = found.map(({ address }): DnsRecord => ({ name, ttl: 0, type, address }));
  return { records, canonicalName: name, isSecure: false };
}

/** `192.0.2.1`, `192.0.2.1:5353`, `::1`, `[::1]:5353`. */
function parseServer(text: string): DnsServer {
  if (isIP(text)) return { address: text, port: 53 };
  const match = /^\[?([^\]]+?)\]?:(\d+)$/.exec(text);
  return match ? { address: match[1]!, port: Number(match[2]) } : { address: text, port: 53 };
}

const privateNetworks = new BlockList();
for (const [network, prefix] of [
  ["127.0.0.0", 8],
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["169.254.0.0", 16],
] as const) {
  privateNetworks.addSubnet(network, prefix, "ipv4");
}
privateNetworks.addAddress("::1", "ipv6");
privateNetworks.addSubnet("fc00::", 7, "ipv6");
privateNetworks.addSubnet("fe80::", 10, "ipv6");

/** Loopback, RFC 1918, RFC 4193 and link-local. */
export function isPrivate(address: string): boolean {
  return privateNetworks.check(address.replace(/%.*$/, ""), isIP(address) === 6 ? "ipv6" : "ipv4");
}

function createLimit(max: number): <T>(task: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (task) => {
    if (running >= max) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
