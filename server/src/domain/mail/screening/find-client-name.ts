import { isIPv6 } from "node:net";
import type { Resolver } from "../resolver.ts";
import type { DnsBudget } from "./authenticate-message.ts";
import { reversedAddress } from "./check-dns-lists.ts";

/** Names of one address that are looked at. */
const mostNames = 3;

/**
 * The name that the reverse DNS gives an address, when that name has the address too (as iprev of RFC 8601 section 2.7.3 asks).
 * @returns undefined when there is none, or DNS does not answer in time
 */
export async function findClientName(
  resolver: Resolver,
  budget: DnsBudget,
  address: string,
): Promise<string | undefined> {
  const reversed = reversedAddress(address);
  if (reversed === undefined) return undefined;
  const isV6 = isIPv6(address);
  try {
    const names = await budget.within(resolver.resolve(`${reversed}.${isV6 ? "ip6" : "in-addr"}.arpa`, "PTR"));
    for (const name of names.slice(0, mostNames)) {
      const found = await budget.within(resolver.resolve(name, isV6 ? "AAAA" : "A")).catch(() => []);
      if (found.some((each) => reversedAddress(each) === reversed)) return name.replace(/\.$/, "").toLowerCase();
    }
  } catch {
    // No name is an answer too.
  }
  return undefined;
}
