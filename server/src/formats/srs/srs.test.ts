import assert from "node:assert/strict";
import { test } from "node:test";
import { isRewritten, reverseSender, rewriteSender } from "./srs.ts";

// The hashes were computed with OpenSSL: HMAC-SHA-256 of "r3=ext.example=paul" in base 64, first six characters.
const key = { secret: "secret" };
const at = (day: string) => new Date(`${day}T12:00:00Z`);
const day = at("2022-01-11");

test("timestamps are those that forwarders of the field wrote on these days", () => {
  // From public archives: kernel.org by way of inumbo.net.
  for (const [date, stamp] of [
    ["2022-01-11", "R3"],
    ["2021-03-08", "IG"],
    ["2021-10-25", "PN"],
    ["2023-08-14", "D7"],
    ["2019-07-31", "V4"],
  ] as const) {
    assert.match(
      rewriteSender("a@b.example", "c.example", key, at(date)),
      new RegExp(`^SRS0=[^=]{6}=${stamp}=b\\.example=a@`),
    );
  }
});

test("a sender is rewritten by the first forwarder, and comes back", () => {
  const rewritten = rewriteSender("Paul@ext.example", "fwd.example", key, day);
  assert.equal(rewritten, "SRS0=zVnjqw=R3=ext.example=Paul@fwd.example");
  assert.equal(reverseSender("SRS0=zVnjqw=R3=ext.example=Paul", key, day), "Paul@ext.example");
  const odd = rewriteSender("prvs=09=paul+tag@ext.example", "fwd.example", key, day);
  assert.equal(reverseSender(odd.slice(0, odd.lastIndexOf("@")), key, day), "prvs=09=paul+tag@ext.example");
});

test("later forwarders point at the first one, however many there are", () => {
  const second = rewriteSender("SRS0=abcdef=R3=ext.example=paul@first.example", "second.example", key, day);
  assert.equal(second, "SRS1=VICU8Z=first.example==abcdef=R3=ext.example=paul@second.example");
  const third = rewriteSender(second, "third.example", { secret: "third" }, day);
  const local = third.slice(0, third.lastIndexOf("@"));
  assert.match(local, /^SRS1=[^=]{6}=first\.example==abcdef=R3=ext\.example=paul$/);
  assert.equal(reverseSender(local, { secret: "third" }, day), "SRS0=abcdef=R3=ext.example=paul@first.example");
  // Other separators than "=" are kept.
  const plus = rewriteSender("srs0+abcd=R3=ext.example=paul@first.example", "second.example", key, day);
  assert.equal(
    reverseSender(plus.slice(0, plus.lastIndexOf("@")), key, day),
    "SRS0+abcd=R3=ext.example=paul@first.example",
  );
});

test("servers on the way may change the case", () => {
  for (const local of ["srs0=zVnjqw=r3=ext.example=paul", "SRS0=zVnjqw=R3=EXT.EXAMPLE=PAUL"]) {
    assert.match(
      reverseSender(local.replace("zVnjqw", "zVnjqw".toLowerCase()), key, day) ?? "",
      /^paul@ext\.example$/i,
    );
  }
});

test("a return path that is changed, of another key, or too old leads nowhere", () => {
  const good = "SRS0=zVnjqw=R3=ext.example=Paul";
  assert.equal(reverseSender(good, { secret: "other" }, day), undefined);
  for (const [from, to] of [
    ["Paul", "Pierre"],
    ["ext.example", "evil.example"],
    ["=R3=", "=R4="],
    ["SRS0=", "SRS0=x"],
  ] as const) {
    assert.equal(reverseSender(good.replace(from, to), key, day), undefined, to);
  }
  assert.equal(reverseSender(good, key, at("2022-02-01")), "Paul@ext.example");
  assert.equal(reverseSender(good, key, at("2022-02-02")), undefined);
  assert.equal(reverseSender(good, key, at("2022-01-10")), "Paul@ext.example", "a clock one day behind");
  assert.equal(reverseSender(good, key, at("2022-01-09")), undefined);
});

test("the cycle of timestamps is crossed without a gap", () => {
  // Day 1023 and the days after it.
  const end = new Date(1_023 * 86_400_000);
  const local = rewriteSender("a@b.example", "c.example", key, end).replace(/@c\.example$/, "");
  assert.match(local, /=77=b\.example=a$/);
  assert.equal(reverseSender(local, key, new Date(1_030 * 86_400_000)), "a@b.example");
});

test("what only looks like a rewritten return path is none", () => {
  for (const local of ["srs", "srs0", "SRS2=a=b=c=d", "srs0nly", "x=SRS0=a=b=c=d"])
    assert.equal(isRewritten(local), false);
  for (const local of [
    "SRS0=",
    "SRS0=a",
    "SRS0=a=b",
    "SRS0=a=R3=c=",
    "SRS1=a=b=c",
    "SRS1====",
    `SRS0=${"=".repeat(50_000)}`,
  ]) {
    assert.equal(reverseSender(local, key, day), undefined, local.slice(0, 40));
  }
});
