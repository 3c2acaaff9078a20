import assert from "node:assert/strict";
import { test } from "node:test";
import { matchesHost, parsePolicy, readPolicyId, writePolicy } from "./policy.ts";

test("a policy is read with either line end, its first field counting", () => {
  const text =
    "version: STSv1\nmode: enforce\nmx: Mail.example.com.\r\nmx: *.example.net\nmax_age: 604800\nmax_age: 1\nx: y\n";
  const policy = parsePolicy(text);
  assert.deepEqual(policy, { mode: "enforce", mx: ["mail.example.com", "*.example.net"], maxAgeSeconds: 604800 });
  assert.deepEqual(parsePolicy(writePolicy(policy!)), policy);
});

test("what is no policy is refused", () => {
  const lines = { version: "STSv1", mode: "testing", mx: "a.example", max_age: "86400" };
  const write = (changes: object) =>
    Object.entries({ ...lines, ...changes })
      .map(([key, value]) => `${key}: ${value}`)
      .join("\n");
  assert.ok(parsePolicy(write({})));
  for (const changes of [
    { version: "STSv2" },
    { mode: "strict" },
    { max_age: "-1" },
    { max_age: "1e3" },
    { max_age: "" },
    { mx: "a b" },
    { mx: "*.*.example" },
    { mx: "a.*" },
  ]) {
    assert.equal(parsePolicy(write(changes)), undefined, JSON.stringify(changes));
  }
  assert.equal(parsePolicy("version: STSv1\nmode: enforce\nmax_age: 1"), undefined);
  assert.equal(parsePolicy("<html>"), undefined);
  assert.ok(parsePolicy("version: STSv1\nmode: none\nmax_age: 1"));
});

test("an age longer than a year is a year", () => {
  assert.equal(parsePolicy("version: STSv1\nmode: none\nmax_age: 9999999999")!.maxAgeSeconds, 31_557_600);
});

test("the id is that of the only record that begins as one", () => {
  assert.equal(readPolicyId(["v=spf1 -all", "v=STSv1; id=20260101T000000;"]), "20260101T000000");
  assert.equal(readPolicyId(["v=STSv1; x=y ; id=a"]), "a");
  assert.equal(readPolicyId(["v=STSv1; id=a", "v=STSv1; id=b"]), undefined);
  assert.equal(readPolicyId(["v=STSv1; id=not-alnum"]), undefined);
  assert.equal(readPolicyId([]), undefined);
});

test("a star stands for exactly one label", () => {
  const policy = { mx: ["mx.example.com", "*.example.net"] };
  assert.equal(matchesHost(policy, "MX.example.com."), true);
  assert.equal(matchesHost(policy, "a.example.net"), true);
  assert.equal(matchesHost(policy, "a.b.example.net"), false);
  assert.equal(matchesHost(policy, "example.net"), false);
  assert.equal(matchesHost(policy, "mx.example.com.evil.example"), false);
});
