import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type MailFixture, type MailPerson, mailBytes, openMailFixture } from "../../../test/harness/mail-fixture.ts";
import type { ByteSource } from "../../store/blobs/byte-source.ts";
import { DomainError } from "../errors.ts";
import { appendMessage } from "./append-messages.ts";
import { openMailBlob, openMessageBytes, openMessagePart } from "./open-message.ts";
import { readMessageDetails, readMessageHeaders } from "./read-message-details.ts";
import { readMessages } from "./read-messages.ts";
import { stageBytes, stageMessage } from "./stage-message.ts";
import { purgeUploads, uploadBlob } from "./upload-blob.ts";

let mail: MailFixture;
let anna: MailPerson;
let messageId: string;
let blobId: string;
const attachment = Buffer.from(Array.from({ length: 90_000 }, (_, index) => (index * 7) % 251));

before(async () => {
  mail = await openMailFixture();
  anna = await mail.createPerson("Anna");
  const encoded = attachment.toString("base64").replace(/.{76}/g, "$&\r\n");
  const body = `--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nd=C3=A9j=C3=A0\r\n--b\r\nContent-Type: application/pdf; name="plan.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n${encoded}\r\n--b--`;
  ({ messageId } = await mail.append(anna, {
    body,
    headers: 'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"',
  }));
  blobId = (await readMessages(mail.store.read, anna.access, [messageId]))[0]!.blobId;
});
after(() => mail.close());

const notFound = (error: unknown) => error instanceof DomainError && error.code === "not_found";
async function bytesOf(source: ByteSource, range?: { start: number; end: number }): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of source.open(range)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

test("a part is decoded, named, of the right size, and can be read in ranges", async () => {
  const part = await openMessagePart(mail.deps, anna.access, messageId, "2");
  assert.deepEqual([part.size, part.contentType, part.name], [attachment.length, "application/pdf", "plan.pdf"]);
  assert.ok((await bytesOf(part)).equals(attachment));
  assert.ok((await bytesOf(part, { start: 70_001, end: 89_999 })).equals(attachment.subarray(70_001, 89_999)));
  const text = await openMailBlob(mail.deps, anna.access, `${blobId}.1`);
  assert.equal((await bytesOf(text)).toString(), "déjà");
  assert.equal(text.charset, "utf-8");
});

test("offsets of the stored tree give the same bytes as the whole", async () => {
  const details = (await readMessageDetails(mail.store.read, anna.access, [messageId])).get(messageId)!;
  const source = await openMessageBytes(mail.deps, anna.access, { blobId });
  const header = await bytesOf(source, { start: 0, end: details.mime!.headerEnd });
  assert.ok(header.toString().startsWith("From: Paul Martin"));
  assert.ok(details.imapEnvelope!.includes("Bonjour") && details.imapBodystructure!.includes('"plan.pdf"'));
  const { messageId: small } = await mail.append(anna, { subject: "petit" });
  const headers = await readMessageHeaders(mail.deps, anna.access, [messageId, small]);
  assert.deepEqual([...headers.keys()], [small]);
  assert.ok(headers.get(small)!.toString().endsWith("\r\n\r\n"));
});

test("an upload is its account's for a day, and stays with the message that uses it", async () => {
  const bytes = mailBytes({ subject: "Téléversé" });
  const { blobId: upload } = await uploadBlob(mail.deps, anna.access, bytes, { maxSize: 1_000 });
  const bea = await mail.createPerson("Bea");
  await assert.rejects(openMailBlob(mail.deps, bea.access, upload), notFound);
  const { analyzed } = await stageBytes(mail.deps, bytes);
  const message = { blobId: upload, size: bytes.length, analyzed, flags: [], receivedAt: new Date() };
  await assert.rejects(appendMessage(mail.deps, bea.access, { ...message, mailboxId: bea.mailboxes.inbox }), notFound);
  await appendMessage(mail.deps, anna.access, { ...message, mailboxId: anna.mailboxes.inbox });
  assert.equal(await purgeUploads(mail.deps, new Date(Date.now() + 60_000)), 1);
  assert.ok((await bytesOf(await openMailBlob(mail.deps, anna.access, upload))).equals(bytes));
  await assert.rejects(
    uploadBlob(mail.deps, anna.access, bytes, { maxSize: 10 }),
    (error) => error instanceof DomainError && error.code === "too_large",
  );
});

test("another account reaches nothing by any identifier", async () => {
  const carl = await mail.createPerson("Carl", { organizationId: mail.otherOrganizationId });
  for (const id of [blobId, `${blobId}.1`, `${blobId}.`, messageId, "", "..", `${blobId}.9.9`, "0.1"]) {
    await assert.rejects(openMailBlob(mail.deps, carl.access, id), notFound, id);
  }
  for (const id of [`${blobId}.9.9`, `${blobId}.x`, `${blobId}.1.`]) {
    await assert.rejects(openMailBlob(mail.deps, anna.access, id), notFound, id);
  }
  await assert.rejects(openMessageBytes(mail.deps, carl.access, messageId), notFound);
  await assert.rejects(openMessagePart(mail.deps, carl.access, messageId, "1"), notFound);
  assert.equal((await readMessageDetails(mail.store.read, carl.access, [messageId])).size, 0);
  assert.equal((await readMessageHeaders(mail.deps, carl.access, [messageId])).size, 0);
});

test("what hostile headers put into jsonb and text is stored without its NULs and half characters", async () => {
  const bytes = Buffer.concat([
    Buffer.from(
      'From: "a\0b" <x\0@y.example>\r\nSubject: =?utf-16?b?2AA=?= a\0b\r\nContent-Type: text/plain; na\0me="\0\\ud800"; x*=utf-8\'\'%00\r\nMessage-ID: <',
    ),
    Buffer.alloc(5_000, "m"),
    Buffer.from("@x>\r\nDate: Mon, 02 Feb 99999 10:00:00 +0100\r\n\r\n"),
    Buffer.from([0, 0xff, 0xed, 0xa0, 0x80, 0]),
  ]);
  const staged = await stageBytes(mail.deps, bytes);
  const added = await appendMessage(mail.deps, anna.access, {
    ...staged,
    mailboxId: anna.mailboxes.inbox,
    flags: [],
    receivedAt: new Date(),
  });
  assert.equal((await readMessages(mail.store.read, anna.access, [added.messageId])).length, 1);
});

test("a message that a client announces too large, or that fits nowhere, is refused before it is read", async () => {
  const dora = await mail.createPerson("Dora", { quota: 100 });
  let read = 0;
  const source = (async function* () {
    read++;
    yield Buffer.alloc(10);
  })();
  const stage = (options: { size?: number; maxSize: number; signal?: AbortSignal }) =>
    stageMessage(mail.deps, dora.access, source, options);
  const code = (wanted: string) => (error: unknown) => error instanceof DomainError && error.code === wanted;
  await assert.rejects(stage({ size: 11, maxSize: 10 }), code("too_large"));
  await assert.rejects(stage({ size: 100_000, maxSize: 200_000 }), code("over_quota"));
  assert.equal(read, 0);
  await assert.rejects(stage({ maxSize: 9 }), code("too_large"));
});
