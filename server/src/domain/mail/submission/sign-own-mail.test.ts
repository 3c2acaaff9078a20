import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { dkimVerify } from "mailauth/lib/dkim/verify.js";
import { type MailFixture, openMailFixture } from "../../../../test/harness/mail-fixture.ts";
import { type MailRouting, mailRouting } from "../../../../test/harness/mail-routing.ts";
import { putScript } from "../filters/change-scripts.ts";
import { createDkimKeys, makeDkimKeys } from "./create-dkim-key.ts";
import { dkimRecord, listDkimKeys } from "./dkim-keys.ts";

const domain = "bourg-fleuri.example";
let mail: MailFixture;
let routing: MailRouting;
before(async () => {
  mail = await openMailFixture();
  routing = mailRouting(mail);
  const keys = await makeDkimKeys();
  const owner = { organizationId: mail.organizationId, domain };
  await mail.store.transact((tx) => createDkimKeys(tx, mail.deps.secrets, owner, keys, "active"));
});
after(() => mail.close());

/** What a server elsewhere finds in the one message that waits to leave. */
async function verifySent(): Promise<string[]> {
  const sent = await routing.takeQueue();
  assert.equal(sent.length, 1);
  const keys = await listDkimKeys(mail.store.read, { domain });
  const { results } = await dkimVerify(Buffer.from(sent[0]!.header + sent[0]!.text), {
    resolver: async (name) => {
      const key = keys.find((each) => name === `${each.selector}._domainkey.${domain}`);
      return key ? [[dkimRecord(key)]] : [];
    },
  });
  return results
    .filter((each) => each.signingDomain !== undefined)
    .map((each) => `${each.signingDomain} ${each.algo} ${each.status.result} ${each.status.aligned}`)
    .sort();
}

const signedByBoth = [`${domain} ed25519-sha256 pass ${domain}`, `${domain} rsa-sha256 pass ${domain}`];

async function nameWith(name: string, script: string): Promise<string> {
  const person = await mail.createPerson(name);
  await putScript(mail.deps, person.access, { name: "tri", content: script }, { mayReplace: true, activate: true });
  return person.address;
}

test("the answer of an absence is signed for the domain of its author", async () => {
  const address = await nameWith("Absente", 'require "vacation"; vacation "Je reviens lundi, à l’été.";');
  await routing.deliver([address], { headers: `To: ${address}` });
  assert.deepEqual(await verifySent(), signedByBoth);
});

test("a notification of a filter is signed", async () => {
  const address = await nameWith("Avertie", 'require "enotify"; notify "mailto:mobile@perso.example";');
  await routing.deliver([address]);
  assert.deepEqual(await verifySent(), signedByBoth);
});

test("the report of a refusal is signed, and what is sent on for somebody else is not", async () => {
  const refusing = await nameWith("Refuse", 'require "ereject"; ereject "Non.";');
  const other = await mail.createPerson("Prend");
  await routing.deliver([refusing, other.address]);
  assert.deepEqual(await verifySent(), signedByBoth);
  await routing.deliver([await nameWith("Renvoie", 'redirect "loin@perso.example";')]);
  assert.deepEqual(await verifySent(), []);
});
