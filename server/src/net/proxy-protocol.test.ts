import assert from "node:assert/strict";
import { test } from "node:test";
import { BadProxyHeader, parseProxyHeader } from "./proxy-protocol.ts";

const signature = Buffer.from("\r\n\r\n\0\r\nQUIT\n", "latin1");

function version2(command: number, family: number, addresses: Buffer): Buffer {
  const head = Buffer.from([0x20 | command, family, addresses.length >> 8, addresses.length & 0xff]);
  return Buffer.concat([signature, head, addresses]);
}

const four = Buffer.from([192, 0, 2, 7, 198, 51, 100, 1, 0x12, 0x34, 0, 25]);
const six = Buffer.concat([
  Buffer.from("20010db8000000000000000000000007", "hex"),
  Buffer.alloc(16),
  Buffer.from([0, 99, 0, 25]),
]);

const whole: [string, Buffer, string | undefined][] = [
  ["version 1, IPv4", Buffer.from("PROXY TCP4 192.0.2.7 198.51.100.1 4660 25\r\n"), "192.0.2.7"],
  ["version 1, IPv6", Buffer.from("PROXY TCP6 2001:db8::7 2001:db8::1 4660 25\r\n"), "2001:db8::7"],
  ["version 1, unknown", Buffer.from("PROXY UNKNOWN a b c d\r\n"), undefined],
  ["version 2, IPv4", version2(1, 0x11, four), "192.0.2.7"],
  ["version 2, IPv4 with TLVs", version2(1, 0x11, Buffer.concat([four, Buffer.from([4, 0, 3, 1, 2, 3])])), "192.0.2.7"],
  ["version 2, IPv6", version2(1, 0x21, six), "2001:db8::7"],
  ["version 2, local", version2(0, 0, Buffer.alloc(0)), undefined],
  ["version 2, Unix sockets", version2(1, 0x31, Buffer.alloc(216)), undefined],
];

for (const [name, bytes, address] of whole) {
  test(`${name}: the header is read in one piece or byte by byte, and what follows is left`, () => {
    const followed = Buffer.concat([bytes, Buffer.from("EHLO x\r\n")]);
    for (let length = 0; length < bytes.length; length++) {
      assert.equal(parseProxyHeader(followed.subarray(0, length)), undefined, `${length} bytes`);
    }
    const header = parseProxyHeader(followed);
    assert.equal(header?.length, bytes.length);
    assert.equal(header?.source?.address, address);
  });
}

const wrong: [string, Buffer][] = [
  ["an SMTP command", Buffer.from("EHLO x\r\n")],
  ["a version 1 line without end", Buffer.from(`PROXY TCP4 ${"1".repeat(200)}`)],
  ["an address of the other family", Buffer.from("PROXY TCP4 2001:db8::7 2001:db8::1 1 25\r\n")],
  ["a port beyond 65535", Buffer.from("PROXY TCP4 192.0.2.7 198.51.100.1 65536 25\r\n")],
  ["a port with a leading zero", Buffer.from("PROXY TCP4 192.0.2.7 198.51.100.1 025 25\r\n")],
  ["one word more", Buffer.from("PROXY TCP4 192.0.2.7 198.51.100.1 1 25 x\r\n")],
  ["version 3", Buffer.concat([signature, Buffer.from([0x31, 0x11, 0, 12]), four])],
  ["an unknown command", version2(2, 0x11, four)],
  ["addresses that are too short", version2(1, 0x11, four.subarray(0, 8))],
  ["UDP", version2(1, 0x12, four)],
  ["64 KB of TLVs", version2(1, 0x11, Buffer.alloc(60_000))],
];

for (const [name, bytes] of wrong) {
  test(`${name} is no PROXY header`, () => {
    assert.throws(() => parseProxyHeader(bytes), BadProxyHeader);
  });
}
