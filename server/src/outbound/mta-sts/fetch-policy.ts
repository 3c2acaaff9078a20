import { request } from "node:https";
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

async function findAddresses(host: string, { resolver, allowPrivate }: FetchOptions): Promise<string[]> {
  const found = await Promise.allSettled([resolver.resolve(host, "AAAA"), resolver.resolve(host, "A")]);
  const addresses = found.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
  const usable = allowPrivate ? addresses : addresses.filter((address) => !isPrivate(address));
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
