import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAddress } from "./parse-address.ts";

test("An address is read by itself, with a name, and with a quoted name", () => {
  assert.deepEqual(parseAddress(" a.b@x.example "), { name: null, email: "a.b@x.example" });
  assert.deepEqual(parseAddress("Marc  Auvray <marc@x.example>"), { name: "Marc Auvray", email: "marc@x.example" });
  assert.deepEqual(parseAddress('"Auvray, \\"Marc\\"" <marc@x.example>'), {
    name: 'Auvray, "Marc"',
    email: "marc@x.example",
  });
  assert.deepEqual(parseAddress("mailto:marc@x.example"), { name: null, email: "marc@x.example" });
  assert.deepEqual(parseAddress("élu@mairie-forêt.example"), { name: null, email: "élu@mairie-forêt.example" });
});

test("What is not a whole address is not one yet", () => {
  for (const typed of [
    "",
    "marc",
    "marc@",
    "@x.example",
    "marc@x",
    "a@b@x.example",
    "a b@x.example",
    "<>",
    "a@-x.example",
    "a@x..example",
    "a@x.example\nBcc: b@x.example",
    "Marc <marc>",
  ]) {
    assert.equal(parseAddress(typed), null, typed);
  }
});

test("A long text that is no address is refused quickly", () => {
  const start = performance.now();
  assert.equal(parseAddress(`a@${"a-".repeat(200_000)}`), null);
  assert.ok(performance.now() - start < 10_000);
});
