import { DnsFormatError, type DnsMessage, type DnsRecord, type DnsRecordData, recordTypes } from "./dns-message.ts";

/** More than any answer to us has; what pretends to more is not read. */
const maxRecords = 1_000;

/**
 * Reads a DNS message (RFC 1035 section 4). Names may be compressed: a pointer must go back (section 4.1.4), so that no
 * message makes a loop. Labels with a byte other than visible ASCII come as `\DDD`, a dot inside one as `\.`.
 * @throws DnsFormatError when it is malformed or cut short. A truncated (TC) message may end in the middle of its records:
 *   what is whole is given then
 */
export function decodeMessage(bytes: Buffer): DnsMessage {
  const reader = new Reader(bytes);
  const id = reader.u16();
  const flags = reader.u16();
  const counts = [reader.u16(), reader.u16(), reader.u16(), reader.u16()] as const;
  if (counts[0] > 1) throw new DnsFormatError("A message has one question");
  const question = counts[0] === 1 ? { name: reader.name(), type: reader.u16(), class: reader.u16() } : undefined;
  const isTruncated = (flags & 0x0200) !== 0;
  const message = {
    id,
    isResponse: (flags & 0x8000) !== 0,
    isAuthoritative: (flags & 0x0400) !== 0,
    isTruncated,
    isAuthenticated: (flags & 0x0020) !== 0,
    question: question && { name: question.name, type: question.type },
  };
  const answers: DnsRecord[] = [];
  const authorities: DnsRecord[] = [];
  let extended = 0;
  try {
    if (counts[1] + counts[2] + counts[3] > maxRecords) throw new DnsFormatError("The message has too many records");
    for (let count = counts[1]; count > 0; count--) push(answers, readRecord(reader));
    for (let count = counts[2]; count > 0; count--) push(authorities, readRecord(reader));
    for (let count = counts[3]; count > 0; count--) extended |= readRecord(reader).extendedCode;
  } catch (error) {
    if (!(isTruncated && error instanceof DnsFormatError)) throw error;
  }
  return { ...message, responseCode: (extended << 4) | (flags & 0x000f), answers, authorities };
}

function push(list: DnsRecord[], { record }: { record: DnsRecord | undefined }): void {
  if (record) list.push(record);
}

const typeNames = new Map(Object.entries(recordTypes).map(([name, code]) => [code as number, name]));

function readRecord(reader: Reader): { record: DnsRecord | undefined; extendedCode: number } {
  const name = reader.name().toLowerCase();
  const type = reader.u16();
  const recordClass = reader.u16();
  const ttl = reader.u32();
  const length = reader.u16();
  const end = reader.at + length;
  if (end > reader.bytes.length) throw new DnsFormatError("A record is cut short");
  // OPT (RFC 6891 section 6.1.3): its TTL holds the upper bits of the RCODE.
  if (type === 41) {
    reader.at = end;
    return { record: undefined, extendedCode: ttl >>> 24 };
  }
  const data = recordClass === 1 ? readData(reader, type, end) : undefined;
  reader.at = end;
  // RFC 2181 section 8: a TTL with its first bit set is zero.
  return { record: data && { ...data, name, ttl: ttl > 0x7fffffff ? 0 : ttl }, extendedCode: 0 };
}

function readData(reader: Reader, code: number, end: number): DnsRecordData {
  const done = <T extends DnsRecordData>(data: T): T => {
    if (reader.at !== end) throw new DnsFormatError("A record is longer or shorter than its data");
    return data;
  };
  const start = reader.at;
  const type = typeNames.get(code);
  switch (type) {
    case "A":
      return done({ type, address: reader.take(4).join(".") });
    case "AAAA":
      return done({ type, address: ipv6(reader.take(16)) });
    case "NS":
    case "CNAME":
    case "PTR":
      return done({ type, target: reader.name() });
    case "MX":
      return done({ type, priority: reader.u16(), exchange: reader.name() });
    case "TXT": {
      const strings: string[] = [];
      while (reader.at < end) {
        const length = reader.u8();
        if (reader.at + length > end) throw new DnsFormatError("A string is longer than its record");
        strings.push(reader.take(length).toString("latin1"));
      }
      return done({ type, strings });
    }
    case "TLSA": {
      if (end - start < 4) throw new DnsFormatError("A TLSA record is too short");
      const usage = reader.u8();
      const selector = reader.u8();
      const matchingType = reader.u8();
      return done({ type, usage, selector, matchingType, data: reader.take(end - reader.at) });
    }
    case "SOA": {
      const primary = reader.name();
      const mailbox = reader.name();
      const [serial, , , , minimum] = [reader.u32(), reader.u32(), reader.u32(), reader.u32(), reader.u32()] as const;
      return done({ type, primary, mailbox, serial, minimum });
    }
    default:
      return done({ type: "other", code, bytes: reader.take(end - start) });
  }
}

/** RFC 5952. */
function ipv6(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16)).join(":");
  return new URL(`http://[${groups}]`).hostname.slice(1, -1);
}

class Reader {
  readonly bytes: Buffer;
  at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  take(length: number): Buffer {
    const end = this.at + length;
    if (end > this.bytes.length) throw new DnsFormatError("The message is cut short");
    const taken = this.bytes.subarray(this.at, end);
    this.at = end;
    return taken;
  }

  u8(): number {
    return this.take(1)[0]!;
  }

  u16(): number {
    return this.take(2).readUInt16BE();
  }

  u32(): number {
    return this.take(4).readUInt32BE();
  }

  /** Without its final dot; empty for the root. */
  name(): string {
    const labels: string[] = [];
    let at = this.at;
    let after: number | undefined;
    let length = 0;
    // Each pointer must go before the place that the name, or the pointer before, began at.
    let before = this.at;
    for (;;) {
      const size = this.bytes[at];
      if (size === undefined) throw new DnsFormatError("A name is cut short");
      if (size === 0) break;
      if ((size & 0xc0) === 0xc0) {
        const low = this.bytes[at + 1];
        if (low === undefined) throw new DnsFormatError("A name is cut short");
        after ??= at + 2;
        at = ((size & 0x3f) << 8) | low;
        if (at >= before) throw new DnsFormatError("A name points forward or to itself");
        before = at;
        continue;
      }
      if (size > 63) throw new DnsFormatError("A label is of no known kind");
      if (at + 1 + size > this.bytes.length) throw new DnsFormatError("A name is cut short");
      length += size + 1;
      if (length > 254) throw new DnsFormatError("A name is too long");
      labels.push(label(this.bytes.subarray(at + 1, at + 1 + size)));
      at += 1 + size;
    }
    this.at = after ?? at + 1;
    return labels.join(".");
  }
}

function label(bytes: Buffer): string {
  return bytes
    .toString("latin1")
    .replace(/[.\\]/g, "\\$&")
    .replace(/[^\x21-\x7e]/g, (character) => `\\${String(character.charCodeAt(0)).padStart(3, "0")}`);
}
