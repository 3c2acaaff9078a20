import { isIPv6 } from "node:net";
import { DnsFormatError, type DnsMessage, type DnsRecord, recordTypes } from "./dns-message.ts";
import { encodeName } from "./encode-query.ts";

/** Writes an answer, names not compressed: what a small authoritative server says. @throws DnsFormatError */
export function encodeMessage(message: Omit<DnsMessage, "responseCode"> & { readonly responseCode: number }): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt16BE(message.id, 0);
  const flag = (isSet: boolean, bit: number): number => (isSet ? bit : 0);
  header.writeUInt16BE(
    flag(message.isResponse, 0x8000) |
      flag(message.isAuthoritative, 0x0400) |
      flag(message.isTruncated, 0x0200) |
      flag(message.isAuthenticated, 0x0020) |
      0x0180 |
      (message.responseCode & 0x0f),
    2,
  );
  header.writeUInt16BE(message.question ? 1 : 0, 4);
  header.writeUInt16BE(message.answers.length, 6);
  header.writeUInt16BE(message.authorities.length, 8);
  const parts: Buffer[] = [header];
  if (message.question) parts.push(encodeName(message.question.name), u16(message.question.type), u16(1));
  for (const record of [...message.answers, ...message.authorities]) parts.push(encodeRecord(record));
  return Buffer.concat(parts);
}

function encodeRecord(record: DnsRecord): Buffer {
  const data = encodeData(record);
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(record.type === "other" ? record.code : recordTypes[record.type], 0);
  fixed.writeUInt16BE(1, 2);
  fixed.writeUInt32BE(record.ttl, 4);
  fixed.writeUInt16BE(data.length, 8);
  return Buffer.concat([encodeName(record.name), fixed, data]);
}

function encodeData(record: DnsRecord): Buffer {
  switch (record.type) {
    case "A":
      return Buffer.from(record.address.split(".").map(Number));
    case "AAAA":
      return ipv6Bytes(record.address);
    case "NS":
    case "CNAME":
    case "PTR":
      return encodeName(record.target);
    case "MX":
      return Buffer.concat([u16(record.priority), encodeName(record.exchange)]);
    case "TXT":
      return Buffer.concat(
        record.strings.flatMap((text) => {
          const bytes = Buffer.from(text, "latin1");
          if (bytes.length > 255) throw new DnsFormatError("A string is longer than 255 bytes");
          return [Buffer.from([bytes.length]), bytes];
        }),
      );
    case "TLSA":
      return Buffer.concat([Buffer.from([record.usage, record.selector, record.matchingType]), record.data]);
    case "SOA": {
      const numbers = Buffer.alloc(20);
      numbers.writeUInt32BE(record.serial, 0);
      numbers.writeUInt32BE(record.minimum, 16);
      return Buffer.concat([encodeName(record.primary), encodeName(record.mailbox), numbers]);
    }
    case "other":
      return record.bytes;
  }
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function ipv6Bytes(address: string): Buffer {
  if (!isIPv6(address)) throw new DnsFormatError(`${address} is no IPv6 address`);
  const [head = "", tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const groups = (text: string): number[] =>
    text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
  const first = groups(head);
  const last = tail === undefined ? [] : groups(tail);
  const all = [...first, ...Array(8 - first.length - last.length).fill(0), ...last];
  return Buffer.concat(all.map(u16));
}
