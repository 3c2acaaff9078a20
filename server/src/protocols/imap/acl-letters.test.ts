import assert from "node:assert/strict";
import { test } from "node:test";
import { mailRights, type Right } from "../../domain/access/account-access.ts";
import { BadSyntax } from "../../formats/imap-syntax/bad-syntax.ts";
import { allLetters, applyRights, grantableRights, parseRights, writeRights } from "./acl-letters.ts";

const ofMailboxes: readonly Right[] = mailRights.filter((right) => !right.startsWith("send_"));
const standard = "lrswipkxtea";

function* subsets<T>(of: readonly T[]): Generator<Set<T>> {
  for (let bits = 0; bits < 2 ** of.length; bits++) yield new Set(of.filter((_each, index) => bits & (1 << index)));
}

test("every combination of rights comes back from the letters that tell it", () => {
  for (const personal of [false, true]) {
    for (const rights of subsets(ofMailboxes)) {
      const letters = writeRights(rights, personal);
      assert.deepEqual(applyRights(new Set(), parseRights(letters), personal), rights, letters);
      assert.deepEqual(applyRights(rights, parseRights("+"), personal), rights);
      assert.deepEqual(applyRights(rights, parseRights(`-${allLetters()}`), personal), new Set());
    }
  }
});

test("no letters give more than they say, and of tied ones some give nothing", () => {
  for (const personal of [false, true]) {
    for (const letters of subsets([...standard])) {
      const rights = applyRights(new Set(), { mode: "set", letters }, personal);
      for (const letter of writeRights(rights, personal).replace(/[pcd]/g, "")) assert.ok(letters.has(letter), letter);
    }
  }
  assert.equal(writeRights(applyRights(new Set(["read"]), parseRights("+w"), false), false), "lrp");
  assert.equal(writeRights(applyRights(new Set(["read", "delete"]), parseRights("-t"), false), false), "lrp");
});

test("the letters of RFC 2086 stand for those that took their place, both ways", () => {
  assert.deepEqual(applyRights(new Set(), parseRights("lrcd"), false), new Set(["read", "delete", "manage"]));
  assert.equal(writeRights(new Set<Right>(["read", "delete", "manage"]), false), "lrpkxtecd");
  assert.equal(allLetters(), "lrswipkxteacd");
  assert.deepEqual(grantableRights(true), { required: "p", optional: ["lrs", "wi", "ted", "kxc", "a"] });
});

test("what is no right is refused", () => {
  for (const written of ["lrz", "n", "L", "lr ", "+lr+", "0", "é"]) {
    assert.throws(() => parseRights(written), BadSyntax, written);
  }
});
