import assert from "node:assert/strict";
import { test } from "node:test";
import { networkOf } from "./network-of.ts";

test("an IPv4 address counts with its /24, also when written inside IPv6", () => {
  assert.equal(networkOf("192.0.2.77"), "192.0.2.0/24");
  assert.equal(networkOf("::ffff:192.0.2.78"), "192.0.2.0/24");
});

test("an IPv6 address counts with its /64, whatever its spelling", () => {
  for (const same of ["2001:db8:0:1::5", "2001:0DB8:0000:0001:ffff:ffff:ffff:ffff", "2001:db8:0:1:a::%eth0"]) {
    assert.equal(networkOf(same), "2001:db8:0:1::/64");
  }
  assert.equal(networkOf("::1"), "0:0:0:0::/64");
  assert.notEqual(networkOf("2001:db8:0:2::5"), networkOf("2001:db8:0:1::5"));
});

test("what is no address is one network", () => {
  for (const text of ["", "unix", "999.1.1.1", "2001:::1"]) assert.equal(networkOf(text), "unknown");
});
