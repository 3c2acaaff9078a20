import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { createSeal } from "mailauth/lib/arc/index.js";
import { dkimVerify } from "mailauth/lib/dkim/verify.js";
import { FakeDns } from "../../../../test/harness/fake-dns.ts";
import { authenticateMessage } from "./authenticate-message.ts";

const read = (name: string) =>
  readFile(new URL(`../../../../test/fixtures/mail-authentication/${name}.eml`, import.meta.url));

// Public keys as RFC 6376 appendix C, RFC 8463 appendix A.2 and the ARC test suite publish them.
const brisbane =
  "v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB";
const ed25519 = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
const rsaTest =
  "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB";

function dnsWith(records: { [name: string]: string }): FakeDns {
  const dns = new FakeDns();
  for (const [name, text] of Object.entries(records)) dns.set("TXT", name, [[text]]);
  return dns;
}
const authenticate = async (dns: FakeDns, message: Buffer | string) =>
  (
    await authenticateMessage(
      dns,
      Buffer.from(message as string),
      { remoteAddress: "192.0.2.1", helo: "mx.example.com", sender: "joe@football.example.com" },
      "mx.bouquet.example",
    )
  ).findings;

test("the signed message of RFC 6376 appendix A.2 passes", async () => {
  const dns = dnsWith({ "brisbane._domainkey.example.com": brisbane });
  const { dkim, dkimDomains } = await authenticate(dns, await read("rfc6376-appendix-a"));
  assert.deepEqual([dkim, dkimDomains], [["pass"], ["example.com"]]);
});

const rfc8463 = {
  "brisbane._domainkey.football.example.com": ed25519,
  "test._domainkey.football.example.com": rsaTest,
};

test("both signatures of RFC 8463 appendix A.3 pass, Ed25519 and RSA", async () => {
  const { dkim } = await authenticate(dnsWith(rfc8463), await read("rfc8463-appendix-a"));
  assert.deepEqual(dkim, ["pass", "pass"]);
});

const text = (await read("rfc8463-appendix-a")).toString("latin1");
for (const [name, change, expected] of [
  ["a changed body", text.replace("hungry", "Hungry"), ["neutral", "neutral"]],
  ["a changed subject", text.replace("dinner", "supper"), ["fail", "fail"]],
  ["a From added in front", `From: eve@evil.example\r\n${text}`, ["fail", "fail"]],
  ["a Subject added at the end of the header", text.replace("\r\n\r\n", "\r\nSubject: Win\r\n\r\n"), ["fail", "fail"]],
  ["more white space, which relaxed ignores", text.replace("Is dinner", "Is   dinner"), ["pass", "pass"]],
  ["empty lines at the end, which relaxed ignores", `${text}\r\n\r\n`, ["pass", "pass"]],
  ["an unknown version", text.replaceAll("v=1;", "v=2;"), ["permerror", "permerror"]],
  ["an algorithm that does not exist", text.replaceAll("-sha256;", "-sha999;"), ["permerror", "permerror"]],
  ["an expired signature", text.replaceAll("t=1528637909;", "t=1528637909; x=1528637910;"), ["neutral", "neutral"]],
  ["an i= that is not beneath d=", text.replaceAll("i=@football", "i=@tennis"), ["permerror", "permerror"]],
  ["an h= without From", text.replaceAll("h=from : to", "h=to"), ["permerror", "permerror"]],
] as const) {
  test(`with ${name} the signatures of RFC 8463 do ${expected[0] === "pass" ? "" : "not "}pass`, async () => {
    const { dkim } = await authenticate(dnsWith(rfc8463), Buffer.from(change, "latin1"));
    if (expected[0] === "pass") assert.deepEqual(dkim, expected);
    else assert.ok(dkim.length > 0 && !dkim.includes("pass"), String(dkim));
  });
}

for (const [name, record] of [
  ["revoked", "v=DKIM1; k=ed25519; p="],
  ["of another version", "v=DKIM2; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="],
  ["of another type", "v=DKIM1; k=rsa; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="],
  ["not for mail", "v=DKIM1; k=ed25519; s=tlsrpt; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="],
  ["for another hash", "v=DKIM1; k=ed25519; h=sha1; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="],
  ["nonsense", "p=%%%"],
] as const) {
  test(`a key that is ${name} lets no signature pass`, async () => {
    const dns = dnsWith({ ...rfc8463, "brisbane._domainkey.football.example.com": record });
    const { dkim } = await authenticate(dns, text);
    assert.notEqual(dkim[0], "pass");
    assert.equal(dkim[1], "pass");
  });
}

test("a signature with SHA-1 does not pass (RFC 8301)", async () => {
  const sha1 = text.slice(text.indexOf("DKIM-Signature: v=1; a=rsa")).replace("rsa-sha256", "rsa-sha1");
  const { dkim } = await authenticate(dnsWith(rfc8463), sha1);
  assert.ok(!dkim.includes("pass"));
});

const arcDns = () => dnsWith({ "dummy._domainkey.example.org": rsaTest });

for (const name of ["arc-i1", "arc-i2"]) {
  test(`the ARC test suite's passing chain ${name} passes, and names its sealers`, async () => {
    const { arc, arcSeals } = await authenticate(arcDns(), await read(name));
    assert.equal(arc, "pass");
    assert.deepEqual(new Set(arcSeals.map((each) => each.domain)), new Set(["example.org"]));
    assert.equal(arcSeals.length, name === "arc-i1" ? 1 : 2);
  });
}

const chain = (await read("arc-i2")).toString("latin1");
const first = (await read("arc-i1")).toString("latin1");
const field = (from: string, name: string, instance: number) =>
  new RegExp(`${name}:[^\\r\\n]*(?:\\r\\n[ \\t][^\\r\\n]*)*`, "g")
    [Symbol.match](from)!
    .find((each) => new RegExp(`\\bi=${instance};`).test(each))!;
const without = (from: string, name: string, instance: number) =>
  from.replace(`${field(from, name, instance)}\r\n`, "");
const twice = (from: string, name: string, instance: number) => `${field(from, name, instance)}\r\n${from}`;

// The structural failures that the ARC test suite names, made from its passing chains (RFC 8617 section 5.2).
const broken: readonly (readonly [string, string])[] = [
  ["without the seal of i=1", without(first, "ARC-Seal", 1)],
  ["without the signature of i=1", without(first, "ARC-Message-Signature", 1)],
  ["without the results of i=1", without(first, "ARC-Authentication-Results", 1)],
  ["without the seal of i=1 of two", without(chain, "ARC-Seal", 1)],
  ["without the seal of i=2", without(chain, "ARC-Seal", 2)],
  ["without the signature of i=2", without(chain, "ARC-Message-Signature", 2)],
  ["without the results of i=2", without(chain, "ARC-Authentication-Results", 2)],
  ["with the seal of i=1 twice", twice(first, "ARC-Seal", 1)],
  ["with the signature of i=2 twice", twice(chain, "ARC-Message-Signature", 2)],
  ["with the results of i=1 twice", twice(chain, "ARC-Authentication-Results", 1)],
  ["with i=1 called i=3", first.replaceAll("i=1;", "i=3;")],
  ["with i=0", first.replaceAll("i=1;", "i=0;")],
  ["with i=51", first.replaceAll("i=1;", "i=51;")],
  [
    "without i=",
    first.replace(" i=1; s=dummy;\r\n    t=12345\r\nARC-Message", " s=dummy;\r\n    t=12345\r\nARC-Message"),
  ],
  ["whose first seal says cv=pass", first.replace("cv=none", "cv=pass")],
  ["whose first seal says cv=fail", first.replace("cv=none", "cv=fail")],
  ["whose second seal says cv=none", chain.replace("cv=pass", "cv=none")],
  ["whose newest seal says cv=fail", chain.replace("cv=pass", "cv=fail")],
  ["with a cv= that does not exist", chain.replace("cv=pass", "cv=maybe")],
  ["with an h= in the seal", first.replace("cv=none;", "cv=none; h=from;")],
  ["with a broken seal signature", first.replace("b=dOdF", "b=dOdG")],
  ["with a broken message signature", first.replace("b=QsRz", "b=QsRa")],
  ["with a changed From", first.replace("John Q Doe", "Jane Q Doe")],
  ["with a changed body", first.replace("Hey gang", "Hey all")],
  ["with changed results", first.replace("dmarc=pass\r\nReceived", "dmarc=fail\r\nReceived")],
  ["with changed results of the first hop", chain.replace(/dmarc=pass\r\nReceived/g, "dmarc=fail\r\nReceived")],
  ["with an algorithm that does not exist", first.replace("ARC-Seal: a=rsa-sha256", "ARC-Seal: a=rsa-sha999")],
  ["with another sealer's name", first.replaceAll("d=example.org", "d=example.net")],
];
for (const [name, message] of broken) {
  test(`an ARC chain ${name} fails and names no sealer`, async () => {
    assert.ok(message !== first && message !== chain, "the case changes something");
    const { arc, arcSeals } = await authenticate(arcDns(), Buffer.from(message, "latin1"));
    assert.equal(arc, "fail");
    assert.deepEqual(arcSeals, []);
  });
}

for (const [name, dns] of [
  ["is not there", dnsWith({})],
  ["is revoked", dnsWith({ "dummy._domainkey.example.org": "v=DKIM1; k=rsa; p=" })],
] as const) {
  test(`an ARC chain whose key ${name} fails`, async () => {
    assert.equal((await authenticate(dns, first)).arc, "fail");
  });
}

for (const message of [
  "",
  "\r\nHey gang,\r\n",
  "From: a@b.example\r\n\r\nx",
  "ARC-Foo: x\r\nFrom: a@b.example\r\n\r\nx",
]) {
  test(`a message without a chain has arc=none: ${JSON.stringify(message).slice(0, 30)}`, async () => {
    assert.equal((await authenticate(arcDns(), message)).arc, "none");
  });
}

/** Sealed with keys of our own: chains of any length, of any sealers. */
async function seal(
  message: Buffer,
  keys: KeyObject,
  domain: string,
  authResults: string,
  cv: "none" | "pass" | "fail",
) {
  const dns = new FakeDns();
  dns.set("TXT", "s._domainkey.x.example", [["x"]]);
  const verified = await dkimVerify(message, { resolver: async () => [] });
  const made = await createSeal(message, {
    headers: verified.headers as never,
    ...(verified.arc && { arc: verified.arc }),
    seal: {
      signingDomain: domain,
      selector: "s",
      privateKey: keys.export({ type: "pkcs8", format: "pem" }) as string,
      authResults,
      cv,
    } as never,
  });
  assert.deepEqual(made.errors, []);
  return Buffer.concat([Buffer.from(`${made.headers.join("\r\n")}\r\n`), message]);
}

test("a chain of five hops passes, and says of each what it saw", async () => {
  const keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const dns = new FakeDns();
  const key = keys.publicKey.export({ type: "spki", format: "der" }).toString("base64");
  let message: Buffer = Buffer.from(
    "From: paul@ext.example\r\nSubject: x\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\n\r\nBonjour\r\n",
  );
  for (let hop = 1; hop <= 5; hop++) {
    const domain = `hop${hop}.example`;
    dns.set("TXT", `s._domainkey.${domain}`, [[`v=DKIM1; k=rsa; p=${key}`]]);
    const saw = hop === 1 ? "dmarc=pass header.from=ext.example" : "dmarc=fail header.from=ext.example";
    message = await seal(message, keys.privateKey, domain, `${domain}; ${saw}`, hop === 1 ? "none" : "pass");
  }
  const { arc, arcSeals } = await authenticate(dns, message);
  assert.equal(arc, "pass");
  assert.deepEqual(
    arcSeals.map((each) => [each.domain, each.passed]),
    [5, 4, 3, 2, 1].map((hop) => [`hop${hop}.example`, hop === 1]),
  );
});

test("a list that rewrites From and seals again passes: only the newest message signature must hold", async () => {
  const keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const dns = new FakeDns();
  const key = keys.publicKey.export({ type: "spki", format: "der" }).toString("base64");
  for (const name of ["one", "two"]) dns.set("TXT", `s._domainkey.${name}.example`, [[`v=DKIM1; k=rsa; p=${key}`]]);
  const plain = Buffer.from("From: paul@ext.example\r\nSubject: x\r\n\r\nBonjour\r\n");
  const once = await seal(plain, keys.privateKey, "one.example", "one.example; dmarc=pass", "none");
  const rewritten = Buffer.from(once.toString("latin1").replace("From: paul@ext", "From: paul=ext"), "latin1");
  assert.equal((await authenticate(dns, rewritten)).arc, "fail");
  const changed = Buffer.from(once.toString("latin1").replace("Bonjour", "[liste] Bonjour"), "latin1");
  const twiceSealed = await seal(changed, keys.privateKey, "two.example", "two.example; arc=fail; dmarc=fail", "pass");
  assert.equal((await authenticate(dns, twiceSealed)).arc, "pass");
});

test("Ed25519 seals pass too", async () => {
  const keys = generateKeyPairSync("ed25519");
  const dns = new FakeDns();
  const raw = keys.publicKey.export({ type: "spki", format: "der" }).subarray(-32).toString("base64");
  dns.set("TXT", "s._domainkey.list.example", [[`v=DKIM1; k=ed25519; p=${raw}`]]);
  const plain = Buffer.from("From: paul@ext.example\r\nSubject: x\r\n\r\nBonjour\r\n");
  const sealed = await seal(
    plain,
    keys.privateKey,
    "list.example",
    "list.example; spf=pass smtp.mailfrom=x@ext.example",
    "none",
  );
  const { arc, arcSeals } = await authenticate(dns, sealed);
  assert.deepEqual([arc, arcSeals], ["pass", [{ domain: "list.example", passed: true }]]);
});
