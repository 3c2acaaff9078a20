import assert from "node:assert/strict";
import { test } from "node:test";
import { linkify, splitQuotes, unflow } from "./plain-text.ts";

test("Flowed lines become paragraphs, by their level of quoting", () => {
  assert.equal(
    unflow("Bonjour \r\nà tous.\r\n> Un \r\n> deux\r\n>> trois\r\nFin", false),
    "Bonjour à tous.\n> Un deux\n>> trois\nFin",
  );
});

test("With DelSp the space at the break goes", () => {
  assert.equal(unflow("anti \nconstitutionnel", true), "anticonstitutionnel");
});

test("The separator of a signature never joins what is around it", () => {
  assert.equal(unflow("Merci \n-- \nHélène", false), "Merci \n-- \nHélène");
});

test("A space added because of a mark at the beginning of a line goes", () => {
  assert.equal(unflow(" >pas une citation\n From là", false), ">pas une citation\nFrom là");
});

test("A text that ends on a flowed line is whole", () => {
  assert.equal(unflow("un \ndeux ", false), "un deux ");
  assert.equal(unflow("", false), "");
});

test("Quotes are told apart from what is answered", () => {
  assert.deepEqual(splitQuotes("Oui.\r\n\r\n> Venez-vous ?\r\n> Marc\r\n\r\nÀ demain\n"), [
    { isQuote: false, text: "Oui." },
    { isQuote: true, text: "> Venez-vous ?\n> Marc" },
    { isQuote: false, text: "À demain" },
  ]);
});

test("Addresses become links without the punctuation around them", () => {
  assert.deepEqual(linkify("Voir (https://x.example/a_(b)), ou www.y.example. Écrire à a.b@x.example !"), [
    { text: "Voir (" },
    { text: "https://x.example/a_(b)", href: "https://x.example/a_(b)" },
    { text: "), ou " },
    { text: "www.y.example", href: "http://www.y.example" },
    { text: ". Écrire à " },
    { text: "a.b@x.example", href: "mailto:a.b@x.example" },
    { text: " !" },
  ]);
});

test("Other schemes are only text", () => {
  assert.deepEqual(linkify("javascript:alert(1) data:text/html,x"), [{ text: "javascript:alert(1) data:text/html,x" }]);
});

test("A long text without an address takes no time", () => {
  const long = "a.".repeat(50_000);
  const start = performance.now();
  linkify(long);
  assert.ok(performance.now() - start < 10_000);
});
