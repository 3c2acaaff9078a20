import assert from "node:assert/strict";
import { test } from "node:test";
import { simpleParser } from "mailparser";
import { analyzeMessage } from "../mime/analyze-message.ts";
import { type DeliveryStatus, writeDeliveryStatus } from "./write-delivery-status.ts";

const notification: DeliveryStatus = {
  from: { name: "Service de messagerie", address: "postmaster@bourg.example" },
  to: "lea@bourg.example",
  subject: "Message non remis : Réunion du conseil municipal extraordinaire, ordre du jour complété",
  date: new Date("2026-11-23T10:00:00Z"),
  messageId: "id@mx.example",
  inReplyTo: "m1@x.example",
  text: "Votre message n’a pas pu être remis.\n",
  language: "fr",
  reportingMta: "mx.example",
  arrivalDate: new Date("2026-11-23T09:00:00Z"),
  originalEnvelopeId: undefined,
  recipients: [
    {
      address: "paul@ext.example",
      originalRecipient: undefined,
      action: "failed",
      status: "5.1.1",
      remoteMta: "mx.ext.example",
      diagnostic: `550 5.1.1 ${"mot ".repeat(60)}fin`,
      lastAttempt: new Date("2026-11-23T10:00:00Z"),
      willRetryUntil: undefined,
    },
  ],
  originalHeader: Buffer.from("From: Léa <lea@bourg.example>\r\nSubject: x\r\n\r\n"),
};

test("other programs read the report: its text, its fields and the header of the message", async () => {
  const bytes = writeDeliveryStatus(notification, "limite");
  const parsed = await simpleParser(bytes);
  assert.equal(parsed.subject, notification.subject);
  assert.equal(parsed.from?.text, '"Service de messagerie" <postmaster@bourg.example>');
  assert.match(parsed.text!, /Votre message n’a pas pu être remis\./);
  const { root } = analyzeMessage(bytes);
  assert.deepEqual(
    root.parts?.map((part) => `${part.type}/${part.subtype}`),
    ["text/plain", "message/delivery-status", "text/rfc822-headers"],
  );
  const status = root.parts![1]!;
  const fields = bytes.subarray(status.bodyStart, status.bodyEnd).toString();
  assert.match(
    fields,
    /^Reporting-MTA: dns; mx\.example\r\nArrival-Date: [^\r]*\r\n\r\nFinal-Recipient: rfc822; paul@ext\.example\r\nAction: failed\r\nStatus: 5\.1\.1\r\n/,
  );
  const original = root.parts![2]!;
  assert.equal(
    bytes.subarray(original.bodyStart, original.bodyEnd).toString(),
    "From: Léa <lea@bourg.example>\r\nSubject: x",
  );
});

test("no line is longer than 998 bytes and every line ends with CRLF", () => {
  const text = writeDeliveryStatus(notification, "limite").toString("latin1");
  for (const line of text.split("\r\n")) assert.ok(line.length <= 998 && !/[\r\n]/.test(line));
});

test("what strangers say cannot begin a field", () => {
  const hostile = "550 no\r\nAction: delivered\r\n\r\nBcc: x@y.example";
  const [recipient] = notification.recipients;
  const text = writeDeliveryStatus(
    {
      ...notification,
      subject: "a\r\nBcc: x@y.example",
      to: "a\r\nb@c.example",
      inReplyTo: "x\r\nBcc: y",
      recipients: [{ ...recipient!, diagnostic: hostile, remoteMta: "mx\r\nX: y", address: "p\r\nq@e.example" }],
    },
    "limite",
  ).toString();
  assert.doesNotMatch(text, /^(Bcc|X):|^Action: delivered/m);
});
