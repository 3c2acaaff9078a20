import assert from "node:assert/strict";
import { test } from "node:test";
import { listFilter, parseSearch } from "./parse-search.ts";

test("Plain words are one condition on the whole message", () => {
  assert.deepEqual(parseSearch("  plan   bornage "), [{ text: "plan bornage" }]);
});

test("Fields are named in French and in English, with quotes around several words", () => {
  assert.deepEqual(parseSearch('de:agathe À:mairie@ objet:"chemin des Ormes" plan'), [
    { text: "plan" },
    { from: "agathe" },
    { to: "mairie@" },
    { subject: "chemin des Ormes" },
  ]);
  assert.deepEqual(parseSearch("from:agathe subject:plan"), [{ from: "agathe" }, { subject: "plan" }]);
});

test("« avec pièce jointe » is understood with and without accents, and leaves the other words", () => {
  assert.deepEqual(parseSearch("devis avec pièce jointe broyeur"), [
    { text: "devis broyeur" },
    { hasAttachment: true },
  ]);
  assert.deepEqual(parseSearch("AVEC PIECE JOINTE"), [{ hasAttachment: true }]);
  assert.deepEqual(parseSearch("has:attachment"), [{ hasAttachment: true }]);
});

test("« non lu » asks for what has not been read", () => {
  assert.deepEqual(parseSearch("non lus"), [{ notKeyword: "$seen" }]);
});

test("Dates bound the search; what is no date is sought as text", () => {
  assert.deepEqual(parseSearch("avant:2026-11-23 après:1/2/2026"), [
    { before: "2026-11-23T00:00:00Z" },
    { after: "2026-02-01T00:00:00Z" },
  ]);
  assert.deepEqual(parseSearch("avant:hier"), [{ text: "avant:hier" }]);
});

test("A field without a value, an unknown field and an address with colons are only text", () => {
  assert.deepEqual(parseSearch("de: http://x.example/"), [{ text: "de: http://x.example/" }]);
  assert.deepEqual(parseSearch('""'), []);
});

test("A quote that never closes is sought as it is", () => {
  assert.deepEqual(parseSearch('objet:"chemin'), [{ subject: '"chemin' }]);
});

test("A search stays in its mailbox, or leaves junk and trash out", () => {
  assert.deepEqual(listFilter("m1", "", ["t"]), { inMailbox: "m1" });
  assert.deepEqual(listFilter("m1", "plan", ["t"]), {
    operator: "AND",
    conditions: [{ inMailbox: "m1" }, { text: "plan" }],
  });
  assert.deepEqual(listFilter(null, "plan", ["t"]), {
    operator: "AND",
    conditions: [{ inMailboxOtherThan: ["t"] }, { text: "plan" }],
  });
});
