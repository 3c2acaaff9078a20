import assert from "node:assert/strict";
import { test } from "node:test";
import type { EmailAddress } from "@bouquet/contract/jmap-mail.ts";
import { faceOf, rowNames } from "./row-names.ts";

const words = { me: "vous", to: (names: string) => `À : ${names}`, nobody: "(personne)", draft: "brouillon" };
const own = new Set(["helene@x.example"]);
const marc = { name: "Marc Auvray", email: "marc@x.example" };
const helene = { name: "Hélène", email: "Helene@x.example" };
const mail = (from: EmailAddress | null, to: EmailAddress[] = [], keywords: Record<string, true> = {}) => ({
  from: from && [from],
  to,
  keywords,
});
const names = (emails: ReturnType<typeof mail>[], isOutgoing = false) => rowNames(emails, own, words, isOutgoing);

test("One person is told by the whole name, several by their first", () => {
  assert.equal(names([mail(marc)]), "Marc Auvray");
  assert.equal(names([mail(marc), mail(helene), mail(marc)]), "Marc, vous");
});

test("An address stands for a name that is missing, and a name seen later replaces it", () => {
  assert.equal(names([mail({ name: null, email: "a.b@x.example" })]), "a.b@x.example");
  assert.equal(names([mail({ name: " ", email: "marc@x.example" }), mail(marc)]), "Marc Auvray");
});

test("What was sent names its recipients", () => {
  assert.equal(names([mail(helene, [marc])], true), "À : Marc Auvray");
  assert.equal(names([mail(helene)], true), "(personne)");
});

test("A draft in a conversation is told without naming its author again", () => {
  assert.equal(names([mail(marc), mail(helene, [], { $draft: true })]), "Marc Auvray, brouillon");
});

test("A message without a sender is still a row", () => {
  assert.equal(names([mail(null)]), "(personne)");
  assert.equal(faceOf([mail(null)], own, false).email, "?");
});

test("The face is the last who wrote and is not the reader", () => {
  assert.equal(faceOf([mail(marc), mail(helene)], own, false), marc);
  assert.equal(faceOf([mail(helene)], own, false), helene);
});
