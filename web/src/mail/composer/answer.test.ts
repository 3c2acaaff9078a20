import assert from "node:assert/strict";
import { test } from "node:test";
import { answerRecipients, answerReferences, answerSubject } from "./answer.ts";

const person = (email: string, name: string | null = null) => ({ name, email });
const own = new Set(["helene@x.example", "mairie@x.example"]);
const original = {
  from: [person("agathe@y.example", "Agathe")],
  replyTo: null,
  to: [person("Mairie@x.example"), person("sylvie@x.example")],
  cc: [person("marc@x.example"), person("helene@x.example"), person("AGATHE@y.example")],
  subject: "Bornage",
  messageId: ["m3@y.example"],
  references: ["m1@y.example", "m2@x.example"],
  inReplyTo: ["m2@x.example"],
};
const emails = (found: { to: { email: string }[]; cc: { email: string }[] }) => ({
  to: found.to.map(({ email }) => email),
  cc: found.cc.map(({ email }) => email),
});

test("A reply goes to the sender, or where they ask", () => {
  assert.deepEqual(emails(answerRecipients(original, own, false)), { to: ["agathe@y.example"], cc: [] });
  const asked = { ...original, replyTo: [person("list@y.example")] };
  assert.deepEqual(emails(answerRecipients(asked, own, false)), { to: ["list@y.example"], cc: [] });
});

test("A reply to all leaves one's own addresses out, and names nobody twice", () => {
  assert.deepEqual(emails(answerRecipients(original, own, true)), {
    to: ["agathe@y.example", "sylvie@x.example"],
    cc: ["marc@x.example"],
  });
});

test("Answering one's own message writes to its recipients again", () => {
  const mine = { ...original, from: [person("helene@x.example")] };
  assert.deepEqual(emails(answerRecipients(mine, own, false)), { to: ["sylvie@x.example"], cc: [] });
});

test("A note to oneself can be answered", () => {
  const note = { ...original, from: [person("helene@x.example")], to: [person("helene@x.example")], cc: null };
  assert.deepEqual(emails(answerRecipients(note, own, true)), { to: ["helene@x.example"], cc: [] });
});

test("A message without a sender gives an empty answer", () => {
  assert.deepEqual(answerRecipients({ ...original, from: null, to: null, cc: null }, own, true), { to: [], cc: [] });
});

test("The subject takes its prefix once", () => {
  assert.equal(answerSubject("Bornage", "reply"), "Re: Bornage");
  assert.equal(answerSubject("RE : Bornage", "reply"), "RE : Bornage");
  assert.equal(answerSubject("Re: Bornage", "forward"), "Tr: Re: Bornage");
  assert.equal(answerSubject("Fwd: Bornage", "forward"), "Fwd: Bornage");
  assert.equal(answerSubject(null, "reply"), "Re:");
  assert.equal(answerSubject("Rue du Lavoir", "reply"), "Re: Rue du Lavoir");
});

test("References go on from those of the message, which is In-Reply-To", () => {
  assert.deepEqual(answerReferences(original), {
    inReplyTo: ["m3@y.example"],
    references: ["m1@y.example", "m2@x.example", "m3@y.example"],
  });
});

test("Without References the only In-Reply-To stands for them; several do not", () => {
  assert.deepEqual(answerReferences({ ...original, references: null }).references, ["m2@x.example", "m3@y.example"]);
  assert.deepEqual(answerReferences({ ...original, references: null, inReplyTo: ["a@x", "b@x"] }).references, [
    "m3@y.example",
  ]);
  assert.deepEqual(answerReferences({ ...original, messageId: null }), { inReplyTo: null, references: null });
});

test("A chain of a thousand references is cut in its middle", () => {
  const { references } = answerReferences({
    ...original,
    references: Array.from({ length: 1000 }, (_, at) => `r${at}@y`),
  });
  assert.equal(references?.length, 50);
  assert.equal(references?.[0], "r0@y");
  assert.equal(references?.at(-1), "m3@y.example");
});
