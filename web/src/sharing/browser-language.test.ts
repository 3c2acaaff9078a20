import assert from "node:assert/strict";
import { test } from "node:test";
import { browserLanguage } from "./browser-language.ts";

test("The first language that the suite speaks is taken, whatever its country", () => {
  assert.equal(browserLanguage(["fr-CA", "en"]), "fr");
  assert.equal(browserLanguage(["de", "EN-us", "fr"]), "en");
  assert.equal(browserLanguage(["br", "fr"]), "fr");
});

test("Who reads neither French nor English is spoken to in English", () => {
  assert.equal(browserLanguage(["de-AT", "it"]), "en");
  assert.equal(browserLanguage([]), "en");
  assert.equal(browserLanguage(["frisian"]), "en");
});
