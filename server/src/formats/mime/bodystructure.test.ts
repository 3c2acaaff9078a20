import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { renderBody, renderBodyStructure, renderEnvelope } from "./bodystructure.ts";
import { readEnvelope } from "./envelope.ts";
import { findPart, findSection } from "./find-section.ts";
import { readHeaders } from "./headers.ts";
import { indexMessage } from "./index-message.ts";

const nested = readFileSync(new URL("../../../test/fixtures/mail/nested-rfc822.eml", import.meta.url));
const envelope = (text: string): string => {
  const bytes = Buffer.from(text);
  return renderEnvelope(readEnvelope(readHeaders(bytes, 0, bytes.length))).toString();
};

test("BODY of a nested message has its envelope, structure and lines", () => {
  const text = nested.toString();
  const inner = text.slice(text.indexOf('From: "Int'), text.indexOf("\r\n--ab--"));
  assert.equal(
    renderBody(indexMessage(nested)).toString(),
    `(("text" "plain" NIL NIL NIL "7bit" 14 1)("message" "rfc822" NIL NIL NIL "7bit" ${inner.length} ` +
      '("Thu, 26 Nov 2026 10:00:00 +0100" "=?utf-8?Q?Int=C3=A9rieur?=" (("Int\\"rieur" NIL "c" "example.fr")) ' +
      '(("Int\\"rieur" NIL "c" "example.fr")) (("Int\\"rieur" NIL "c" "example.fr")) ((NIL NIL "a" "example.fr")) NIL NIL NIL "<int@example.fr>") ' +
      `(("text" "plain" NIL NIL NIL "7bit" 14 1)("text" "csv" ("name" "liste.csv") NIL NIL "7bit" 8 2) "mixed") ${inner.split("\n").length}) "mixed")`,
  );
});

test("BODYSTRUCTURE carries the extension data and keeps other alphabets in RFC 2231 form", () => {
  const root = indexMessage(
    Buffer.from(
      'Content-Type: text/plain; charset=utf-8\nContent-Disposition: attachment; filename="été (1).txt"\nContent-Language: fr, en\nContent-Location: l\nContent-MD5: m\nContent-ID: <i>\nContent-Description: d\n\nx\n',
    ),
  );
  assert.equal(
    renderBodyStructure(root).toString(),
    '("text" "plain" ("charset" "utf-8") "<i>" "d" "7bit" 2 1 "m" ("attachment" ("filename*" "utf-8\'\'%C3%A9t%C3%A9%20%281%29.txt")) ("fr" "en") "l")',
  );
});

test("a multipart without parts still renders one, as the grammar wants", () => {
  const root = indexMessage(Buffer.from("Content-Type: multipart/mixed; boundary=b\n\nx"));
  assert.equal(renderBody(root).toString(), '(("text" "plain" NIL NIL NIL "7bit" 0 0) "mixed")');
});

test("ENVELOPE counts literals in bytes, quotes quotes and renders groups", () => {
  assert.match(envelope("Subject: été\n\n"), /^\(NIL \{5\}\r\nété NIL/);
  assert.match(envelope('Subject: a"b\\c\0\n\n'), /^\(NIL "a\\"b\\\\c" /);
  assert.match(
    envelope("To: Amis: a@b.fr;\n\n"),
    /\(\(NIL NIL "Amis" NIL\)\(NIL NIL "a" "b\.fr"\)\(NIL NIL NIL NIL\)\)/,
  );
});

test("sections are found by number and by name", () => {
  const root = indexMessage(nested);
  const text = (numbers: number[], kind: "HEADER" | "TEXT" | "MIME" | null): string | null => {
    const range = findSection(root, numbers, kind);
    return range && nested.toString("utf8", range.start, range.end);
  };
  assert.equal(text([], null), nested.toString());
  assert.equal(text([1], null), "Voir ci-joint.");
  assert.equal(text([2, 1], null), "Corps interne.");
  assert.equal(text([2, 2], null), "a;b\r\n1;2");
  assert.equal(text([2, 2], "MIME")?.startsWith("Content-Type: text/csv"), true);
  assert.equal(text([2], "HEADER")?.startsWith('From: "Int'), true);
  assert.equal(text([2], "TEXT")?.startsWith("--abc\r\n"), true);
  for (const numbers of [[0], [3], [1, 1], [2, 3], [2, 1, 1]]) assert.equal(findPart(root, numbers), null);
  assert.equal(text([1], "HEADER"), null);
  assert.equal(findPart(indexMessage(Buffer.from("a: b\n\nx")), [1])?.path, "1");
});
