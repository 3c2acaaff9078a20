import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type MailFixture, type MailPerson, openMailFixture } from "../../../../test/harness/mail-fixture.ts";
import { appendMessage } from "../append-messages.ts";
import type { SearchKey } from "../search-key.ts";
import { searchMailbox } from "../search-mailbox.ts";
import { stageBytes } from "../stage-message.ts";
import { indexTexts } from "./index-texts.ts";

let mail: MailFixture;

before(async () => {
  mail = await openMailFixture();
});
after(() => mail.close());

async function add(person: MailPerson, bytes: Buffer): Promise<void> {
  const { staged, analyzed } = await stageBytes(mail.deps, bytes);
  const { inbox } = person.mailboxes;
  await appendMessage(mail.deps, person.access, {
    mailboxId: inbox,
    staged,
    analyzed,
    flags: [],
    receivedAt: new Date(),
  });
}

test("what is more than the index keeps, and what the database does not hold, is found all the same", async () => {
  const person = await mail.createPerson("Grande");
  const find = (key: SearchKey) => searchMailbox(mail.deps, person.access, person.mailboxes.inbox, key);
  const numbers = Array.from({ length: 300_000 }, (_, index) => `n${index}`).join("\r\n");
  const attachment = Buffer.alloc(1_500_000, "secret ").toString("base64");
  const mixed = (text: string): string =>
    `Subject: grand\r\nX-Odd: fin\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n${text}\r\n` +
    `--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n${attachment}\r\n--b--\r\n`;
  for (const text of [mixed(numbers), mixed("peu de mots"), "Subject: petit\r\n\r\npeu de mots\r\n"]) {
    await add(person, Buffer.from(text));
  }
  for (const isIndexed of [false, true]) {
    if (isIndexed) assert.equal(await indexTexts(mail.deps, 10), 3);
    assert.deepEqual(await find({ key: "text", value: "N299999" }), [1]);
    assert.deepEqual(await find({ key: "body", value: "n65\r\nn66" }), [1]);
    assert.deepEqual(await find({ key: "body", value: "u de m" }), [2, 3]);
    assert.deepEqual(await find({ key: "not", of: { key: "text", value: "mots" } }), [1]);
    assert.deepEqual(await find({ key: "text", value: "secret" }), []);
    assert.deepEqual(await find({ key: "header", name: "subject", value: "GRAND" }), [1, 2]);
    assert.deepEqual(await find({ key: "header", name: "x-odd", value: "in" }), [1, 2]);
    assert.deepEqual(await find({ key: "header", name: "x-odd", value: "" }), [1, 2]);
    assert.deepEqual(await find({ key: "body", value: "" }), [1, 2, 3]);
  }
  assert.equal(await indexTexts(mail.deps, 10), 0);
});

test("a Message-ID is found whole whatever its case, beside others, and among comments", async () => {
  const person = await mail.createPerson("Ida");
  const find = (value: string) =>
    searchMailbox(mail.deps, person.access, person.mailboxes.inbox, { key: "header", name: "message-id", value });
  for (const lines of [
    "Message-ID: <Abc@x>",
    "Message-ID:\r\n <abc@x>",
    "Message-ID: <abc@x> (again)",
    "Message-ID: <one@x>\r\nMessage-ID: <abc@x>",
    "Message-ID: <abc@xy>",
    "Message-ID: abc@x",
    "References: <abc@x>",
  ]) {
    await add(person, Buffer.from(`${lines}\r\n\r\n<abc@x>\r\n`));
  }
  for (const isIndexed of [false, true]) {
    if (isIndexed) assert.equal(await indexTexts(mail.deps, 10), 7);
    assert.deepEqual(await find("<ABC@x>"), [1, 2, 3, 4]);
    assert.deepEqual(await find("abc@x"), [1, 2, 3, 4, 5, 6]);
    assert.deepEqual(await find(""), [1, 2, 3, 4, 5, 6]);
    assert.deepEqual(await find("<one@x><abc@x>"), []);
  }
});

test("bytes that are lost keep neither the index nor a search from going on", async () => {
  const person = await mail.createPerson("Perdu");
  await add(person, Buffer.from(`Subject: perdu\r\n\r\n${"mot perdu ".repeat(10_000)}\r\n`));
  await add(person, Buffer.from("Subject: trouve\r\n\r\nmot perdu\r\n"));
  const { inbox } = person.mailboxes;
  const { blob_id } = await mail.store.read
    .selectFrom("message")
    .select("blob_id")
    .where("account_id", "=", person.access.accountId)
    .where("subject", "=", "perdu")
    .executeTakeFirstOrThrow();
  await mail.deps.blobs.storage.remove(blob_id);
  const find = () => searchMailbox(mail.deps, person.access, inbox, { key: "text", value: "mot perdu" });
  assert.deepEqual(await find(), [2]);
  assert.equal(await indexTexts(mail.deps, 10), 2);
  assert.deepEqual(await find(), [2]);
});
