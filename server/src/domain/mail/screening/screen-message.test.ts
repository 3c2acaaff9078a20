import assert from "node:assert/strict";
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { after, before, beforeEach, test } from "node:test";
import { sql } from "kysely";
import { dkimSign } from "mailauth/lib/dkim/sign.js";
import { FakeDns } from "../../../../test/harness/fake-dns.ts";
import { type SmtpPerson, type SmtpSuite, startSmtpSuite } from "../../../../test/harness/smtp-suite.ts";
import { consumeOne } from "../../../store/outbox/outbox.ts";
import { readAccountRoutes } from "../delivery/read-account-routes.ts";
import { findRecipient } from "../delivery/resolve-recipient.ts";
import { stageBytes } from "../stage-message.ts";
import { extractFeatures, hashFeatures } from "./extract-features.ts";
import { judgeForAccount } from "./judge-for-account.ts";
import { judgeScreening } from "./judge-screening.ts";
import { learn } from "./learn-messages.ts";
import { deleteQuarantined, listQuarantine, type QuarantineScope } from "./quarantine.ts";
import { quarantineMessage } from "./quarantine-message.ts";
import { releaseQuarantined } from "./release-quarantined.ts";
import { noteRecovery, outageTopic } from "./scanner-outage.ts";
import type { VirusFindings } from "./scanners.ts";
import { type Candidate, screenMessage } from "./screen-message.ts";
import type { RspamdFindings, Screening } from "./screening.ts";
import type { ScreeningOptions } from "./screening-deps.ts";
import { defaultPolicy, type ScreeningPolicy, setPolicy } from "./screening-policy.ts";
import { addSenderRule } from "./sender-rules.ts";
import { outageHandler } from "./tell-of-outage.ts";

let suite: SmtpSuite;
let dns: FakeDns;
let ann: SmtpPerson;
let bob: SmtpPerson;
before(async () => {
  suite = await startSmtpSuite();
  ann = await suite.addPerson("Ann");
  bob = await suite.addPerson("Bob", { roles: ["operator"] });
});
after(() => suite.close());
beforeEach(async () => {
  dns = new FakeDns();
  dns.set("TXT", "ext.example", [["v=spf1 ip4:192.0.2.0/24 -all"]]);
  await suite.mail.store.transact(async (tx) => {
    await sql`TRUNCATE screening_policy, sender_rule, scanner_outage`.execute(tx);
    await sql`DELETE FROM outbox`.execute(tx);
  });
});

const keys = generateKeyPairSync("ed25519");
const text = "From: Paul <paul@ext.example>\r\nTo: ann@bourg-fleuri.example\r\nSubject: Bonjour\r\n\r\nBonjour\r\n";

async function signed(): Promise<string> {
  const signing = {
    signingDomain: "ext.example",
    selector: "s",
    privateKey: keys.privateKey.export({ type: "pkcs8", format: "pem" }) as string,
  };
  const { signatures } = await dkimSign(Buffer.from(text), { ...signing, signatureData: [signing] });
  const key = keys.publicKey.export({ type: "spki", format: "der" }).subarray(-32).toString("base64");
  dns.set("TXT", "s._domainkey.ext.example", [[`v=DKIM1; k=ed25519; p=${key}`]]);
  return signatures + text;
}

async function screen(options: {
  message?: string;
  remoteAddress?: string;
  sender?: string;
  to?: readonly SmtpPerson[];
  scanners?: ScreeningOptions;
}) {
  const bytes = Buffer.from(options.message ?? text);
  const recipients = await Promise.all(
    (options.to ?? [ann]).map(
      async (each) => (await findRecipient(suite.mail.store.read, each.address, suite.mail.secrets))!,
    ),
  );
  const candidate: Candidate = {
    id: "4711.1",
    remoteAddress: options.remoteAddress ?? "192.0.2.1",
    helo: "mx.ext.example",
    sender: options.sender ?? "paul@ext.example",
    recipients,
    size: bytes.length,
    open: (range) => Readable.from([range ? bytes.subarray(range.start, range.end) : bytes]),
  };
  return screenMessage(
    { ...suite.mail, ...options.scanners, resolver: dns, hostName: "mx.bouquet.example" },
    candidate,
  );
}

async function incoming(message: string, screening: Screening, sender = "paul@ext.example") {
  const made = await stageBytes(suite.mail, Buffer.from(message));
  return { arrival: "received" as const, sender, ...made, receivedAt: new Date(), screening };
}
async function judge(person: SmtpPerson, screening: Screening, trustedSealers: string[] = []) {
  const recipient = await findRecipient(suite.mail.store.read, person.address, suite.mail.secrets);
  assert.ok(recipient?.kind === "account");
  // A screening of its own: what was settled since counts.
  const { corpora } = (await readAccountRoutes(suite.mail.store.read, [recipient])).get(recipient.accountId)!;
  return judgeForAccount({ ...suite.mail, trustedSealers }, recipient, await incoming(text, { ...screening }), corpora);
}

const stranger = "198.51.100.7";

test("a message that fails DMARC with p=reject is refused with 5.7.1, and with p=quarantine goes to Junk", async () => {
  dns.set("TXT", "_dmarc.ext.example", [["v=DMARC1; p=reject"]]);
  await assert.rejects(
    screen({ remoteAddress: stranger }),
    (error: Error & { code?: string; data?: { status?: string } }) => {
      assert.equal(error.code, "message_refused");
      assert.equal(error.data?.status, "5.7.1");
      assert.match(error.message, /DMARC policy \(p=reject\) of ext\.example/);
      return true;
    },
  );
  await screen({});
  dns.set("TXT", "_dmarc.ext.example", [["v=DMARC1; p=quarantine"]]);
  const { screening, headers } = await screen({ remoteAddress: stranger });
  assert.match(headers, /^Authentication-Results: mx\.bouquet\.example;\r\n\tdkim=none.*dmarc=fail/s);
  assert.equal((await judge(ann, screening)).folder, "junk");
  dns.set("TXT", "_dmarc.ext.example", [["v=DMARC1; p=none"]]);
  assert.equal((await judge(ann, (await screen({ remoteAddress: stranger })).screening)).folder, "inbox");
});

test("the policy of a parent's record counts for a subdomain: sp, np and t are followed", async () => {
  dns.set("TXT", "_dmarc.ext.example", [["v=DMARC1; p=none; sp=reject"]]);
  dns.set("A", "mail.ext.example", ["192.0.2.9"]);
  const message = text.replace("paul@ext", "paul@mail.ext");
  await assert.rejects(screen({ message, sender: "paul@mail.ext.example", remoteAddress: stranger }), {
    code: "message_refused",
  });
  dns.set("TXT", "_dmarc.ext.example", [["v=DMARC1; p=reject; t=y"]]);
  const { screening } = await screen({ remoteAddress: stranger });
  assert.equal(screening.authenticity.dmarcPolicy, "quarantine");
});

test("pct of older records leaves the others to the next weaker policy", async () => {
  dns.set("TXT", "_dmarc.ext.example", [["v=DMARC1; p=reject; pct=0"]]);
  const { screening } = await screen({ remoteAddress: stranger });
  assert.equal(screening.authenticity.dmarcPolicy, "quarantine");
});

test("each organization settles what a DMARC failure means", async () => {
  dns.set("TXT", "_dmarc.ext.example", [["v=DMARC1; p=reject"]]);
  for (const [dmarcReject, folder] of [
    ["junk", "junk"],
    ["quarantine", "quarantine"],
    ["ignore", "inbox"],
  ] as const) {
    await setPolicy(suite.mail.store, suite.organizationId, { dmarcReject });
    const { screening } = await screen({ remoteAddress: stranger });
    assert.equal((await judge(ann, screening)).folder, folder);
  }
  await assert.rejects(setPolicy(suite.mail.store, suite.organizationId, { dmarcReject: "drop" as never }), {
    code: "invalid",
  });
  await assert.rejects(setPolicy(suite.mail.store, suite.organizationId, { junkThreshold: Number.NaN }), {
    code: "invalid",
  });
});

const base: Screening = {
  authenticity: {
    spf: "fail",
    dkim: [],
    dkimDomains: [],
    dmarc: "fail",
    dmarcPolicy: "reject",
    arc: "pass",
    arcSeals: [{ domain: "list.example", passed: true }],
    from: "paul@ext.example",
    fromDomain: "ext.example",
    isAligned: false,
  },
  remoteAddress: stranger,
  listHits: [],
};
const withSeals = (...seals: [string, boolean][]): Screening => ({
  ...base,
  authenticity: { ...base.authenticity, arcSeals: seals.map(([domain, passed]) => ({ domain, passed })) },
});

for (const [name, screening, server, policy, folder] of [
  ["of a sealer that nobody trusts", base, [], {}, "refuse"],
  ["of a sealer that the server trusts", base, ["list.example"], {}, "inbox"],
  ["of a sealer that the organization trusts", base, [], { trustedSealers: ["list.example"] }, "inbox"],
  [
    "of a trusted sealer, where the organization believes none",
    base,
    ["list.example"],
    { arcOverrides: false },
    "refuse",
  ],
  ["beneath a trusted domain", withSeals(["mx.list.example", true]), ["list.example"], {}, "inbox"],
  ["of a name that only ends alike", withSeals(["evillist.example", true]), ["list.example"], {}, "refuse"],
  ["whose trusted sealer saw no pass", withSeals(["list.example", false]), ["list.example"], {}, "refuse"],
  [
    "of two trusted hops, the first of which saw a pass",
    withSeals(["b.example", false], ["a.example", true]),
    ["a.example", "b.example"],
    {},
    "inbox",
  ],
  [
    "whose pass stands before an untrusted seal",
    withSeals(["x.example", false], ["list.example", true]),
    ["list.example"],
    {},
    "refuse",
  ],
  ["that fails", { ...base, authenticity: { ...base.authenticity, arc: "fail" } }, ["list.example"], {}, "refuse"],
] as const) {
  test(`an ARC chain ${name} makes a DMARC failure ${folder === "inbox" ? "" : "not "}good`, () => {
    assert.equal(
      judgeScreening(screening, { ...defaultPolicy, ...(policy as Partial<ScreeningPolicy>) }, [], server).folder,
      folder,
    );
  });
}

test("block lists apply to what a sender says, allow lists only to who was authenticated", async () => {
  const { store } = suite.mail;
  const mine = { organizationId: suite.organizationId, accountId: ann.accountId };
  const everyone = { organizationId: suite.organizationId, accountId: null };
  dns.set("A", "7.100.51.198.bad.example", ["127.0.0.2"]);
  const scanners = { dnsLists: ["bad.example"] };
  const unproved = async () => (await screen({ remoteAddress: stranger, scanners, to: [ann, bob] })).screening;
  assert.equal((await judge(ann, await unproved())).folder, "junk");
  await addSenderRule(store, mine, { kind: "allow", pattern: "@EXT.example", createdBy: null });
  assert.equal((await judge(ann, await unproved())).folder, "junk", "SPF failed and nobody signed");
  const proved = { ...(await screen({ message: await signed(), remoteAddress: stranger, scanners })).screening };
  assert.equal(proved.authenticity.isAligned, true);
  assert.equal((await judge(ann, proved)).folder, "inbox");
  assert.equal((await judge(bob, proved)).folder, "junk", "it is Ann's list");

  await addSenderRule(store, mine, { kind: "block", pattern: "ext.example", createdBy: null });
  assert.equal((await judge(ann, { ...proved, listHits: [] })).folder, "junk");
  await addSenderRule(store, everyone, { kind: "block", pattern: "paul@ext.example", createdBy: null });
  await assert.rejects(screen({ message: await signed() }), { code: "message_refused" });
  await assert.rejects(addSenderRule(store, mine, { kind: "allow", pattern: "not an address", createdBy: null }), {
    code: "invalid",
  });
});

test("DNS lists are asked about the client, in the form of RFC 5782, and their errors name nobody", async () => {
  dns.set("A", "1.2.0.192.bad.example", ["127.0.0.2"]);
  dns.set("A", "1.2.0.192.quota.example", ["127.255.255.254"]);
  dns.set("A", "1.2.0.192.broken.example", Object.assign(new Error(), { code: "ESERVFAIL" }));
  const scanners = { dnsLists: ["bad.example", "quota.example", "broken.example"] };
  const { screening, headers } = await screen({ scanners });
  assert.deepEqual(screening.listHits, ["bad.example"]);
  assert.match(headers, /\r\nX-Spam-DNS-Lists: bad\.example\r\n/);
  await screen({ scanners, remoteAddress: "2001:db8::1" });
  assert.ok(dns.asked.some((each) => /^A 1(\.0){23}\.8\.b\.d\.0\.1\.0\.0\.2\.bad\.example$/.test(each)));
  const before = dns.asked.length;
  await screen({ scanners, remoteAddress: "10.0.0.1" });
  assert.ok(!dns.asked.slice(before).some((each) => each.endsWith("bad.example")), "not of the Internet");
  await setPolicy(suite.mail.store, suite.organizationId, { dnsList: "refuse" });
  await assert.rejects(screen({ scanners }), { code: "message_refused" });
});

const scanning = (findings: VirusFindings | Error): ScreeningOptions => ({
  virusScanner: {
    scan: async () => {
      if (findings instanceof Error) throw findings;
      return findings;
    },
  },
});
const filtering = (findings: Partial<RspamdFindings> | Error): ScreeningOptions => ({
  spamFilter: {
    check: async () => {
      if (findings instanceof Error) throw findings;
      return { action: "no action", score: 0, requiredScore: 15, symbols: [], ...findings };
    },
  },
});

test("rspamd's verdicts: reject refuses, add header is Junk, greylist and soft reject come back later", async () => {
  await assert.rejects(screen({ scanners: filtering({ action: "reject" }) }), { code: "message_refused" });
  const { screening, headers } = await screen({
    scanners: filtering({ action: "add header", score: 7, symbols: ["BAYES_SPAM", "X\r\nY"] }),
  });
  assert.equal((await judge(ann, screening)).folder, "junk");
  assert.match(headers, /X-Spam-Status: Yes, score=7\.00 required=15\.00\r\nX-Spam-Symbols: BAYES_SPAM,\r\n\tXY\r\n$/);
  for (const action of ["greylist", "soft reject"]) {
    await assert.rejects(
      screen({ scanners: filtering({ action }) }),
      (error: Error & { code?: string; data?: { status?: string } }) =>
        error.code === "unavailable" && error.data?.status === "4.7.1",
    );
  }
  await setPolicy(suite.mail.store, suite.organizationId, { rspamdReject: "quarantine" });
  const kept = await screen({ scanners: filtering({ action: "reject" }) });
  assert.equal((await judge(ann, kept.screening)).folder, "quarantine");
  await addSenderRule(
    suite.mail.store,
    { organizationId: suite.organizationId, accountId: null },
    { kind: "allow", pattern: "ext.example", createdBy: null },
  );
  await screen({ scanners: filtering({ action: "greylist" }), message: await signed() });
});

test("two From fields, or authors of two domains, do not get around DMARC: such a message goes to Junk", async () => {
  for (const from of ["From: a@ext.example\r\nFrom: b@evil.example", "From: a@ext.example, b@evil.example"]) {
    const { screening, headers } = await screen({ message: text.replace(/^From: .*/, from) });
    assert.equal((await judge(ann, screening)).folder, "junk");
    assert.match(headers, /dmarc=permerror/);
  }
});

test("our classifier decides where nothing else does, and beside rspamd only when it is sure", async () => {
  const { store } = suite.mail;
  const made = await stageBytes(suite.mail, Buffer.from(text));
  const tokens = hashFeatures(
    await extractFeatures({
      root: made.analyzed.root,
      read: async (start, end) => made.staged.data!.subarray(start, end),
    }),
  );
  const key = { organizationId: suite.organizationId, accountId: bob.accountId };
  await store.transact(async (tx) => {
    for (let n = 0; n < 25; n++) {
      await learn(tx, key, randomUUID(), "spam", tokens);
      await learn(tx, key, randomUUID(), "ham", [`${n + 1}`, `${n + 1_000}`]);
    }
  });
  const { screening } = await screen({});
  assert.deepEqual([(await judge(ann, screening)).folder, (await judge(ann, screening)).reason], ["junk", "spam"]);
  const rspamd = { action: "no action", score: 0, requiredScore: 15, symbols: [] };
  assert.equal((await judge(ann, { ...screening, rspamd })).folder, "junk", "it is sure");
  await setPolicy(store, suite.organizationId, { minimumLearned: 26 });
  assert.equal((await judge(ann, screening)).folder, "inbox", "too little was learned");
  await setPolicy(store, suite.organizationId, { minimumLearned: 20, junkThreshold: 1 });
  assert.equal((await judge(ann, screening)).folder, "inbox", "it is turned off");
  await setPolicy(store, suite.organizationId, { junkThreshold: 0.9 });
  await addSenderRule(
    store,
    { organizationId: suite.organizationId, accountId: ann.accountId },
    { kind: "allow", pattern: "paul@ext.example", createdBy: null },
  );
  assert.equal((await judge(ann, screening)).folder, "inbox", "the return path is proved by SPF and allowed");
  await store.transact((tx) => sql`TRUNCATE spam_token, spam_corpus, spam_training`.execute(tx));
});

test("rspamd is told the client's name only when the name leads back to the client", async () => {
  const told: (string | undefined)[] = [];
  const scanners: ScreeningOptions = {
    spamFilter: {
      check: async ({ clientHostName }) => {
        told.push(clientHostName);
        return { action: "no action", score: 0, requiredScore: 15, symbols: [] };
      },
    },
  };
  dns.set("PTR", "1.2.0.192.in-addr.arpa", ["MX.ext.example"]);
  await screen({ scanners });
  dns.set("A", "MX.ext.example", ["192.0.2.77", "192.0.2.1"]);
  await screen({ scanners });
  dns.set("PTR", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa", ["six.ext.example."]);
  dns.set("AAAA", "six.ext.example.", ["2001:0db8:0::1"]);
  await screen({ scanners, remoteAddress: "2001:db8::1" });
  assert.deepEqual(told, [undefined, "mx.ext.example", "six.ext.example"]);
});

test("without rspamd's answer the message goes on, and the log says so once", async () => {
  const warnings: string[] = [];
  const log = { warn: (_: object, message?: string) => void warnings.push(message ?? ""), error: () => {} } as never;
  const scanners = { ...filtering(new Error("ECONNREFUSED")), log };
  for (let n = 0; n < 3; n++) assert.equal((await screen({ scanners })).screening.rspamd, undefined);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]!, /own classifier decides/);
  await noteRecovery(suite.mail.store, "antispam");
});

test("while the virus scanner does not answer mail is put off with 4.7.1, and the operator is told once by mail", async () => {
  const scanners = scanning(new Error("connect ECONNREFUSED 127.0.0.1:3310"));
  for (let n = 0; n < 3; n++) {
    await assert.rejects(
      screen({ scanners }),
      (error: Error & { code?: string; data?: { status?: string } }) =>
        error.code === "unavailable" && error.data?.status === "4.7.1",
    );
  }
  const { rows } = await sql<{ n: number }>`SELECT count(*)::int AS n FROM outbox WHERE topic = ${outageTopic}`.execute(
    suite.mail.store.read,
  );
  assert.equal(rows[0]!.n, 1);
  const told = await consumeOne(suite.mail.store, { [outageTopic]: outageHandler(suite.mail) });
  assert.equal(told.outcome, "done", String(told.error));
  const mails = await suite.readInbox(bob);
  assert.match(
    Buffer.from(mails.at(-1)!.split("\r\n\r\n")[1]!, "base64").toString(),
    /^L’antivirus \(clamd\) ne répond plus.*ECONNREFUSED/s,
  );
  assert.equal((await suite.readInbox(ann)).length, 0);
  await screen({ scanners: scanning({ outcome: "clean" }) });
  const outages = await sql`SELECT FROM scanner_outage`.execute(suite.mail.store.read);
  assert.equal(outages.rows.length, 0, "the next outage is a new one");
});

test("a virus goes to the quarantine, or is refused where the organization wants that", async () => {
  const scanners = scanning({ outcome: "infected", virus: "Win.Test\r\nX" });
  const { screening } = await screen({ scanners });
  const judgement = await judge(ann, screening);
  assert.deepEqual(
    [judgement.folder, judgement.reason, judgement.text],
    ["quarantine", "virus", "The message holds malicious software (Win.Test?X)"],
  );
  await setPolicy(suite.mail.store, suite.organizationId, { virus: "refuse" });
  await assert.rejects(screen({ scanners }), { code: "message_refused" });
  const { headers } = await screen({ scanners: scanning({ outcome: "too_large" }) });
  assert.match(headers, /X-Virus-Scanned: not scanned, too large\r\n$/);
});

test("what is quarantined is released once, by its person, and a virus only by an administrator", async () => {
  const { store, blobs } = suite.mail;
  const put = async (reason: "spam" | "virus") => {
    const message = await incoming(`Return-Path: <paul@ext.example>\r\n${text}`, base);
    return store.transact(async (tx) => {
      await blobs.insert(tx, suite.organizationId, message.staged);
      return quarantineMessage(tx, suite.mail, suite.organizationId, [ann.accountId, bob.accountId], {
        message,
        blobId: message.staged.id,
        judgement: { folder: "quarantine", reason, text: "why", isFinal: true },
      });
    });
  };
  const scope = (accountId: string | null): QuarantineScope => ({
    organizationId: suite.organizationId,
    accountId,
    mayReleaseViruses: accountId === null,
    decidedBy: null,
  });
  const spam = await put("spam");
  const [listed] = await listQuarantine(store.read, scope(ann.accountId));
  assert.deepEqual(
    [listed?.id, listed?.subject, listed?.sender, listed?.accounts.length],
    [spam, "Bonjour", "paul@ext.example", 1],
  );
  const twice = await Promise.allSettled([
    releaseQuarantined(suite.mail, scope(ann.accountId), spam),
    releaseQuarantined(suite.mail, scope(ann.accountId), spam),
  ]);
  assert.deepEqual(twice.map((each) => each.status).sort(), ["fulfilled", "rejected"]);
  assert.equal((await suite.readInbox(ann)).filter((each) => each.includes("Subject: Bonjour")).length, 1);
  assert.equal((await listQuarantine(store.read, scope(null)))[0]?.accounts[0]?.id, bob.accountId);
  await deleteQuarantined(suite.mail, scope(bob.accountId), spam);
  assert.deepEqual(await listQuarantine(store.read, scope(null)), []);
  const held = await sql`SELECT FROM blob_reference WHERE owner_id = ${spam}`.execute(store.read);
  assert.equal(held.rows.length, 0);

  const virus = await put("virus");
  await assert.rejects(releaseQuarantined(suite.mail, scope(ann.accountId), virus), { code: "forbidden" });
  assert.deepEqual(
    (await releaseQuarantined(suite.mail, scope(null), virus)).sort(),
    [ann.accountId, bob.accountId].sort(),
  );
  await assert.rejects(releaseQuarantined(suite.mail, scope(null), virus), { code: "not_found" });
  await assert.rejects(deleteQuarantined(suite.mail, scope(null), "nonsense"), { code: "not_found" });
});
