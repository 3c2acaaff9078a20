import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type MailFixture, type MailPerson, openMailFixture } from "../../../../test/harness/mail-fixture.ts";
import { openAccount } from "../../access/account-access.ts";
import { grantAccount } from "../../access/grant-account.ts";
import { DomainError } from "../../errors.ts";
import { changeForward, readForwardOverview } from "./change-forward.ts";

let mail: MailFixture;
let anna: MailPerson;
let bea: MailPerson;
before(async () => {
  mail = await openMailFixture();
  anna = await mail.createPerson("Anna");
  bea = await mail.createPerson("Bea");
});
after(() => mail.close());

const code = (wanted: string) => (error: unknown) => error instanceof DomainError && error.code === wanted;

test("the owner of a mailbox says where its mail goes on to, and takes it back", async () => {
  const { read } = mail.store;
  const nowhere = await readForwardOverview(read, anna.access);
  assert.equal(nowhere.forward, undefined);
  assert.equal(nowhere.mayChange, true);
  assert.ok(nowhere.domains.includes("bourg-fleuri.example"));
  await changeForward(mail, anna.access, { addresses: ["Ailleurs@Autre.example"], keepsCopy: true });
  assert.deepEqual((await readForwardOverview(read, anna.access)).forward, {
    addresses: ["ailleurs@autre.example"],
    keepsCopy: true,
  });
  await changeForward(mail, anna.access, undefined);
  assert.equal((await readForwardOverview(read, anna.access)).forward, undefined);
});

test("what is no address is refused and changes nothing", async () => {
  const before = { addresses: ["ailleurs@autre.example"], keepsCopy: false };
  await changeForward(mail, anna.access, before);
  for (const addresses of [["ailleurs"], [], ["a@b.example\r\nRCPT TO:<x@y.example>"]]) {
    await assert.rejects(changeForward(mail, anna.access, { addresses, keepsCopy: true }), code("invalid"));
  }
  assert.deepEqual((await readForwardOverview(mail.store.read, anna.access)).forward, before);
});

test("whoever only reads and writes in a mailbox sees where its mail goes, and may not send it elsewhere", async () => {
  await mail.store.transact((tx) => grantAccount(tx, anna.access, bea.access.viewer, ["read", "write", "delete"]));
  const access = await openAccount(mail.store.read, bea.access.viewer, anna.access.accountId);
  assert.equal((await readForwardOverview(mail.store.read, access)).mayChange, false);
  await assert.rejects(
    changeForward(mail, access, { addresses: ["bea@autre.example"], keepsCopy: true }),
    code("forbidden"),
  );
});
