import assert from "node:assert/strict";
import { test } from "node:test";
import { colorOf, initialsOf } from "./avatar.ts";

test("Initials are those of the first and last words", () => {
  assert.equal(initialsOf("Hélène Lecarpentier"), "HL");
  assert.equal(initialsOf("jean-pierre de la tour"), "JT");
  assert.equal(initialsOf("mairie@bourg-fleuri.example"), "M");
  assert.equal(initialsOf("élodie"), "É");
});

test("A name without a letter gives a question mark", () => {
  assert.equal(initialsOf(""), "?");
  assert.equal(initialsOf("—"), "?");
});

test("A color is stable and one of eight", () => {
  const seen = new Set<number>();
  for (let at = 0; at < 200; at += 1) {
    const color = colorOf(`person-${at}@x.example`);
    assert.equal(color, colorOf(`person-${at}@x.example`));
    assert.ok(color >= 1 && color <= 8);
    seen.add(color);
  }
  assert.equal(seen.size, 8);
});
