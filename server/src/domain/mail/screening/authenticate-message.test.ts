import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { dkimSign } from "mailauth/lib/dkim/sign.js";
import { FakeDns } from "../../../../test/harness/fake-dns.ts";
import { authenticateMessage } from "./authenticate-message.ts";

const origin = { remoteAddress: "192.0.2.1", helo: "mx.ext.example", sender: "paul@ext.example" };
const message = Buffer.from(
  "From: Paul <paul@ext.example>\r\nSubject: x\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\n\r\nBonjour\r\n",
);
const keys = generateKeyPairSync("rsa", { modulusLength: 2048 });

async function signed(): Promise<Buffer> {
  const { signatures } = await dkimSign(message, {
    signingDomain: "ext.example",
    selector: "s1",
    privateKey: keys.privateKey.export({ type: "pkcs8", format: "pem" }) as string,
    signatureData: [
      {
        signingDomain: "ext.example",
        selector: "s1",
        privateKey: keys.privateKey.export({ type: "pkcs8", format: "pem" }) as string,
      },
    ],
  });
  return Buffer.concat([Buffer.from(signatures), message]);
}

function dnsOfExt(): FakeDns {
  const dns = new FakeDns();
  dns.set("TXT", "ext.example", [["v=spf1 ip4:192.0.2.0/24 -all"]]);
  dns.set("TXT", "_dmarc.ext.example", [["v=DMARC1; p=reject"]]);
  const key = keys.publicKey.export({ type: "spki", format: "der" }).toString("base64");
  dns.set("TXT", "s1._domainkey.ext.example", [[`v=DKIM1; k=rsa; p=${key}`]]);
  return dns;
}

test("a message signed and sent by its domain passes SPF, DKIM and DMARC", async () => {
  const result = await authenticateMessage(dnsOfExt(), await signed(), origin, "mx.bouquet.example");
  const { findings } = result;
  assert.deepEqual(
    [findings.spf, findings.dkim, findings.dmarc, findings.dmarcPolicy],
    ["pass", ["pass"], "pass", "reject"],
  );
  assert.match(
    result.header,
    /^Authentication-Results: mx\.bouquet\.example;\r\n\tdkim=pass [^\r\n]*header\.d=ext\.example|header\.i=@ext\.example/,
  );
  assert.ok(result.header.endsWith("\r\n"));
});

test("a changed body fails DKIM, a foreign server fails SPF, and DMARC then fails with the policy recorded", async () => {
  const changed = Buffer.from((await signed()).toString().replace("Bonjour", "Bonsoir"));
  const result = await authenticateMessage(dnsOfExt(), changed, { ...origin, remoteAddress: "198.51.100.7" }, "mx.x");
  assert.deepEqual(
    [result.findings.spf, result.findings.dmarc, result.findings.dmarcPolicy],
    ["fail", "fail", "reject"],
  );
  assert.notEqual(result.findings.dkim[0], "pass");
});

test("a DNS that never answers costs the budget once, whatever the number of signatures", async () => {
  const dns = new FakeDns();
  dns.isDown = true;
  const one = await signed();
  const signature = one.subarray(0, one.length - message.length);
  const copies = Buffer.concat([signature, signature, signature, message]);
  // Without the budget this never ends.
  const result = await authenticateMessage(dns, copies, origin, "mx.x", 50);
  assert.equal(result.findings.spf, "temperror");
  assert.deepEqual(result.findings.dkim, ["temperror", "temperror", "temperror"]);
});

for (const [name, bytes] of [
  ["nothing at all", ""],
  ["no header", "\r\n\r\nx"],
  ["two From", "From: a@b.example\r\nFrom: c@d.example\r\n\r\nx"],
  ["a broken signature", "DKIM-Signature: v=1; a=rsa-sha256; d=\r\nFrom: a@b.example\r\n\r\nx"],
  [
    "control bytes in the signature",
    "DKIM-Signature: v=1; a=rsa-sha256; d=x\u0001y.example; s=\u0000; b=; bh=; h=from\r\nFrom: a@b\r\n\r\nx",
  ],
] as const) {
  test(`a message with ${name} gives a result and one clean field`, async () => {
    const result = await authenticateMessage(
      new FakeDns(),
      Buffer.from(bytes),
      { ...origin, sender: "", helo: "" },
      "mx.x",
    );
    assert.match(result.header, /^Authentication-Results: mx\.x;/);
    assert.doesNotMatch(result.header.replace(/\r\n\t/g, "").replace(/\r\n$/, ""), /\p{Cc}/u);
  });
}
