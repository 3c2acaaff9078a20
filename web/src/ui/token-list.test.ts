import assert from "node:assert/strict";
import { test } from "node:test";
import { fits, splitTokens } from "./token-list.ts";

test("Commas, semicolons, tabs and lines cut a list", () => {
  assert.deepEqual(splitTokens("a@x.example, b@x.example;c@x.example\td@x.example\r\ne@x.example"), [
    "a@x.example",
    "b@x.example",
    "c@x.example",
    "d@x.example",
    "e@x.example",
  ]);
});

test("A comma inside quotes or angle brackets does not cut", () => {
  assert.deepEqual(splitTokens('"Lemoigne, Sylvie" <s@x.example>; <odd,address@x.example>'), [
    '"Lemoigne, Sylvie" <s@x.example>',
    "<odd,address@x.example>",
  ]);
});

test("An escaped quote does not end the quotes", () => {
  assert.deepEqual(splitTokens('"La \\"petite\\", mairie" <m@x.example>'), ['"La \\"petite\\", mairie" <m@x.example>']);
});

test("A quote or bracket never closed spoils its line only", () => {
  assert.deepEqual(splitTokens('"broken, one\n<two, three\nfour@x.example'), [
    '"broken, one',
    "<two, three",
    "four@x.example",
  ]);
});

test("Nothing gives nothing", () => {
  assert.deepEqual(splitTokens(" ,;\n , "), []);
});

test("A suggestion for the first letters is not one for all that was typed", () => {
  const nadia = { id: "n.benali@x.example", label: "Nadia Bénali", secondary: "état civil" };
  assert.ok(fits(nadia, "ben"));
  assert.ok(fits(nadia, "  Nadia BENALI "));
  assert.ok(fits(nadia, "etat nad"));
  assert.ok(!fits(nadia, "nas une adresse"));
});
