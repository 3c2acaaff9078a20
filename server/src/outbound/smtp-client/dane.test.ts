import assert from "node:assert/strict";
import { createHash, X509Certificate } from "node:crypto";
import { Readable } from "node:stream";
import { after, before, test } from "node:test";
import { createAuthority, type TestAuthority, type TestCertificate } from "../../../test/harness/certificates.ts";
import { type SmtpSink, startSmtpSink } from "../../../test/harness/smtp-sink.ts";
import { startUnbound, type TestZone, type Unbound } from "../../../test/harness/unbound.ts";
import type { RecipientResult } from "../../domain/mail/submission/mail-transport.ts";
import type { KnownPolicy } from "../../domain/mail/submission/mta-sts-policies.ts";
import { createResolver } from "../dns/create-resolver.ts";
import { createMailTransport } from "./deliver-by-smtp.ts";

let authority: TestAuthority;
let leaf: TestCertificate;
let sink: SmtpSink;
let plain: SmtpSink;
let unbound: Unbound;

const sha = (name: "sha256" | "sha512", bytes: Buffer): string => createHash(name).update(bytes).digest("hex");
const spki = (certificate: X509Certificate): Buffer =>
  certificate.publicKey.export({ type: "spki", format: "der" }) as Buffer;

before(async () => {
  authority = createAuthority();
  leaf = authority.issue("mx.signe.example");
  sink = await startSmtpSink({ key: leaf.key, cert: leaf.cert });
  plain = await startSmtpSink({ disabledCommands: ["STARTTLS"] });
  const own = new X509Certificate(leaf.cert);
  const ca = new X509Certificate(authority.ca);
  const wrong = "0".repeat(64);
  const hosts: [name: string, ...tlsa: string[]][] = [
    ["mx", `3 1 1 ${sha("sha256", spki(own))}`],
    ["full", `3 0 0 ${own.raw.toString("hex")}`],
    ["anchor", `2 0 2 ${sha("sha512", ca.raw)}`],
    ["wrong", `3 1 1 ${wrong}`],
    // A digest that is right beside a stronger one that is not.
    ["agile", `3 1 1 ${sha("sha256", spki(own))}`, `3 1 2 ${"0".repeat(128)}`],
    ["unusable", `1 1 1 ${wrong}`],
    ["none"],
  ];
  const records = (zone: string): string[] => [
    ...hosts.flatMap(([host, ...tlsa]) => [
      `${host} IN A 127.0.0.1`,
      `to-${host} IN MX 10 ${host}.${zone}.`,
      ...tlsa.map((data) => `_25._tcp.${host} IN TLSA ${data}`),
    ]),
    // The anchor vouches for names that the certificate has: that of the host.
    "alias IN CNAME mx",
    `to-alias IN MX 10 alias.${zone}.`,
    "implicit IN A 127.0.0.1",
    `_25._tcp.implicit IN TLSA 3 1 1 ${wrong}`,
    `to-outside IN MX 10 mx.clair.example.`,
    `to-two IN MX 10 wrong.${zone}.`,
    `to-two IN MX 20 mx.${zone}.`,
    "nowhere IN MX 0 .",
  ];
  const zones: TestZone[] = [
    { name: "signe.example", kind: "signed", records: records("signe.example") },
    { name: "clair.example", kind: "unsigned", records: records("clair.example") },
    { name: "forge.example", kind: "forged", records: records("forge.example") },
  ];
  const cut = records("coupe.example");
  // The records of one server alone cannot be verified, as when an attacker on the way spoils them.
  const spoiled = (text: string): string =>
    text.replace(/^(_25\._tcp\.mx\.coupe\.example\.\s.*\sTLSA\s+3 1 1 )[0-9a-f]{8}/m, "$1deadbeef");
  zones.push({ name: "coupe.example", kind: "forged", records: cut, forge: spoiled });
  unbound = await startUnbound(zones);
});
after(async () => {
  await unbound?.close();
  await sink?.close();
  await plain?.close();
  authority?.close();
});

async function deliver(
  domain: string,
  options: {
    isValidating?: boolean;
    port?: number;
    policy?: KnownPolicy;
    requiresTls?: boolean;
    isTlsOptional?: boolean;
  } = {},
): Promise<RecipientResult> {
  const transport = createMailTransport({
    resolver: createResolver({ servers: [unbound.server], isValidating: options.isValidating ?? true }),
    heloName: "mx.bouquet.example",
    routes: [],
    mxPort: options.port ?? sink.port,
    tlsaPort: 25,
    ca: authority.ca,
    idleMs: 0,
    timeouts: { connectMs: 30_000, greetingMs: 30_000, idleMs: 30_000 },
    ...(options.policy && { findPolicy: async () => options.policy }),
  });
  const bytes = Buffer.from("From: a@b.example\r\n\r\nBonjour\r\n");
  const [result] = await transport.deliver(
    domain,
    {
      returnPath: "lea@bourg-fleuri.example",
      recipients: [{ id: "1", address: `x@${domain}`, notify: null, orcpt: null }],
      prependedHeaders: "",
      message: { size: bytes.length, open: () => Readable.from([bytes]) },
      isEightBit: false,
      dsn: { ret: null, envid: null },
      ...(options.requiresTls && { requiresTls: true }),
      ...(options.isTlsOptional && { isTlsOptional: true }),
    },
    new AbortController().signal,
  );
  return result!;
}

const outcome = ({ outcome, status }: RecipientResult) => [outcome, status];

test("unbound's word that an answer is signed is heard, and a forged one is none", async () => {
  const resolver = createResolver({ servers: [unbound.server], isValidating: true });
  assert.equal((await resolver.lookup("to-mx.signe.example", "MX")).isSecure, true);
  assert.equal((await resolver.lookup("_25._tcp.mx.signe.example", "TLSA")).isSecure, true);
  assert.equal((await resolver.lookup("to-mx.clair.example", "MX")).isSecure, false);
  await assert.rejects(resolver.lookup("mx.forge.example", "A"), { code: "ESERVFAIL" });
  await assert.rejects(resolver.lookup("nulle-part.signe.example", "A"), { code: "ENOTFOUND", isSecure: true });
  await assert.rejects(resolver.lookup("mx.signe.example", "AAAA"), { code: "ENODATA", isSecure: true });
});

test("a server that shows the key or the certificate that its TLSA record names gets the mail", async () => {
  for (const name of ["mx", "full", "alias"]) {
    const result = await deliver(`to-${name}.signe.example`);
    assert.deepEqual([...outcome(result), result.tls], ["sent", "2.0.0", "dane"], name);
  }
});

test("an authority named by TLSA vouches only for the names in the certificate", async () => {
  const wrongName = await deliver("to-anchor.signe.example");
  assert.deepEqual(outcome(wrongName), ["retry", "4.7.5"]);
  assert.match(wrongName.reply, /not for anchor\.signe\.example/);
  const named = authority.issue("anchor.signe.example");
  const right = await startSmtpSink({ key: named.key, cert: named.cert });
  assert.deepEqual(outcome(await deliver("to-anchor.signe.example", { port: right.port })), ["sent", "2.0.0"]);
  await right.close();
});

test("another key than the one named, or no TLS at all, gets no mail", async () => {
  const before = sink.messages.length;
  for (const name of ["to-wrong", "to-agile", "implicit"]) {
    const result = await deliver(`${name}.signe.example`);
    assert.deepEqual(outcome(result), ["retry", "4.7.5"], name);
    assert.match(result.reply, /DANE/);
  }
  const without = await deliver("to-mx.signe.example", { port: plain.port });
  assert.deepEqual(outcome(without), ["retry", "4.7.5"]);
  assert.deepEqual([sink.messages.length, plain.messages.length], [before, 0]);
});

test("the next server of the domain is tried when the first does not prove itself", async () => {
  const result = await deliver("to-two.signe.example");
  assert.deepEqual([result.outcome, result.remoteHost], ["sent", "mx.signe.example"]);
});

test("records that mean nothing for mail ask for TLS, of whomever", async () => {
  assert.equal((await deliver("to-unusable.signe.example")).outcome, "sent");
  assert.deepEqual(outcome(await deliver("to-unusable.signe.example", { port: plain.port })), ["retry", "4.7.5"]);
});

test("without records, signatures, or a resolver that is said to validate, TLS stays opportunistic", async () => {
  for (const domain of ["to-none.signe.example", "to-wrong.clair.example", "to-outside.signe.example"]) {
    assert.equal((await deliver(domain, { port: plain.port })).outcome, "sent", domain);
  }
  assert.equal((await deliver("to-wrong.signe.example", { isValidating: false })).outcome, "sent");
});

test("a forged zone gets nothing, neither mail nor a bounce", async () => {
  assert.deepEqual(outcome(await deliver("to-none.forge.example")), ["retry", "4.4.3"]);
});

test("a server whose TLSA records cannot be verified is not used, the others of the domain are", async () => {
  const result = await deliver("to-mx.coupe.example");
  assert.deepEqual(outcome(result), ["retry", "4.7.5"]);
  assert.match(result.reply, /DNS does not say/);
  assert.equal((await deliver("to-full.coupe.example")).outcome, "sent");
});

test("TLSA records win over a policy, which binds the servers that have none", async () => {
  const policy: KnownPolicy = {
    mode: "enforce",
    mx: ["none.signe.example", "mx.signe.example"],
    policyId: "1",
    fetchedAt: new Date(),
    expiresAt: new Date(Date.now() + 86_400_000),
  };
  assert.equal((await deliver("to-full.signe.example", { policy })).outcome, "sent");
  assert.deepEqual(outcome(await deliver("to-wrong.signe.example", { policy })), ["retry", "4.7.5"]);
  assert.deepEqual(outcome(await deliver("to-none.signe.example", { policy })), ["retry", "4.7.5"]);
});

test("REQUIRETLS goes only to a server that promises it, and comes back for good otherwise", async () => {
  const refused = await deliver("to-mx.signe.example", { requiresTls: true });
  assert.deepEqual(outcome(refused), ["failed", "5.7.30"]);
  const unproved = await deliver("to-mx.clair.example", { requiresTls: true });
  assert.deepEqual(outcome(unproved), ["failed", "5.7.30"]);
});

test("TLS-Required: No reaches a server whose TLSA records are wrong", async () => {
  assert.deepEqual(outcome(await deliver("to-wrong.signe.example")), ["retry", "4.7.5"]);
  assert.equal((await deliver("to-wrong.signe.example", { isTlsOptional: true })).outcome, "sent");
});

test("a signed null MX accepts no mail", async () => {
  assert.deepEqual(outcome(await deliver("nowhere.signe.example")), ["failed", "5.1.10"]);
});
