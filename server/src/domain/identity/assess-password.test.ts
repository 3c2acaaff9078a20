import assert from "node:assert/strict";
import { test } from "node:test";
import { assessPassword } from "./assess-password.ts";
import { commonPasswords } from "./common-passwords.ts";

const personal = [
  "Claire Morel-Hervé",
  "Bourg-Fleuri",
  "Commune de Bourg-Fleuri",
  "claire.morel@bourg-fleuri.example",
  "bourg-fleuri.example",
];
const judge = (password: string) => assessPassword(password, personal);

test("random characters weigh their alphabet's logarithm each", () => {
  assert.ok(Math.abs(judge("kTq7-vB2x").bits - 9 * Math.log2(95)) < 0.1);
  assert.equal(judge("kTq7-vB2x").acceptable, true);
  assert.equal(judge("kqvbxzjw").acceptable, false, "8 small letters are 37 bits");
  assert.deepEqual(judge("kqvbxzjw").reasons, ["too_guessable"]);
});

test("every common password is refused as common, with capitals, accents, digits and signs around it too", () => {
  for (const common of commonPasswords) {
    if (common.length < 3) continue;
    for (const variant of [common, `${common}2026`, `${common.toUpperCase()}!`, `1${common}.`]) {
      const { acceptable, bits } = judge(variant);
      assert.equal(acceptable, false, `${variant}: ${bits} bits`);
    }
  }
  assert.deepEqual(judge("P@ssw0rd123").reasons, ["common"]);
  assert.deepEqual(judge("Été2026-Été2026").reasons, ["common"]);
});

test("what is known of the person weighs nothing: name, address, commune, also backwards, with digits or signs for letters", () => {
  for (const password of [
    "claire.morel",
    "MorelClaire72!",
    "Bourg-Fleuri61",
    "bourgfleuri2026!",
    "leroMerialC74",
    "cl@1re.m0rel",
    "HervéClaire1985",
  ]) {
    const { acceptable, reasons } = judge(password);
    assert.equal(acceptable, false, password);
    assert.ok(reasons.includes("personal"), `${password}: ${reasons}`);
  }
  assert.equal(assessPassword("MorelClaire72!#vQ9").acceptable, true, "nobody here is called so");
});

test("keyboard walks, alphabets, years, dates and repetitions weigh little", () => {
  for (const password of [
    "azertyuiopqsdfghjklm",
    "wxcvbnnbvcxw",
    "qwertz12345678",
    "abcdefghijklmnop",
    "zyxwvutsrqponm",
    "14/07/1989-2024",
    "aaaaaaaaaaaaaaaaaaaa",
    "xy7xy7xy7xy7xy7xy7",
    "1qaz2wsx3edc4rfv",
    "789456123789456123",
  ]) {
    assert.equal(judge(password).acceptable, false, `${password}: ${judge(password).bits}`);
  }
});

test("a sentence of several words is accepted", () => {
  for (const password of [
    "quatre volets bleus et un puits",
    "tuile-quai-9-zinc-vapeur",
    "correct horse battery staple",
  ]) {
    assert.ok(judge(password).bits >= 80, password);
    assert.deepEqual(judge(password).reasons, []);
  }
});

test("too short is refused however random, too long before any work", () => {
  assert.deepEqual(judge("x9#K").reasons.includes("too_short"), true);
  assert.equal(judge("").acceptable, false);
  assert.deepEqual(judge("q".repeat(200_000)).reasons, ["too_long"]);
});

test("the longest texts with the most repetitions are judged", () => {
  for (const password of [
    "ab".repeat(128),
    "12".repeat(128),
    "aaab".repeat(64),
    "\u0301".repeat(256),
    "😀".repeat(128),
  ]) {
    // Whoever makes the search among repetitions exponential sees this file time out.
    assert.ok(Number.isFinite(judge(password).bits), password.slice(0, 8));
  }
});

test("the same text typed composed or decomposed is judged the same", () => {
  assert.equal(judge(`${"é".normalize("NFD").repeat(3)}kW7!pd`).bits, judge(`${"é".repeat(3)}kW7!pd`).bits);
});
