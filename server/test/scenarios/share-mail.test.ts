import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { simpleParser } from "mailparser";
import { readRootId } from "../../src/domain/drive/read-root-id.ts";
import { uploadFile } from "../../src/domain/drive/upload-file.ts";
import { shareMailHandler } from "../../src/domain/mail/submission/send-share-mail.ts";
import { createShareLink } from "../../src/domain/sharing/create-share-link.ts";
import { shareMailTopic } from "../../src/domain/sharing/share-events.ts";
import { revokeShareLink } from "../../src/domain/sharing/update-share-link.ts";
import { consumeOne, enqueue } from "../../src/store/outbox/outbox.ts";
import { type DavSuite, startDavSuite } from "../harness/dav-suite.ts";
import type { TownPerson } from "../harness/town-hall.ts";

let dav: DavSuite;
let anne: TownPerson;
let fileId: string;

before(async () => {
  dav = await startDavSuite();
  anne = await dav.addPerson("Anne Martin");
  const folderId = await readRootId(dav.domain.store.read, anne.access);
  const { node } = await uploadFile(dav.domain, anne.access, { folderId, name: "Règlement.pdf" }, Buffer.from("x"));
  fileId = node.id;
});
after(() => dav?.close());

const consume = () =>
  consumeOne(dav.domain.store, {
    [shareMailTopic]: shareMailHandler(dav.domain.mail, () => "https://drive.example"),
  });
const share = (recipient: string) =>
  createShareLink(dav.domain, anne.access, fileId, {
    recipient,
    password: "haie-vive-long",
    note: "Bonjour\r\nBcc: x@y.example",
    expiresAt: new Date(Date.now() + 86_400_000),
  });
const queued = () => dav.domain.store.read.selectFrom("outbound_message").selectAll().execute();

test("a link goes by mail to whom it was made for, in its maker's name, without its password", async () => {
  const link = await share("geo@metre.example");
  assert.equal((await consume()).outcome, "done");
  const [message, ...others] = await queued();
  assert.deepEqual(others, []);
  assert.equal(message!.return_path, anne.address);
  const source = await dav.domain.blobs.open(dav.domain.store.read, message!.organization_id, message!.blob_id);
  const mail = await simpleParser(Buffer.concat(await source!.open().toArray()));
  assert.equal(mail.from!.value[0]!.address, anne.address);
  assert.equal(mail.subject, "Anne Martin vous partage «\u00a0Règlement.pdf\u00a0»");
  assert.ok(mail.text!.includes(`https://drive.example/s/${link.token}`));
  assert.match(mail.text!, /Un mot de passe vous sera demandé/);
  assert.ok(!mail.text!.includes("haie-vive-long"));
  assert.equal(mail.bcc, undefined);
  const recipients = await dav.domain.store.read.selectFrom("outbound_recipient").select("address").execute();
  assert.deepEqual(recipients, [{ address: "geo@metre.example" }]);
});

test("somebody of ours gets it in their inbox; one that was closed meanwhile is not sent", async () => {
  const bruno = await dav.addPerson("Bruno Petit");
  await share(bruno.address);
  assert.equal((await consume()).outcome, "done");
  const inbox = await dav.domain.store.read
    .selectFrom("message")
    .select("subject")
    .where("account_id", "=", bruno.accountId)
    .execute();
  assert.equal(inbox.length, 1);
  const closed = await share("late@metre.example");
  await revokeShareLink(dav.domain, anne.viewer, closed.id);
  assert.equal((await consume()).outcome, "done");
  assert.equal((await queued()).length, 1);
});

test("whoever made a link reads in their inbox that it ends soon", async () => {
  const link = await createShareLink(dav.domain, anne.access, fileId, { expiresAt: new Date(Date.now() + 86_400_000) });
  const { organizationId } = anne;
  const payload = { kind: "link_ending", linkId: link.id };
  await dav.domain.store.transact((tx) => enqueue(tx, { topic: shareMailTopic, organizationId, payload }));
  assert.equal((await consume()).outcome, "done");
  const [mail] = await dav.domain.store.read
    .selectFrom("message")
    .select("subject")
    .where("account_id", "=", anne.accountId)
    .execute();
  assert.equal(mail!.subject, "Un lien se termine bientôt\u00a0: Règlement.pdf");
});
