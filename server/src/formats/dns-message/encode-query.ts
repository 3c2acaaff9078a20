import { DnsFormatError, type RecordTypeName, recordTypes } from "./dns-message.ts";

export interface QueryOptions {
  readonly id: number;
  /** Asks the server to say whether it validated (RFC 6840 section 5.7). */
  readonly wantsAuthenticated?: boolean;
  /** Largest answer over UDP; undefined: no EDNS, for servers that do not know it. */
  readonly payloadSize?: number;
  /** DNSSEC OK: asks for the signatures too (RFC 4035 section 3.2.1). */
  readonly dnssecOk?: boolean;
}

/**
 * A query for one name, recursion desired.
 * @param name in A-labels, its final dot optional; case is kept
 * @throws DnsFormatError when the name is no domain name
 */
export function encodeQuery(name: string, type: RecordTypeName, options: QueryOptions): Buffer {
  const { payloadSize } = options;
  const header = Buffer.alloc(12);
  header.writeUInt16BE(options.id, 0);
  header.writeUInt16BE(0x0100 | (options.wantsAuthenticated ? 0x0020 : 0), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(payloadSize === undefined ? 0 : 1, 10);
  const tail = Buffer.alloc(4);
  tail.writeUInt16BE(recordTypes[type], 0);
  tail.writeUInt16BE(1, 2);
  const parts = [header, encodeName(name), tail];
  if (payloadSize !== undefined) {
    const opt = Buffer.alloc(11); // RFC 6891 section 6.1.2
    opt.writeUInt16BE(41, 1);
    opt.writeUInt16BE(payloadSize, 3);
    opt.writeUInt8(options.dnssecOk ? 0x80 : 0, 7);
    parts.push(opt);
  }
  return Buffer.concat(parts);
}

/** @throws DnsFormatError when it is empty inside, has a label over 63 bytes, or is longer than 255 (RFC 1035 section 2.3.4) */
export function encodeName(name: string): Buffer {
  const trimmed = name.endsWith(".") ? name.slice(0, -1) : name;
  const parts: Buffer[] = [];
  for (const label of trimmed === "" ? [] : trimmed.split(".")) {
    const bytes = Buffer.from(label, "utf8");
    if (bytes.length === 0 || bytes.length > 63) throw new DnsFormatError(`${JSON.stringify(name)} is no domain name`);
    parts.push(Buffer.from([bytes.length]), bytes);
  }
  const encoded = Buffer.concat([...parts, Buffer.from([0])]);
  if (encoded.length > 255) throw new DnsFormatError("The domain name is too long");
  return encoded;
}
