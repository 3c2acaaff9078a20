import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeMessage } from "./decode-message.ts";
import { DnsFormatError, type DnsRecord } from "./dns-message.ts";
import { encodeMessage } from "./encode-message.ts";
import { encodeQuery } from "./encode-query.ts";

const answers: DnsRecord[] = [
  { name: "a.example", ttl: 60, type: "A", address: "192.0.2.1" },
  { name: "a.example", ttl: 60, type: "AAAA", address: "2001:db8::1" },
  { name: "a.example", ttl: 60, type: "MX", priority: 10, exchange: "mx.a.example" },
  { name: "a.example", ttl: 60, type: "MX", priority: 0, exchange: "" },
  { name: "a.example", ttl: 60, type: "TXT", strings: ["v=spf1 ", "-all", ""] },
  { name: "b.example", ttl: 0, type: "CNAME", target: "a.example" },
  { name: "1.2.0.192.in-addr.arpa", ttl: 1, type: "PTR", target: "a.example" },
  {
    name: "_25._tcp.a.example",
    ttl: 9,
    type: "TLSA",
    usage: 3,
    selector: 1,
    matchingType: 1,
    data: Buffer.alloc(32, 7),
  },
];
const authorities: DnsRecord[] = [
  {
    name: "example",
    ttl: 5,
    type: "SOA",
    primary: "ns.example",
    mailbox: "hostmaster.example",
    serial: 3,
    minimum: 60,
  },
];
const whole = {
  id: 513,
  isResponse: true,
  isAuthoritative: false,
  isTruncated: false,
  isAuthenticated: true,
  responseCode: 0,
  question: { name: "A.exAmple", type: 1 },
  answers,
  authorities,
};

test("what is written is read again, record by record", () => {
  assert.deepEqual(decodeMessage(encodeMessage(whole)), whole);
});

test("a query asks for recursion, for validation and for no more than fits", () => {
  const bytes = encodeQuery("Mx.Example.", "TLSA", {
    id: 0xabcd,
    wantsAuthenticated: true,
    payloadSize: 1232,
    dnssecOk: true,
  });
  assert.equal(
    bytes.toString("hex"),
    "abcd01200001000000000001" + "024d78074578616d706c6500" + "00340001" + "00002904d0000080000000",
  );
  assert.equal(encodeQuery("a.example", "A", { id: 1 }).readUInt16BE(10), 0);
});

test("names that are none are refused before they are asked", () => {
  for (const name of ["a..example", ".example", `${"x".repeat(64)}.example`, `${"x.".repeat(128)}example`]) {
    assert.throws(() => encodeQuery(name, "A", { id: 1 }), DnsFormatError, name);
  }
});

/** One answer whose owner name is these bytes, at offset 12. */
function withName(name: string, rest = "0001000100000001000401020304"): Buffer {
  return Buffer.from(`000080000000000100000000${name}${rest}`, "hex");
}

test("a compressed name is followed backwards", () => {
  const bytes = Buffer.concat([
    encodeMessage({ ...whole, answers: [], authorities: [] }),
    Buffer.from("03777777c00c0001000100000001000401020304", "hex"),
  ]);
  bytes.writeUInt16BE(1, 6);
  assert.deepEqual(decodeMessage(bytes).answers[0]!.name, "www.a.example");
});

test("pointers that loop, point to themselves, forward or outside are refused", () => {
  for (const name of ["c00c", "c00e", "0161c00c", "0161c00e", "c0ff", "ffff", "80"]) {
    assert.throws(() => decodeMessage(withName(name)), DnsFormatError, name);
  }
});

test("a name that grows by pointers over 255 bytes is refused", () => {
  const chunk = `3f${"61".repeat(63)}`;
  assert.throws(() => decodeMessage(withName(`${chunk.repeat(4)}00`)), /too long/);
});

test("data longer or shorter than its record says is refused", () => {
  assert.throws(() => decodeMessage(withName("00", "00010001000000010005010203040500")), DnsFormatError);
  assert.throws(() => decodeMessage(withName("00", "000100010000000100020102")), DnsFormatError);
  assert.throws(() => decodeMessage(withName("00", "0010000100000001000205610000")), /longer than its record/);
  assert.throws(() => decodeMessage(withName("00", "00340001000000010003030101")), /TLSA/);
});

test("every prefix of a message is refused without anything else thrown", () => {
  const bytes = encodeMessage(whole);
  for (let length = 0; length < bytes.length; length++) {
    assert.throws(() => decodeMessage(bytes.subarray(0, length)), DnsFormatError, `${length} bytes`);
  }
});

test("a truncated message gives the records that are whole", () => {
  const bytes = encodeMessage({ ...whole, isTruncated: true });
  const cut = decodeMessage(bytes.subarray(0, bytes.length - 60));
  assert.equal(cut.isTruncated, true);
  assert.ok(cut.answers.length > 0 && cut.answers.length <= answers.length);
});

test("random bytes and flipped bits throw nothing but DnsFormatError", () => {
  const bytes = encodeMessage(whole);
  let seed = 12345;
  const random = (): number => {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff;
    return seed >>> 8;
  };
  for (let round = 0; round < 5_000; round++) {
    const hostile = Buffer.from(bytes);
    for (let flips = 0; flips < 6; flips++) hostile[random() % hostile.length] = random() & 0xff;
    try {
      decodeMessage(hostile);
    } catch (error) {
      assert.ok(error instanceof DnsFormatError, String(error));
    }
  }
});

test("a label with strange bytes cannot pretend to be two", () => {
  const bytes = withName("05612e622000" + "00");
  assert.equal(decodeMessage(bytes).answers[0]!.name, "a\\.b\\032\\000");
});

test("the response code has its bits of EDNS", () => {
  const bytes = Buffer.from("000080000000000000000001" + "00002904d00100000000" + "00", "hex");
  assert.equal(decodeMessage(bytes).responseCode, 16);
});
