import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { test } from "node:test";
import { addressBytes, createClientAddress, isLoopback, networkOf, plainAddress } from "./client-address.ts";

const request = (remoteAddress: string, forwarded?: string) =>
  ({
    socket: { remoteAddress },
    headers: forwarded === undefined ? {} : { "x-forwarded-for": forwarded },
  }) as unknown as IncomingMessage;

const clientAddress = createClientAddress(["127.0.0.1", "10.0.0.0/8", "fd00::/8"]);

test("without a proxy the client is who connects", () => {
  assert.equal(clientAddress(request("::ffff:192.0.2.1")), "192.0.2.1");
});

test("a stranger cannot choose the address that counts for it", () => {
  assert.equal(clientAddress(request("192.0.2.1", "198.51.100.9")), "192.0.2.1");
});

test("a trusted proxy is believed, and only for the hop that it saw", () => {
  assert.equal(clientAddress(request("127.0.0.1", "198.51.100.9")), "198.51.100.9");
  assert.equal(clientAddress(request("127.0.0.1", "203.0.113.66, 198.51.100.9, 10.1.2.3")), "198.51.100.9");
});

test("a damaged header leaves the last address that was sure", () => {
  assert.equal(clientAddress(request("10.0.0.1", "unknown")), "10.0.0.1");
  assert.equal(clientAddress(request("10.0.0.1", "")), "10.0.0.1");
  assert.equal(clientAddress(request("fd00::1", "' or 1=1, 10.0.0.7")), "10.0.0.7");
});

test("one IPv6 customer is one network however its addresses are written", () => {
  assert.equal(networkOf("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  assert.equal(networkOf("2001:0DB8:1:2::9%eth0"), "2001:db8:1:2::/64");
  assert.equal(networkOf("2001:db8::1"), "2001:db8:0:0::/64");
  assert.equal(networkOf("::1"), "0:0:0:0::/64");
  assert.equal(networkOf("::ffff:192.0.2.1"), "192.0.2.1");
});

test("loopback is known in both families", () => {
  assert.deepEqual(["127.0.0.53", "::1", "::ffff:127.0.0.1", "128.0.0.1", "127.example.org", ""].map(isLoopback), [
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
  assert.equal(plainAddress("::FFFF:127.0.0.1"), "127.0.0.1");
});

test("the bytes of an address are those of RFC 4291, however it is written", () => {
  const hex = (address: string) => addressBytes(address).toString("hex");
  assert.equal(hex("192.0.2.1"), "c0000201");
  assert.equal(hex("::1"), `${"0".repeat(31)}1`);
  assert.equal(hex("2001:db8::192.0.2.1"), `20010db8${"0".repeat(16)}c0000201`);
  assert.equal(hex("1:2:3:4:5:6:7:8"), "00010002000300040005000600070008");
});
