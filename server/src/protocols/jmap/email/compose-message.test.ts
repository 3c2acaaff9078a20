import assert from "node:assert/strict";
import { test } from "node:test";
import { analyzeMessage } from "../../../formats/mime/analyze-message.ts";
import { SetFailure } from "../jmap-errors.ts";
import type { CallContext } from "../method.ts";
import type { JsonObject } from "../read-arguments.ts";
import { composeMessage } from "./compose-message.ts";
import { readNewEmail } from "./new-email.ts";
import { readEmailPatch, toMessageChange } from "./read-patch.ts";

const context = { createdIds: new Map([["box", "mailbox-1"]]) } as unknown as CallContext;
const own = { mailboxIds: { m: true } };

async function compose(properties: JsonObject): Promise<string> {
  const stream = await composeMessage(
    null as never,
    null as never,
    readNewEmail(context, { ...own, ...properties }),
    1e6,
  );
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function refusal(properties: JsonObject): string[] {
  try {
    readNewEmail(context, properties);
  } catch (error) {
    assert.ok(error instanceof SetFailure, String(error));
    assert.equal(error.body.type, "invalidProperties");
    return error.body.properties ?? [];
  }
  return [];
}

test("a message has its fields encoded, one each, and line ends of mail", async () => {
  const text = await compose({
    from: [{ name: "Léa", email: "lea@a.example" }],
    to: [
      { name: 'Dupont, "Jo"', email: "jo@a.example" },
      { name: null, email: "tom@a.example" },
    ],
    bcc: [{ email: "secret@a.example" }],
    subject: "Éléments",
    messageId: ["x@a.example"],
    references: ["a@x", "b@x"],
    sentAt: "2026-02-02T10:00:00+01:00",
    "header:X-Note:asText": "déjà vu",
    "header:X-Many:asText:all": ["one", "two"],
    "header:List-Help:asURLs": ["https://a.example/help"],
  });
  assert.equal(text.match(/^To: /gm)?.length, 1);
  assert.match(text, /^To: "Dupont, \\"Jo\\"" <jo@a\.example>, tom@a\.example\r$/m);
  assert.match(text, /^Bcc: secret@a\.example\r$/m);
  assert.match(text, /^Date: Mon, 02 Feb 2026 10:00:00 \+0100\r$/m);
  assert.match(text, /^Message-ID: <x@a\.example>\r$/m);
  assert.match(text, /^References: <a@x> <b@x>\r$/m);
  assert.match(text, /^X-Many: one\r\nX-Many: two\r$/m);
  assert.match(text, /^List-Help: <https:\/\/a\.example\/help>\r$/m);
  assert.doesNotMatch(text.split("\r\n\r\n")[0]!, /[^\x00-\x7f]/);
  assert.doesNotMatch(text, /(^|[^\r])\n/);
  const read = analyzeMessage(Buffer.from(text));
  assert.deepEqual([read.subject, read.from], ["Éléments", [{ name: "Léa", email: "lea@a.example" }]]);
});

test("text and HTML are alternatives, and what was written is what is read", async () => {
  const text = await compose({
    textBody: [{ partId: "t" }],
    htmlBody: [{ partId: "h", type: "text/html" }],
    bodyValues: { t: { value: "Été\nde suite\n." }, h: { value: "<p>Été</p>" } },
  });
  const { root, preview } = analyzeMessage(Buffer.from(text));
  assert.deepEqual([root.subtype, root.parts!.map((part) => part.subtype)], ["alternative", ["plain", "html"]]);
  assert.equal(preview, "Été de suite .");
});

test("a field cannot smuggle another one in", async () => {
  for (const value of ["a\r\nBcc: x@y", "a\nX: y", "a\0b"]) {
    for (const properties of [
      { subject: value },
      { "header:X-A:asRaw": value },
      { "header:X-A:asText": value },
      { from: [{ name: value, email: "a@b" }] },
      { to: [{ name: null, email: value }] },
      { messageId: [value] },
      { "header:X-A:asURLs": [value] },
      { attachments: [{ blobId: "b", name: value }] },
      { attachments: [{ blobId: "b", type: `text/${value}` }] },
      { attachments: [{ blobId: "b", cid: value }] },
      { attachments: [{ blobId: "b", disposition: value }] },
    ] as JsonObject[]) {
      assert.notDeepEqual(refusal({ ...own, ...properties }), [], JSON.stringify(properties));
    }
  }
  const folded = await compose({ "header:X-A:asRaw": " a\r\n b" });
  assert.match(folded, /^X-A: a b\r$/m);
});

test("what RFC 8621 section 4.6 forbids is refused with the property at fault", () => {
  const part = { partId: "t", type: "text/plain" };
  const bodyValues = { t: { value: "x" } };
  for (const [properties, expected] of [
    [{}, ["mailboxIds"]],
    [{ mailboxIds: {} }, ["mailboxIds"]],
    [{ mailboxIds: { m: false } }, ["mailboxIds"]],
    [{ ...own, keywords: { "a b": true } }, ["keywords"]],
    [{ ...own, id: "x" }, ["id"]],
    [{ ...own, headers: [] }, ["headers"]],
    [{ ...own, "header:Content-Type": "text/html" }, ["header:Content-Type"]],
    [{ ...own, subject: "a", "header:Subject:asText": "b" }, ["subject", "header:Subject:asText"]],
    [{ ...own, "header:From:asDate": "x" }, ["header:From:asDate"]],
    [{ ...own, "header:To:asAddresses:all": [[], []] }, ["header:To:asAddresses:all"]],
    [{ ...own, textBody: [part, part], bodyValues }, ["textBody"]],
    [{ ...own, textBody: [{ ...part, type: "text/html" }], bodyValues }, ["textBody"]],
    [{ ...own, textBody: [part] }, ["textBody"]],
    [{ ...own, textBody: [{ ...part, charset: "latin1" }], bodyValues }, ["textBody"]],
    [{ ...own, textBody: [{ ...part, blobId: "b" }], bodyValues }, ["textBody"]],
    [{ ...own, bodyStructure: part, textBody: [part], bodyValues }, ["bodyStructure", "textBody"]],
    [{ ...own, bodyStructure: { type: "multipart/mixed" } }, ["bodyStructure"]],
    [{ ...own, bodyValues: { t: { value: "x", isTruncated: true } } }, ["bodyValues"]],
    [{ ...own, attachments: [{ type: "a/b" }] }, ["attachments"]],
    [
      { ...own, attachments: [{ blobId: "b", "header:Content-Transfer-Encoding": "x" }] },
      ["header:Content-Transfer-Encoding"],
    ],
    [{ ...own, sentAt: "2026-02-30T10:00:00Z" }, ["sentAt"]],
    [{ ...own, receivedAt: "2026-02-02T10:00:00+01:00" }, ["receivedAt"]],
  ] as [JsonObject, string[]][]) {
    assert.deepEqual(refusal(properties), expected, JSON.stringify(properties));
  }
  let nested: JsonObject = { ...part };
  for (let depth = 0; depth < 30; depth++) nested = { type: "multipart/mixed", subParts: [nested] };
  assert.deepEqual(refusal({ ...own, bodyStructure: nested, bodyValues }), ["bodyStructure"]);
});

test("a patch names single mailboxes and keywords, or replaces all of them", () => {
  const change = (patch: JsonObject) => toMessageChange("e", readEmailPatch(context, patch), ["a", "b"]);
  assert.deepEqual(change({ "mailboxIds/a": null, "mailboxIds/#box": true }), {
    messageId: "e",
    mailboxIds: ["b", "mailbox-1"],
  });
  assert.deepEqual(change({ mailboxIds: { c: true } }), { messageId: "e", mailboxIds: ["c"] });
  assert.deepEqual(change({ "keywords/$seen": true, "keywords/$Flagged": null, "keywords/a~1b": true }), {
    messageId: "e",
    flags: { add: ["\\Seen", "a/b"], remove: ["\\Flagged"] },
  });
  assert.deepEqual(change({ keywords: { $draft: true } }), { messageId: "e", flags: { replace: ["\\Draft"] } });
  assert.deepEqual(change({}), { messageId: "e" });
  for (const patch of [
    { subject: "x" },
    { "keywords/$seen": false },
    { "keywords/a/b": true },
    { keywords: { a: true }, "keywords/b": true },
    { "mailboxIds/é": true },
    { mailboxIds: {} },
    { "": true },
  ] as JsonObject[]) {
    assert.throws(() => readEmailPatch(context, patch), SetFailure, JSON.stringify(patch));
  }
});
