import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";

/** An IP address in one form: IPv4 inside IPv6 becomes plain IPv4, a scope (`%eth0`) is dropped. */
export function plainAddress(address: string): string {
  const bare = address.replace(/%.*$/, "");
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1] ?? bare.toLowerCase();
}

/** The network that limits and throttles count for: an IPv4 address, or the /64 that one IPv6 customer has. */
export function networkOf(address: string): string {
  const plain = plainAddress(address);
  if (isIP(plain) !== 6) return plain;
  return `${groupsOf(plain)
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(":")}::/64`;
}

/** The 4 or 16 bytes of an IP address without a scope. */
export function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split(".").map(Number));
  return Buffer.from(groupsOf(address).flatMap((group) => [group >> 8, group & 0xff]));
}

/** The eight 16-bit groups of an IPv6 address (RFC 4291 section 2.2). */
function groupsOf(address: string): readonly number[] {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  if (dotted) {
    const [, before = "", ...bytes] = dotted;
    const [a = 0, b = 0, c = 0, d = 0] = bytes.map(Number);
    return groupsOf(`${before}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`);
  }
  const [head = "", tail] = address.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail ? tail.split(":") : [];
  const middle = tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill("0");
  return [...left, ...middle, ...right].map((group) => Number.parseInt(group, 16));
}

/** True for the addresses by which a machine speaks to itself. */
export function isLoopback(address: string): boolean {
  const plain = plainAddress(address);
  return plain === "::1" || (isIP(plain) === 4 && plain.startsWith("127."));
}

/** Whether an address is one of these addresses or CIDR networks. */
export function networkSet(networks: readonly string[]): (address: string) => boolean {
  const set = new BlockList();
  for (const network of networks) {
    const [address = "", bits] = network.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (bits === undefined) set.addAddress(address, family);
    else set.addSubnet(address, Number(bits), family);
  }
  return (address) => isIP(address) !== 0 && set.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

/**
 * Makes the function that says who sent a request. X-Forwarded-For is believed only as far as the trusted proxies
 * (addresses or CIDR networks) wrote it: read from the right, the first address that is not theirs.
 */
export function createClientAddress(trustedProxies: readonly string[]): (request: IncomingMessage) => string {
  const isTrusted = networkSet(trustedProxies);
  return (request) => {
    let client = plainAddress(request.socket.remoteAddress ?? "");
    const header = request.headers["x-forwarded-for"];
    const chain = (Array.isArray(header) ? header.join(",") : (header ?? ""))
      .split(",")
      .map((hop) => plainAddress(hop.trim()));
    while (chain.length > 0 && isIP(client) !== 0 && isTrusted(client)) {
      const hop = chain.pop()!;
      if (isIP(hop) === 0) break;
      client = hop;
    }
    return client;
  };
}
