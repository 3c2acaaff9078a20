import assert from "node:assert/strict";
import { test } from "node:test";
import { fold, matches } from "./match-person.ts";

const helene = {
  displayName: "Hélène Lecarpentier",
  address: "helene.lecarpentier@bourg-fleuri.example",
  jobTitle: "Secrétaire générale",
};

test("Accents and case do not matter", () => {
  assert.ok(matches(helene, fold("HELENE")));
  assert.ok(matches(helene, fold("générale")));
  assert.ok(matches(helene, fold("generale")));
});

test("Every word must be found, in any order", () => {
  assert.ok(matches(helene, fold("  secretaire   lecarpentier ")));
  assert.ok(!matches(helene, fold("helene hamel")));
});

test("An empty search keeps everyone", () => {
  assert.ok(matches(helene, fold("  ")));
});
