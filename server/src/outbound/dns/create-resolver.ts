import { lookup, Resolver as NodeResolver } from "node:dns/promises";
import type { RecordType, Resolver } from "../../domain/mail/resolver.ts";

export interface DnsOptions {
  /** IP addresses, with a port if it is not 53; undefined: those of the system. */
  readonly servers?: readonly string[] | undefined;
  /** For one question to one server. */
  readonly timeoutMs?: number;
  readonly tries?: number;
}

const lookedUp: ReadonlySet<string> = new Set(["ENOTFOUND", "EAI_NODATA", "EAI_NONAME"]);

/**
 * Asks DNS. Addresses that DNS does not know are looked up in the machine's hosts file too, where an operator may have put a
 * relay; a name of one label never leaves the machine.
 */
export function createResolver(options: DnsOptions = {}): Resolver {
  const resolver = new NodeResolver({ timeout: options.timeoutMs ?? 2_000, tries: options.tries ?? 2 });
  if (options.servers) resolver.setServers([...options.servers]);

  async function resolve(name: string, type: RecordType): Promise<unknown> {
    switch (type) {
      case "A":
        return withHosts(name, 4, () => resolver.resolve4(name));
      case "AAAA":
        return withHosts(name, 6, () => resolver.resolve6(name));
      case "MX":
        return resolver.resolveMx(name);
      case "TXT":
        return resolver.resolveTxt(name);
      case "PTR":
        return resolver.resolvePtr(name);
      case "CNAME":
        return resolver.resolveCname(name);
      default:
        throw Object.assign(new Error(`No look-up of ${type} records`), { code: "ENOTIMP" });
    }
  }

  async function withHosts(name: string, family: 4 | 6, ask: () => Promise<string[]>): Promise<string[]> {
    if (!name.includes(".") || name.endsWith(".localhost")) return inHosts(name, family);
    return ask();
  }

  return { resolve: resolve as Resolver["resolve"] };
}

async function inHosts(name: string, family: 4 | 6): Promise<string[]> {
  try {
    const found = await lookup(name, { family, all: true });
    return found.map((each) => each.address);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw lookedUp.has(code ?? "") ? Object.assign(new Error(`No address of ${name}`), { code: "ENOTFOUND" }) : error;
  }
}
