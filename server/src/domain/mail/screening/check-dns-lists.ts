import { isIPv4, isIPv6 } from "node:net";
import type { Resolver } from "../resolver.ts";
import type { DnsBudget } from "./authenticate-message.ts";

/**
 * Asks DNS lists of bad addresses (RFC 5782) about a client. A list that does not answer in time names nobody.
 * @param zones such as `dnsbl.example.org`
 * @returns the zones that name it
 */
export async function checkDnsLists(
  resolver: Resolver,
  budget: DnsBudget,
  zones: readonly string[],
  remoteAddress: string,
): Promise<string[]> {
  const name = zones.length === 0 ? undefined : reversedAddress(remoteAddress);
  if (name === undefined) return [];
  const hits = await Promise.all(
    zones.map((zone) => budget.within(resolver.resolve(`${name}.${zone}`, "A")).then(isListed, () => false)),
  );
  return zones.filter((_, index) => hits[index]);
}

/** Answers are in 127.0.0.0/8 (RFC 5782 section 2.1); lists say "you may not ask" in 127.255.255.0/24. */
function isListed(addresses: readonly string[]): boolean {
  return addresses.some((each) => each.startsWith("127.") && !each.startsWith("127.255.255."));
}

/**
 * The name under which lists know an address (RFC 5782 sections 2.1 and 2.4).
 * @returns undefined for addresses that are not of the Internet
 */
export function reversedAddress(address: string): string | undefined {
  if (isIPv4(address)) {
    if (
      /^(?:0|10|127|169\.254|172\.(?:1[6-9]|2\d|3[01])|192\.168|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./.test(
        address,
      )
    ) {
      return undefined;
    }
    return address.split(".").reverse().join(".");
  }
  if (!isIPv6(address)) return undefined;
  const plain = address.replace(/%.*$/, "").toLowerCase();
  // The last part may be an IPv4 address in dots.
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(plain);
  const hex = (a: string, b: string) => ((Number(a) << 8) | Number(b)).toString(16);
  const text = dotted ? `${dotted[1]}${hex(dotted[2]!, dotted[3]!)}:${hex(dotted[4]!, dotted[5]!)}` : plain;
  const [head = "", tail] = text.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const groups =
    tail === undefined ? left : [...left, ...Array<string>(8 - left.length - right.length).fill("0"), ...right];
  if (/^(?:::1?|f[cd]|fe[89ab])/.test(text)) return undefined;
  return groups
    .map((group) => group.padStart(4, "0"))
    .join("")
    .split("")
    .reverse()
    .join(".");
}
