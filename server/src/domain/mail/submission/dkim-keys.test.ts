import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { after, before, beforeEach, test } from "node:test";
import { FakeDns } from "../../../../test/harness/fake-dns.ts";
import { makeIdentity } from "../../../../test/harness/identity-suite.ts";
import { openTestStore } from "../../../../test/harness/test-database.ts";
import { createMember } from "../../lifecycle/create-member.ts";
import {
  beginDkimRotation,
  checkDkimKeys,
  type DkimDeps,
  dkimRecord,
  listDkimKeys,
  tendDkimKeys,
} from "./dkim-keys.ts";
import { listDnsRecords } from "./dns-records.ts";
import { readMtaStsPolicy, setMtaStsMode } from "./own-mta-sts-policy.ts";
import { signMessage } from "./sign-message.ts";

let deps: DkimDeps;
let dns: FakeDns;
let close: () => Promise<void>;
let domain: string;
let count = 0;
const day = 86_400_000;

before(async () => {
  const opened = await openTestStore();
  close = opened.close;
  dns = new FakeDns();
  deps = { store: opened.store, secrets: (await makeIdentity(opened.store)).secrets, resolver: dns };
});
beforeEach(async () => {
  domain = `commune${++count}.example`;
  await createMember(deps, { name: `Commune ${count}`, kind: "member", domains: [domain] });
});
after(() => close());

const states = async () =>
  (await listDkimKeys(deps.store.read, { domain }))
    .map((key) => `${key.selector.replace(/\d{6}/, "")} ${key.state}`)
    .sort();

async function publish(): Promise<void> {
  for (const key of await listDkimKeys(deps.store.read, { domain })) {
    const text = dkimRecord(key);
    dns.set("TXT", `${key.selector}._domainkey.${domain}`, [[text.slice(0, 200), text.slice(200)]]);
  }
}

async function selectorsUsed(): Promise<string[]> {
  const bytes = Buffer.from(`From: a@${domain}\r\nSubject: x\r\n\r\nBonjour\r\n`);
  const header = await signMessage(deps.store.read, deps.secrets, domain, () => Readable.from([bytes]));
  return [...header.replace(/\r\n\s+/g, " ").matchAll(/\bs=([^;]+);/g)].map((match) => match[1]!).sort();
}

const service = { hostName: "mx.example", imapsPort: 993, submissionsPort: 465, submissionPort: undefined };
const namesOf = async () => (await listDnsRecords(deps.store.read, domain, service)).map((record) => record.name);

test("the first keys of a domain, RSA and Ed25519, sign at once", async () => {
  assert.deepEqual(await states(), ["b active", "e active"]);
  const keys = await listDkimKeys(deps.store.read, { domain });
  assert.deepEqual(await selectorsUsed(), keys.map((key) => key.selector).sort());
  const ed25519 = keys.find((key) => key.algorithm === "ed25519")!;
  assert.equal(Buffer.from(ed25519.publicKey, "base64").length, 32);
});

test("a new key signs once DNS shows it, and the one before stays published for seven days more", async () => {
  const now = new Date();
  const before = await selectorsUsed();
  const made = await beginDkimRotation(deps, domain);
  assert.equal(made.length, 2);
  assert.deepEqual(await beginDkimRotation(deps, domain), made, "those that wait are kept");
  await checkDkimKeys(deps, domain, now);
  assert.deepEqual(await selectorsUsed(), before);
  await publish();
  const keys = await checkDkimKeys(deps, domain, now);
  assert.deepEqual(await selectorsUsed(), made.toSorted());
  assert.deepEqual(await states(), ["b retiring", "b-2 active", "e retiring", "e-2 active"]);
  assert.deepEqual([...new Set(keys.map((key) => key.checkResult))], ["found"]);
  const published = await namesOf();
  for (const selector of [...before, ...made]) assert.ok(published.includes(`${selector}._domainkey.${domain}.`));

  await tendDkimKeys(deps, 0, new Date(now.getTime() + 6.9 * day));
  assert.deepEqual((await states()).filter((each) => each.endsWith("retiring")).length, 2);
  await tendDkimKeys(deps, 0, new Date(now.getTime() + 7.1 * day));
  assert.deepEqual(await states(), ["b retired", "b-2 active", "e retired", "e-2 active"]);
  assert.ok(!(await namesOf()).includes(`${before[0]}._domainkey.${domain}.`));
  const rows = await deps.store.read
    .selectFrom("dkim_key")
    .select("private_key")
    .where("domain", "=", domain)
    .where("state", "=", "retired")
    .execute();
  assert.deepEqual(rows, [{ private_key: "" }, { private_key: "" }]);
});

test("another key, a revoked one, a missing record or DNS that is down activates nothing", async () => {
  const made = await beginDkimRotation(deps, domain);
  const pending = (await listDkimKeys(deps.store.read, { domain })).filter((key) => key.state === "pending");
  const name = (selector: string) => `${selector}._domainkey.${domain}`;
  for (const [record, result] of [
    [`v=DKIM1; k=rsa; p=${Buffer.alloc(40).toString("base64")}`, "different"],
    ["v=DKIM1; p=", "different"],
    [`v=DKIM1; k=ed448; p=${pending[0]!.publicKey}`, "different"],
    [Object.assign(new Error("down"), { code: "ETIMEOUT" }), "unreachable"],
    [Object.assign(new Error("none"), { code: "ENODATA" }), "missing"],
  ] as const) {
    for (const selector of made) dns.set("TXT", name(selector), typeof record === "string" ? [[record]] : record);
    const keys = await checkDkimKeys(deps, domain);
    assert.deepEqual(
      keys.filter((key) => made.includes(key.selector)).map((key) => [key.state, key.checkResult]),
      [
        ["pending", result],
        ["pending", result],
      ],
    );
  }
});

test("keys that are old are replaced by themselves, each once", async () => {
  const later = new Date(Date.now() + 181 * day);
  assert.equal((await tendDkimKeys(deps, 0, later)).begun, 0);
  assert.ok((await tendDkimKeys(deps, 180, later)).begun >= 1);
  assert.deepEqual(await states(), ["b active", "b-2 pending", "e active", "e-2 pending"]);
  await tendDkimKeys(deps, 180, later);
  assert.equal((await states()).length, 4);
  await assert.rejects(beginDkimRotation(deps, "ailleurs.example"), { code: "not_found" });
});

test("the MTA-STS policy of a domain is served, its id changes with it, and none is said to be over", async () => {
  const id = async () =>
    (await listDnsRecords(deps.store.read, domain, service)).find((each) => each.name === `_mta-sts.${domain}.`)?.value;
  assert.equal(
    await readMtaStsPolicy(deps.store.read, domain, "mx.example"),
    "version: STSv1\r\nmode: testing\r\nmx: mx.example\r\nmax_age: 86400\r\n",
  );
  assert.match((await id())!, /^"v=STSv1; id=\d{8}T\d{6}Z;"$/);
  await setMtaStsMode(deps.store, domain, "enforce");
  assert.match(
    (await readMtaStsPolicy(deps.store.read, domain, "mx.example"))!,
    /mode: enforce\r\n.*max_age: 2419200/s,
  );
  await setMtaStsMode(deps.store, domain, "none");
  assert.equal(await id(), undefined);
  assert.match((await readMtaStsPolicy(deps.store.read, domain, "mx.example"))!, /mode: none/);
  assert.equal(await readMtaStsPolicy(deps.store.read, "ailleurs.example", "mx.example"), undefined);
  await assert.rejects(setMtaStsMode(deps.store, "ailleurs.example", "none"), { code: "not_found" });
});
