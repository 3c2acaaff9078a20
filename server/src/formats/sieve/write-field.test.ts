import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeAddresses } from "../mime/decode-header.ts";
import { writeField } from "./write-field.ts";

const read = (value: string) => {
  const field = writeField({ name: "To", value });
  assert.match(field, /^To: [\x20-\x7e\r\n]*\r\n$/);
  return decodeAddresses(field.slice(4).replace(/\r\n/g, "")).map(({ name, email }) => [name, email]);
};

test("in a field of addresses the names are encoded, the addresses stay", () => {
  assert.deepEqual(
    read('Élan <a@b.example>, "Équipe, état civil" <c@d.example>, e@f.example, "Anne" "Été" <g@h.example>'),
    [
      ["Élan", "a@b.example"],
      ["Équipe, état civil", "c@d.example"],
      [null, "e@f.example"],
      ["Anne Été", "g@h.example"],
    ],
  );
  assert.equal(
    writeField({ name: "cc", value: "groupe é: a@b.example (Été), <c@d.example>;" }),
    "cc: =?utf-8?B?Z3JvdXBlIMOp?=: a@b.example (=?utf-8?B?w4l0w6k=?=),\r\n <c@d.example>;\r\n",
  );
});

test("a long name is several words, folded", () => {
  const name = "Service de l’état civil, des élections et des affaires générales de la commune";
  const field = writeField({ name: "Reply-To", value: `"${name}" <a@b.example>` });
  assert.ok(field.split("\r\n").every((line) => line.length <= 78));
  assert.deepEqual(decodeAddresses(field.slice(9).replace(/\r\n/g, ""))[0], { name, email: "a@b.example" });
});

test("another field is encoded as a whole, and ASCII stays as it is", () => {
  assert.equal(writeField({ name: "X-A", value: "é <a@b>" }), "X-A: =?utf-8?B?w6kgPGFAYj4=?=\r\n");
  assert.equal(writeField({ name: "To", value: '"a" <a@b>' }), 'To: "a" <a@b>\r\n');
});

test("what is opened and not closed is kept, whatever its length", () => {
  for (const value of [
    'é"<a@b',
    "é (<a@b>",
    "é <a@b",
    `é${'"\\'.repeat(4000)}`,
    `é${"(".repeat(8000)}`,
    `é${"<".repeat(8000)}`,
  ]) {
    assert.match(writeField({ name: "To", value }), /^To: /);
  }
});
