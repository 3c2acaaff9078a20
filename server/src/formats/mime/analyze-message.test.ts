import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { simpleParser } from "mailparser";
import { analyzeMessage } from "./analyze-message.ts";
import { decodeTransferEncoding } from "./decode-body.ts";
import { fileName } from "./file-name.ts";
import { decodePartText } from "./message-text.ts";
import { selectBodyParts } from "./select-body-parts.ts";

const folder = new URL("../../../test/fixtures/mail/", import.meta.url);
const fixture = (name: string): Buffer => readFileSync(new URL(name, folder));
const sha = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
const squash = (text: string): string => text.replace(/\s+/g, " ").trim();

const simple = [
  "french-latin1.eml",
  "french-utf8-attachment.eml",
  "outlook-tnef.eml",
  "apple-mail.eml",
  "smime-signed.eml",
];
for (const name of simple) {
  test(`${name} reads as mailparser reads it`, async () => {
    const bytes = fixture(name);
    const theirs = await simpleParser(bytes, { skipHtmlToText: true, skipTextToHtml: true, skipImageLinks: true });
    const ours = analyzeMessage(bytes);
    const bodies = selectBodyParts(ours.root);
    assert.equal(ours.subject, theirs.subject);
    assert.equal(ours.sentAt, theirs.date?.toISOString());
    assert.equal(`<${ours.messageId}>`, theirs.messageId);
    assert.equal(ours.from[0]?.email, theirs.from?.value[0]?.address);
    // mailparser cannot read raw ISO-8859-1 in a header.
    if (name !== "french-latin1.eml") assert.equal(ours.from[0]?.name ?? "", theirs.from?.value[0]?.name);
    const text = bodies.textBody.filter((part) => part.subtype === "plain");
    assert.equal(squash(text.map((part) => decodePartText(bytes, part)).join("\n")), squash(theirs.text ?? ""));
    const html = bodies.htmlBody.filter((part) => part.subtype === "html");
    assert.equal(squash(html.map((part) => decodePartText(bytes, part)).join("\n")), squash(theirs.html || ""));
    assert.deepEqual(
      bodies.attachments.map((part) => [
        fileName(part),
        sha(decodeTransferEncoding(bytes.subarray(part.bodyStart, part.bodyEnd), part.encoding)),
      ]),
      theirs.attachments.map((attachment) => [attachment.filename, sha(attachment.content)]),
    );
  });
}

test("a French message gives what the list, the thread and the search need", () => {
  const found = analyzeMessage(fixture("french-utf8-attachment.eml"));
  assert.equal(found.subject, "TR : Arrêté n° 2026-114");
  assert.equal(found.baseSubject, "TR : Arrêté n° 2026-114");
  assert.equal(found.threadSubject, "arrêté n° 2026-114");
  assert.deepEqual(found.references, ["racine@bourg-fleuri.example", "ordre-du-jour.1@bourg-fleuri.example"]);
  assert.deepEqual(found.replyTo, [{ name: null, email: "mairie@bourg-fleuri.example" }]);
  assert.equal(found.preview, "L'arrêté est signé, à publier dès aujourd'hui = merci à tous.");
  assert.deepEqual(found.attachmentNames, ["arrêté municipal.pdf"]);
  assert.equal(found.hasAttachment, true);
  for (const word of ["Élodie Mériel", "Gaël d'Arçon", "arrêté municipal.pdf", "est signé, à publier"]) {
    assert.ok(found.searchText.includes(word), word);
  }
  for (const word of ["alert", "color"]) assert.ok(!found.searchText.includes(word), word);
});

test("raw ISO-8859-1 in a header is read, groups lose their name and keep their members", () => {
  const found = analyzeMessage(fixture("french-latin1.eml"));
  assert.deepEqual(found.from, [{ name: "Hélène Lefèvre", email: "helene.lefevre@bourg-fleuri.example" }]);
  assert.deepEqual(
    found.cc.map((address) => address.email),
    ["jean.dupre@bourg-fleuri.example", "anne@bourg-fleuri.example"],
  );
  assert.equal(found.to[1]?.name, "La mairie");
  assert.equal(found.subject, "Réunion du conseil municipal à 18 h : pièces à préparer");
});

test("a paper clip is for files, not for inline images and signatures", () => {
  const clip = (name: string): boolean => analyzeMessage(fixture(name)).hasAttachment;
  assert.equal(clip("outlook-tnef.eml"), true);
  assert.equal(clip("apple-mail.eml"), false);
  assert.equal(clip("smime-signed.eml"), false);
  assert.equal(clip("french-latin1.eml"), false);
});

test("the result is plain JSON for every cut of every fixture", () => {
  for (const name of readdirSync(folder).filter((file) => simple.includes(file) || file === "nested-rfc822.eml")) {
    const bytes = fixture(name);
    for (let length = 0; length <= bytes.length; length += 61) {
      const found = analyzeMessage(bytes.subarray(0, length));
      assert.deepEqual(JSON.parse(JSON.stringify(found)), found);
      assert.ok(found.preview.length <= 256);
    }
  }
});

test("the search text obeys its limit and reaches into enclosed messages", () => {
  const bytes = fixture("nested-rfc822.eml");
  assert.match(analyzeMessage(bytes).searchText, /Intérieur[\s\S]*Corps interne/);
  assert.ok(analyzeMessage(bytes, { searchTextLimit: 20 }).searchText.length <= 20);
});

test("In-Reply-To counts for the thread only when there are no References", () => {
  const references = (header: string) => analyzeMessage(Buffer.from(`${header}\r\n\r\n`)).references;
  assert.deepEqual(references("References: <a@x> <b@x>\r\nIn-Reply-To: <c@x>"), ["a@x", "b@x"]);
  assert.deepEqual(references("In-Reply-To: <c@x> <d@x>"), ["c@x"]);
  assert.deepEqual(references("Message-ID: <m@x>\r\nReferences: <m@x>\r\nIn-Reply-To: <c@x>"), ["c@x"]);
});

test("groups of addresses are known by their names", () => {
  const bytes = Buffer.from(
    "To: =?UTF-8?Q?=C3=89lus?=: marc@a.example, sylvie@a.example;, nadia@a.example\r\nCc: undisclosed-recipients:;\r\n\r\n",
  );
  const found = analyzeMessage(bytes);
  assert.deepEqual(found.groupNames, { to: ["Élus"], cc: ["undisclosed-recipients"] });
  assert.deepEqual(
    found.to.map(({ email }) => email),
    ["marc@a.example", "sylvie@a.example", "nadia@a.example"],
  );
  assert.equal(analyzeMessage(Buffer.from("To: marc@a.example\r\n\r\n")).groupNames, undefined);
});
