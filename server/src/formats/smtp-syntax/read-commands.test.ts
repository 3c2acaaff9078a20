import assert from "node:assert/strict";
import { test } from "node:test";
import { BadCommand } from "./bad-command.ts";
import { readMailParameters, readRecipientParameters } from "./read-parameters.ts";
import { readPath } from "./read-path.ts";
import { decodeXtext, encodeXtext } from "./xtext.ts";

const known = { requireTls: true, auth: true };

test("paths are read with their parameters", () => {
  const good: [string, string][] = [
    ["FROM:<>", ""],
    ["from:<a@b.example> SIZE=5", "a@b.example"],
    ["FROM: <a@b.example>", "a@b.example"],
    ["FROM:<@relay.example,@other.example:a@b.example>", "a@b.example"],
    ['FROM:<"a b>c"@d.example>', '"a b>c"@d.example'],
    ['FROM:<"a\\"b"@d.example>', '"a\\"b"@d.example'],
    ['FROM:<"a.b"@d.example>', "a.b@d.example"],
    ['FROM:<"a\\.\\b"@d.example>', "a.b@d.example"],
    ['FROM:<"a..b"@d.example>', '"a..b"@d.example'],
    ["FROM:<a@[192.0.2.1]>", "a@[192.0.2.1]"],
    ["FROM:<a@[IPv6:2001:db8::1]>", "a@[IPv6:2001:db8::1]"],
    ["FROM:<o'neil+x=y/z@b_c.example>", "o'neil+x=y/z@b_c.example"],
    ["FROM:<zoé@mairie-épône.example> SMTPUTF8", "zoé@mairie-épône.example"],
  ];
  for (const [text, address] of good) assert.equal(readPath(text, "FROM", true).address, address, text);
  assert.equal(readPath("FROM:<zoé@b.example>", "FROM", true).isInternational, true);
  assert.equal(readPath("TO:<Postmaster>", "TO", false).address, "Postmaster");
});

test("what is no path is refused with the code that says why", () => {
  const bad: [string, number][] = [
    ["", 501],
    ["FROM", 501],
    ["FROM:", 501],
    ["FROM:a@b.example", 501],
    ["FROM:<a@b.example", 501],
    ["FROM:<a@b.example>SIZE=1", 501],
    ["FROM:<a>", 553],
    ["FROM:<@b.example>", 553],
    ["FROM:<a@b@c>", 553],
    ["FROM:<a..b@c.example>", 553],
    ["FROM:<.a@c.example>", 553],
    ["FROM:<a b@c.example>", 553],
    ["FROM:<a@-b.example>", 553],
    ["FROM:<a@b..example>", 553],
    ["FROM:<a@[300.1.1.1]>", 553],
    ["FROM:<a@[IPv6:::1>", 553],
    [`FROM:<${"a".repeat(65)}@b.example>`, 553],
    [`FROM:<a@${"b".repeat(64)}.example>`, 553],
    [`FROM:<a@${"b.".repeat(130)}example>`, 553],
    ["FROM:<<>>", 501],
  ];
  for (const [text, code] of bad) {
    assert.throws(
      () => readPath(text, "FROM", true),
      (error) => error instanceof BadCommand && error.code === code && /^5\.\d\.\d$/.test(error.status),
      text,
    );
  }
  assert.throws(() => readPath("TO:<>", "TO", false), BadCommand);
});

test("parameters of MAIL are read, each once", () => {
  const all = " SIZE=1234 BODY=8BITMIME SMTPUTF8 REQUIRETLS RET=HDRS ENVID=QQ+2B1 AUTH=<>";
  assert.deepEqual(readMailParameters(all, known), {
    size: 1234,
    body: "8BITMIME",
    isSmtpUtf8: true,
    isTlsRequired: true,
    ret: "HDRS",
    envid: "QQ+1",
  });
  const bad: [string, number][] = [
    ["SIZE=", 501],
    ["SIZE=-1", 501],
    ["SIZE=1 SIZE=2", 501],
    ["BODY=BINARYMIME", 501],
    ["SMTPUTF8=1", 501],
    ["RET=x", 501],
    ["ENVID=+ZZ", 501],
    ["ENVID=a+0A", 501],
    [`ENVID=${"a".repeat(101)}`, 501],
    ["NOTIFY=NEVER", 555],
    ["=x", 501],
    ["X-MINE=1", 555],
  ];
  for (const [text, code] of bad) {
    assert.throws(
      () => readMailParameters(text, known),
      (error) => error instanceof BadCommand && error.code === code,
      text,
    );
  }
  for (const text of ["REQUIRETLS", "AUTH=<>"]) {
    assert.throws(() => readMailParameters(text, { requireTls: false, auth: false }), /not known/);
  }
});

test("parameters of RCPT are read as RFC 3461 says", () => {
  assert.deepEqual(readRecipientParameters("NOTIFY=success,DELAY ORCPT=rfc822;a+2B@b.example"), {
    notify: ["SUCCESS", "DELAY"],
    orcpt: "rfc822;a+2B@b.example",
  });
  for (const text of [
    "NOTIFY=",
    "NOTIFY=NEVER,SUCCESS",
    "NOTIFY=SUCCESS,SUCCESS",
    "NOTIFY=X",
    "ORCPT=a@b.example",
    "SIZE=1",
  ]) {
    assert.throws(() => readRecipientParameters(text), BadCommand, text);
  }
});

test("xtext is decoded, and what is none is told", () => {
  assert.equal(decodeXtext("a+20b+2B"), "a b+");
  assert.equal(encodeXtext("a b+="), "a+20b+2B+3D");
  for (const text of ["+", "+2", "+2b", "a b", "é", "a=b"]) assert.equal(decodeXtext(text), undefined, text);
});
