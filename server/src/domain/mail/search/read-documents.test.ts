import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type MailFixture, type MailPerson, openMailFixture } from "../../../../test/harness/mail-fixture.ts";
import { type Extractor, openExtractor } from "../../../workers/open-extractor.ts";
import { expungeMessages } from "../expunge-messages.ts";
import { purgeExpunged } from "../purge-expunged.ts";
import { indexTexts } from "./index-texts.ts";
import { readDocuments } from "./read-documents.ts";
import { searchMessages } from "./search-messages.ts";

let mail: MailFixture;
let extractor: Extractor;
let anna: MailPerson;

before(async () => {
  mail = await openMailFixture();
  extractor = openExtractor();
  anna = await mail.createPerson("Anna");
});
after(async () => {
  await extractor.close();
  await mail.close();
});

const rtf = (text: string) => Buffer.from(`{\\rtf1\\ansi ${text}}`).toString("base64");

function withAttachment(type: string, name: string, base64: string) {
  return {
    headers: 'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"',
    body: `--b\r\nContent-Type: text/plain\r\n\r\nCi-joint.\r\n--b\r\nContent-Type: ${type}; name="${name}"\r\nContent-Disposition: attachment; filename="${name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64}\r\n--b--`,
  };
}

async function readAll(extract: Extractor["extract"] = extractor.extract): Promise<number> {
  while ((await indexTexts(mail.deps, 50)) > 0);
  let count = 0;
  while (await readDocuments({ ...mail.deps, extract })) count += 1;
  return count;
}

async function find(text: string, person = anna): Promise<number> {
  return (await searchMessages(mail.store.read, person.access, { text }, { limit: 50 })).ids.length;
}

test("a word of an attached document is found, without its accents too, and only by whoever has the message", async () => {
  const bea = await mail.createPerson("Bea");
  await mail.append(anna, {
    subject: "Rapport",
    ...withAttachment("application/rtf", "rapport.rtf", rtf("assainissement des \\'e9gouts")),
  });
  await mail.append(anna, { subject: "Sans", body: "rien de joint" });
  assert.equal(await find("assainissement"), 0);
  assert.equal(await readAll(), 1);
  assert.equal(await find("assainissement"), 1);
  assert.equal(await find("egout"), 1);
  assert.equal(await find("assainissement", bea), 0);
  assert.equal(await readAll(), 0, "once");
});

test("a document that cannot be read ends the task, one that fails is tried again and given up in the end", async () => {
  await mail.append(anna, { subject: "Abîmé", ...withAttachment("application/pdf", "a.pdf", "AAAA") });
  assert.equal(await readAll(), 1);
  await mail.append(anna, { subject: "Fatal", ...withAttachment("application/pdf", "b.pdf", "AAAA") });
  await indexTexts(mail.deps, 50);
  const failing = { ...mail.deps, extract: async () => Promise.reject(new Error("killed")) };
  for (let attempt = 0; attempt < 3; attempt++) {
    await assert.rejects(readDocuments(failing), /killed/);
    assert.equal(await readDocuments(failing), false, "not at once again");
    await mail.store.transact(async (tx) => {
      await tx
        .updateTable("document_task")
        .set({ due_at: new Date(0) })
        .execute();
    });
  }
  assert.equal(await readDocuments(failing), true);
  const left = await mail.store.read.selectFrom("document_task").select("message_id").execute();
  assert.deepEqual(left, []);
});

test("what is purged takes the words of its documents along", async () => {
  const carl = await mail.createPerson("Carl");
  const { uid } = await mail.append(carl, { ...withAttachment("application/rtf", "x.rtf", rtf("cadastre")) });
  await readAll();
  assert.equal(await find("cadastre", carl), 1);
  await expungeMessages(mail.deps, carl.access, carl.mailboxes.inbox, [uid]);
  await purgeExpunged(mail.store, new Date(Date.now() + 60_000));
  const rows = await mail.store.read
    .selectFrom("message_document")
    .select("message_id")
    .where("account_id", "=", carl.access.accountId)
    .execute();
  assert.deepEqual(rows, []);
});
