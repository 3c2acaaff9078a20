import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type MailFixture, type MailPerson, openMailFixture } from "../../../test/harness/mail-fixture.ts";
import { grantAccount } from "../access/grant-account.ts";
import { createPrincipal } from "../identity/create-principal.ts";
import { completeRecipients } from "./complete-recipients.ts";
import { listIdentities } from "./list-identities.ts";

let mail: MailFixture;
let anna: MailPerson;
before(async () => {
  mail = await openMailFixture();
  anna = await mail.createPerson("Anna");
  await mail.store.transact(async (tx) => {
    const person = { kind: "person" as const, quotas: { mail: 1e9, files: 1e9 } };
    await createPrincipal(tx, mail.organizationId, {
      ...person,
      displayName: "Hélène L’Hermitte-Dupont",
      address: "h.lhermitte@bourg-fleuri.example",
    });
    await createPrincipal(tx, mail.otherOrganizationId, {
      ...person,
      displayName: "Hélène Ailleurs",
      address: "helene@val-joli.example",
    });
    const row = { organization_id: mail.organizationId, account_id: anna.access.accountId };
    await tx
      .insertInto("correspondent")
      .values([
        { ...row, address: "contact@prefecture.example", name: "Préfecture", uses: 9 },
        { ...row, address: "sans.nom@exterieur.example", name: null, uses: 1 },
        { ...row, address: "h.lhermitte@bourg-fleuri.example", name: "Ancien nom", uses: 3 },
      ])
      .execute();
  });
});
after(() => mail.close());

const complete = async (query: string) =>
  (await completeRecipients(mail.store.read, anna.access.viewer, query)).map((each) => each.address);

test("people are found by the beginning of any word of the name or address, without accents, in one's organization only", async () => {
  for (const query of ["helene", "HÉL", "dupont", "hermitte", "dup hel", "h.lherm", "h.lhermitte@bourg", "l'her"]) {
    assert.deepEqual(await complete(query), ["h.lhermitte@bourg-fleuri.example"], query);
  }
  for (const query of ["élène", "upont", "ailleurs", "val-joli", "%", "_", "\\", "ancien"]) {
    assert.deepEqual(await complete(query), [], query);
  }
});

test("those one wrote to are found too, the most written to first, and nobody else's", async () => {
  assert.deepEqual(await complete("pref"), ["contact@prefecture.example"]);
  assert.deepEqual(await complete("exterieur"), ["sans.nom@exterieur.example"]);
  const bea = await mail.createPerson("Bea");
  assert.deepEqual(await completeRecipients(mail.store.read, bea.access.viewer, "pref"), []);
  assert.deepEqual(await complete(""), []);
});

test("one may send from one's own addresses and from accounts that grant it", async () => {
  const shared = await mail.createPerson("Mairie", { kind: "shared_mailbox" });
  const boss = await mail.createPerson("Maire");
  const addresses = async () => (await listIdentities(mail.store.read, anna.access.viewer)).map((each) => each.address);
  assert.deepEqual(await addresses(), [anna.address]);
  const grantee = { organizationId: mail.organizationId, principalId: anna.access.viewer.principalId };
  await mail.store.transact(async (tx) => {
    await grantAccount(tx, shared.access, grantee, ["read", "write", "send_as"]);
    await grantAccount(tx, boss.access, grantee, ["read"]);
  });
  assert.deepEqual(await addresses(), [anna.address, shared.address]);
});
