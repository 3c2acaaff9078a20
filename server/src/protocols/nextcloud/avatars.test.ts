import assert from "node:assert/strict";
import { test } from "node:test";
import { initialsOf } from "./avatars.ts";

test("initials are those of the first and the last word, and nothing that a picture's text could be broken by", () => {
  for (const [name, initials] of [
    ["Léa Martin", "LM"],
    ["élodie", "É"],
    ["Jean-Pierre de la Tour", "JT"],
    ["  ", "?"],
    ["<script>&", "S"],
    ["𝒜nna 😀", "𝒜"],
    ["李 小龙", "李小"],
  ] as const) {
    assert.equal(initialsOf(name), initials);
  }
});
