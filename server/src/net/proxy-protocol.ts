import type { Socket } from "node:net";
import { isIPv4, isIPv6 } from "node:net";
import { setImmediate } from "node:timers/promises";

/** What a load balancer says of the connection that it passes on (the PROXY protocol, versions 1 and 2). */
export interface ProxyHeader {
  /** Bytes that the header takes. */
  readonly length: number;
  /** Undefined: the balancer speaks for itself (LOCAL, UNKNOWN, a Unix socket), as its health checks do. */
  readonly source: { readonly address: string; readonly port: number } | undefined;
}

/** Not a PROXY header, or one that breaks its rules. */
export class BadProxyHeader extends Error {
  override readonly name = "BadProxyHeader";
}

const signature = Buffer.from("\r\n\r\n\0\r\nQUIT\n", "latin1");
const maxVersion1 = 107;
/** Addresses take 12, 36 or 216 bytes; what follows (TLVs) is skipped. More than this is no balancer's. */
const maxVersion2 = 16 + 4_096;

/**
 * Reads the header that begins a connection.
 * @returns undefined while it is not whole
 * @throws BadProxyHeader
 */
export function parseProxyHeader(bytes: Buffer): ProxyHeader | undefined {
  if (bytes.length === 0) return undefined;
  const compared = Math.min(bytes.length, signature.length);
  if (bytes.subarray(0, compared).equals(signature.subarray(0, compared))) return parseVersion2(bytes);
  return parseVersion1(bytes);
}

function parseVersion1(bytes: Buffer): ProxyHeader | undefined {
  const text = bytes.subarray(0, maxVersion1).toString("latin1");
  if (!text.startsWith("PROXY ".slice(0, Math.min(6, text.length)))) throw new BadProxyHeader("No PROXY header came");
  const end = text.indexOf("\r\n");
  if (end < 0) {
    if (text.length >= maxVersion1) throw new BadProxyHeader("The PROXY header has no end");
    return undefined;
  }
  const length = end + 2;
  const [, family, source = "", destination = "", ...ports] = text.slice(0, end).split(" ");
  if (family === "UNKNOWN") return { length, source: undefined };
  const isAddress = family === "TCP4" ? isIPv4 : family === "TCP6" ? isIPv6 : undefined;
  const [port, targetPort] = ports.map(readPort);
  if (
    !isAddress?.(source) ||
    !isAddress(destination) ||
    port === undefined ||
    targetPort === undefined ||
    ports.length !== 2
  ) {
    throw new BadProxyHeader("The PROXY header is malformed");
  }
  return { length, source: { address: source, port } };
}

function readPort(text: string): number | undefined {
  return /^(?:0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined;
}

function parseVersion2(bytes: Buffer): ProxyHeader | undefined {
  if (bytes.length < 16) return undefined;
  const version = bytes[12]! >> 4;
  const command = bytes[12]! & 0xf;
  const family = bytes[13]!;
  const size = bytes.readUInt16BE(14);
  const length = 16 + size;
  if (version !== 2 || command > 1) throw new BadProxyHeader("The PROXY header is of an unknown version");
  if (length > maxVersion2) throw new BadProxyHeader("The PROXY header is too long");
  if (bytes.length < length) return undefined;
  if (command === 0) return { length, source: undefined };
  if (family === 0x11) {
    if (size < 12) throw new BadProxyHeader("The PROXY header is too short");
    return { length, source: { address: [...bytes.subarray(16, 20)].join("."), port: bytes.readUInt16BE(24) } };
  }
  if (family === 0x21) {
    if (size < 36) throw new BadProxyHeader("The PROXY header is too short");
    const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(16 + 2 * index).toString(16));
    return { length, source: { address: canonical(groups.join(":")), port: bytes.readUInt16BE(48) } };
  }
  if (family === 0x00 || family >> 4 === 3) return { length, source: undefined };
  throw new BadProxyHeader("The PROXY header speaks of another protocol than TCP");
}

/** IPv6 in the form of RFC 5952, as sockets give it. */
function canonical(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}

/**
 * Takes the header off the beginning of a connection; what follows stays to be read. Nothing else may have read from the socket.
 * @throws BadProxyHeader when another thing came, or nothing in time
 */
export async function readProxyHeader(socket: Socket, timeoutMs: number): Promise<ProxyHeader> {
  let received = Buffer.alloc(0);
  const deadline = AbortSignal.timeout(timeoutMs);
  for (;;) {
    const chunk = socket.read() as Buffer | null;
    if (chunk !== null) {
      received = Buffer.concat([received, chunk]);
      const header = parseProxyHeader(received);
      if (header) {
        if (received.length > header.length) socket.unshift(received.subarray(header.length));
        // The stream forgets its "readable" listener in the next turn, and would not flow before.
        await setImmediate();
        return header;
      }
      continue;
    }
    if (socket.destroyed || socket.readableEnded)
      throw new BadProxyHeader("The connection ended before its PROXY header");
    await readable(socket, deadline);
  }
}

function readable(socket: Socket, deadline: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const late = () => reject(new BadProxyHeader("The PROXY header did not come in time"));
  if (deadline.aborted) late();
  deadline.addEventListener("abort", late, { once: true });
  const events = ["readable", "end", "close"] as const;
  for (const event of events) socket.once(event, resolve);
  return promise.finally(() => {
    deadline.removeEventListener("abort", late);
    for (const event of events) socket.off(event, resolve);
  });
}
