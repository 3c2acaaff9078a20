import assert from "node:assert/strict";
import { test } from "node:test";
import { analyzeMessage } from "../../../formats/mime/analyze-message.ts";
import { reversedAddress } from "./check-dns-lists.ts";
import { extractFeatures, hashFeatures } from "./extract-features.ts";
import { foldWords } from "./fold-words.ts";
import { sealsOf } from "./read-arc-seals.ts";
import { chiSquareTail, scoreTokens } from "./score-tokens.ts";

test("words are compared without accents, ligatures, elisions, plurals and what is not seen", () => {
  assert.deepEqual(foldWords("L’impôt, d'impôts ; IMPÔT"), ["impot", "impot", "impot"]);
  assert.deepEqual(foldWords("Cœur et sœurs jusqu’aujourd’hui"), ["coeur", "soeur", "aujourd'hui"]);
  assert.deepEqual(foldWords("via\u200bgra vi\u00adagra VIAGRA"), ["viagra", "viagra", "viagra"]);
  assert.deepEqual(foldWords("les journaux, un bras, l’été à 30€"), ["les", "journau", "bras", "ete", "30€"]);
  assert.deepEqual(foldWords("a bc x1"), []);
  assert.deepEqual(foldWords("x".repeat(60)), ["long:6"]);
});

test("a text of a million characters without a blank is folded in linear time", { timeout: 60_000 }, () => {
  assert.ok(foldWords("a'".repeat(500_000)).length <= 1);
  assert.deepEqual(foldWords("-".repeat(1_000_000)), []);
});

test("the tail of the chi-square distribution is that of the tables", () => {
  for (const [value, degrees, tail] of [
    [5.991, 2, 0.05],
    [9.488, 4, 0.05],
    [18.307, 10, 0.05],
    [29.588, 10, 0.001],
    [0, 4, 1],
  ] as const) {
    assert.ok(Math.abs(chiSquareTail(value, degrees) - tail) < 0.0005, `${value} of ${degrees}`);
  }
  assert.ok(chiSquareTail(3_000, 300) >= 0);
  assert.ok(chiSquareTail(300, 300) > 0.4, "no underflow where exp(-150) would be lost in the sum");
});

test("scores say spam, mail or nothing, whatever the proportion of what was learned", () => {
  const corpus = { spam: 1_000, ham: 50 };
  const spammy = Array(20).fill({ spam: 200, ham: 0 });
  const hammy = Array(20).fill({ spam: 0, ham: 10 });
  const common = Array(100).fill({ spam: 900, ham: 45 });
  assert.ok(scoreTokens([...spammy, ...common], corpus) > 0.99);
  assert.ok(scoreTokens([...hammy, ...common], corpus) < 0.01);
  assert.equal(scoreTokens(common, corpus), 0.5);
  assert.ok(Math.abs(scoreTokens([...spammy, ...hammy], corpus) - 0.5) < 0.3);
  assert.equal(scoreTokens([], corpus), 0.5);
  assert.equal(scoreTokens(spammy, { spam: 10, ham: 0 }), 0.5);
  const score = scoreTokens(Array(5_000).fill({ spam: 1_000, ham: 0 }), corpus);
  assert.ok(score > 0.99 && score <= 1);
});

const featuresOf = async (text: string) => {
  const bytes = Buffer.from(text);
  const { root } = analyzeMessage(bytes);
  return extractFeatures({ root, read: async (start, end) => bytes.subarray(start, end) });
};

test("features are the traits of the header, hosts of links, endings of files and words", async () => {
  const features = await featuresOf(
    [
      "Return-Path: <x@evil.example>",
      "Authentication-Results: mx.bouquet.example; dkim=none (message not signed);",
      "\tspf=fail smtp.mailfrom=evil.example; dmarc=fail (p=REJECT) header.from=tresor.example",
      "X-Spam-DNS-Lists: bad.example, worse.example",
      "Received: from a by mx.bouquet.example; Mon, 23 Nov 2026 10:00:00 +0000",
      "Authentication-Results: mx.other.example; spf=pass",
      "X-Spam-DNS-Lists: invented.example",
      'From: "tresor@gouv.example" <x@mail.evil.example>',
      "Reply-To: y@else.example",
      "Subject: =?utf-8?q?Imp=C3=B4ts_2026?=",
      "MIME-Version: 1.0",
      "Content-Type: multipart/mixed; boundary=b",
      "",
      "--b",
      "Content-Type: text/html",
      "",
      '<p style="display:none">x</p><a href="https://phish.evil.example/a?b">https://www.impots.example/</a> Cliquez <form></form>',
      "--b",
      "Content-Type: application/octet-stream",
      "Content-Disposition: attachment; filename=facture.pdf.exe",
      "",
      "MZ",
      "--b--",
      "",
    ].join("\r\n"),
  );
  const expected = [
    "auth:dkim=none",
    "auth:spf=fail",
    "auth:dmarc=fail",
    "list:bad.example",
    "list:worse.example",
    "h:no-date",
    "h:no-message-id",
    "h:no-to",
    "h:name-hides-address",
    "h:reply-elsewhere",
    "from-domain:evil.example",
    "from:x@mail.evil.example",
    "body:html-only",
    "html:hidden",
    "html:form",
    "html:link-elsewhere",
    "url:phish.evil.example",
    "url:evil.example",
    "file:exe",
    "file:double",
    "s:impot",
    "w:cliquez",
  ];
  for (const each of expected) assert.ok(features.includes(each), each);
  for (const each of ["auth:spf=pass", "list:invented.example", "url:example"])
    assert.ok(!features.includes(each), each);
});

for (const [name, text] of [
  ["nothing", ""],
  ["no header", "\r\n\r\nx"],
  ["a header without end", "From: a@b.example\r\nSubject: x"],
  ["a From that is no address", "From: <<<>>>\r\nReply-To: @@@\r\n\r\nx"],
  ["broken HTML", `From: a@b\r\nContent-Type: text/html\r\n\r\n${"<a href='http://".repeat(5_000)}`],
  [
    "a hundred thousand links",
    `From: a@b.example\r\n\r\n${Array.from({ length: 100_000 }, (_, n) => `http://h${n}.example/`).join(" ")}`,
  ],
  [
    "deep nesting",
    `Content-Type: multipart/mixed; boundary=b\r\n\r\n${"--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n".repeat(1_000)}`,
  ],
] as const) {
  test(`a message with ${name} has few features and does not throw`, async () => {
    const features = await featuresOf(text);
    assert.ok(features.length <= 1_200);
    assert.equal(new Set(hashFeatures(features)).size, features.length);
  });
}

test("addresses are asked for as RFC 5782 writes them, and only those of the Internet", () => {
  assert.equal(reversedAddress("192.0.2.99"), "99.2.0.192");
  assert.equal(
    reversedAddress("2001:db8:1:2:3:4:567:89ab"),
    "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2",
  );
  assert.equal(reversedAddress("2001:db8::1")?.split(".").length, 32);
  assert.equal(reversedAddress("2001:db8::192.0.2.1")?.slice(0, 15), "1.0.2.0.0.0.0.c");
  for (const address of [
    "127.0.0.1",
    "10.1.2.3",
    "172.20.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.0.1",
    "::1",
    "fe80::1",
    "fd00::1",
    "x",
    "",
  ]) {
    assert.equal(reversedAddress(address), undefined, address);
  }
});

test("what a sealer says of another domain, or without saying of which, is read with care", () => {
  const set = (results: object) => ({
    "arc-seal": { parsed: { d: { value: "List.Example" } } },
    "arc-authentication-results": { parsed: results },
  });
  const passed = (results: object) => sealsOf([set(results)], "ext.example")[0]!.passed;
  assert.equal(passed({ dmarc: { value: "pass", header: { from: "ext.example" } } }), true);
  assert.equal(passed({ dmarc: { value: "pass", header: { from: "other.example" } } }), false);
  assert.equal(
    passed({ dmarc: { value: "fail" }, spf: { value: "pass", smtp: { mailfrom: "a@ext.example" } } }),
    false,
  );
  assert.equal(passed({ spf: { value: "pass", smtp: { mailfrom: "a@bounce.ext.example" } } }), true);
  assert.equal(passed({ spf: { value: "pass", smtp: { mailfrom: "a@notext.example" } } }), false);
  assert.equal(passed({ spf: { value: "pass", smtp: { mailfrom: "a@example" } } }), false);
  assert.equal(passed({ dkim: [{ value: "pass", header: { i: "@ext.example" } }] }), true);
  assert.equal(passed({ dkim: [{ value: "pass", header: { i: { x: 1 } } }] }), false);
  assert.equal(passed({}), false);
  assert.equal(sealsOf([set({ dmarc: { value: "pass" } })], undefined)[0]!.passed, false);
  assert.deepEqual(
    sealsOf([{}, set({})], "ext.example").map((each) => each.domain),
    ["list.example", ""],
  );
});
