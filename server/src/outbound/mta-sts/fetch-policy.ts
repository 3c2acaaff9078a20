import { request } from "node:https";
import { BlockList, isIP } from "node:net";
import { type MtaStsPolicy, parsePolicy } from "../../formats/mta-sts/policy.ts";
import { isPrivate } from "../dns/create-resolver.ts";
import type { MailResolver } from "../dns/find-mail-hosts.ts";

export interface FetchOptions {
  readonly resolver: MailResolver;
  /** 443, except in tests. */
  readonly port?: number;
  /** Authorities to believe instead of the usual ones, PEM. */
  readonly ca?: string;
  /** For tests, whose servers are on this machine: others must not make us call our own network. */
  readonly allowPrivate?: boolean;
  readonly timeoutMs?: number;
}

const largestPolicy = 64 * 1024;

/**
 * Fetches the policy of a domain (RFC 8461 section 3.3): HTTPS with a valid certificate of `mta-sts.<domain>`, no redirect, 200
 * and plain text only, at most 64 KiB and, all in all, 30 s.
 * @throws Error with what was wrong, for logs
 */
export async function fetchPolicy(domain: string, options: FetchOptions): Promise<MtaStsPolicy> {
  const host = `mta-sts.${domain}`;
  const signal = AbortSignal.timeout(options.timeoutMs ?? 30_000);
  const addresses = await findAddresses(host, options);
  let failure: unknown;
  for (const address of addresses.slice(0, 4)) {
    try {
      const policy = parsePolicy(await get(host, address, options, signal));
      if (!policy) throw new Error(`https://${host} has no valid policy`);
      return policy;
    } catch (error) {
      failure = error;
      if (signal.aborted) break;
    }
  }
  throw failure instanceof Error ? failure : new Error(`https://${host} cannot be reached`);
}

const reserved = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["100.64.0.0", 10],
  ["192.0.0.0", 24],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3],
] as const) {
  reserved.addSubnet(network, prefix, "ipv4");
}
for (const [network, prefix] of [
  ["::", 96],
  ["64:ff9b::", 96],
  ["64:ff9b:1::", 48],
  ["2002::", 16],
  ["fec0::", 10],
  ["ff00::", 8],
] as const) {
  reserved.addSubnet(network, prefix, "ipv6");
}

/** Neither of our own networks nor of those that lead to them: `0.0.0.0` is this machine, NAT64 and 6to4 hold IPv4 (RFC 6890). */
export function isPublic(address: string): boolean {
  return !isPrivate(address) && !reserved.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

async function findAddresses(host: string, { resolver, allowPrivate }: FetchOptions): Promise<string[]> {
  const found = await Promise.allSettled([resolver.resolve(host, "AAAA"), resolver.resolve(host, "A")]);
  const addresses = found.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
  const usable = allowPrivate ? addresses : addresses.filter(isPublic);
  if (usable.length === 0) throw new Error(`${host} has no address`);
  return usable;
}

function get(host: string, address: string, options: FetchOptions, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: address,
        port: options.port ?? 443,
        path: "/.well-known/mta-sts.txt",
        servername: host,
        headers: { host, accept: "text/plain" },
        agent: false,
        signal,
        ...(options.ca !== undefined && { ca: options.ca }),
      },
      (response) => {
        const fail = (error: Error): void => {
          response.destroy();
          reject(error);
        };
        if (response.statusCode !== 200) return fail(new Error(`https://${host} answered ${response.statusCode}`));
        if (!/^text\/plain\s*(?:;|$)/i.test(response.headers["content-type"] ?? "")) {
          return fail(new Error(`https://${host} gave something else than plain text`));
        }
        const chunks: Buffer[] = [];
        let size = 0;
        response.on("data", (chunk: Buffer) => {
          size += chunk.length;
          if (size > largestPolicy) fail(new Error(`https://${host} gave more than ${largestPolicy} bytes`));
          else chunks.push(chunk);
        });
        response.on("error", reject);
        response.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
      },
    );
    asked.on("error", reject);
    asked.end();
  });
}
