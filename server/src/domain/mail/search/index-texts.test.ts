import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type MailFixture, type MailPerson, openMailFixture } from "../../../../test/harness/mail-fixture.ts";
import type { SearchKey } from "../search-key.ts";
import { searchMailbox } from "../search-mailbox.ts";
import { indexTexts } from "./index-texts.ts";
import { searchMessages } from "./search-messages.ts";

let mail: MailFixture;
let anna: MailPerson;

before(async () => {
  mail = await openMailFixture();
  anna = await mail.createPerson("Anna");
});
after(() => mail.close());

const sought = [
  "conseil",
  "ONSEI",
  "du conseil",
  "onseil municip",
  "été",
  "ETE",
  "l’été",
  "100%",
  "a_b",
  "istanbul",
  "İstanbul",
  "λόγος",
  "ΛΌΓΟΣ",
  "x-odd",
  "déjà",
  "d=C3=A9j",
  "utf-8",
  "text/plain",
  "m1",
  "12:00",
  "z".repeat(300),
  "e",
  "  ",
  "😀",
  "jklmn",
];

test("a search finds the same whether a message is indexed or not", async () => {
  const add = (body: string, headers = "") =>
    mail.append(anna, { subject: "Séance", body, ...(headers && { headers }) });
  await add("Le conseil municipal de l’été. 100% financé a_b.");
  await add("Le CONSEIL\r\nMUNICIPAL. ÉTÉ à Istanbul, İstanbul.");
  await add("ὁ λόγος ΛΌΓΟΣ 😀", "X-Odd: =?utf-8?q?d=C3=A9j=C3=A0_vu?=\r\nX-Time: 12:00");
  await add(`${"z".repeat(1_000)} ${"ghi-jklmnop ".repeat(9_000)}`);
  const { inbox } = anna.mailboxes;
  const keys = sought.flatMap((value): SearchKey[] => [
    { key: "text", value },
    { key: "body", value },
    { key: "not", of: { key: "text", value } },
    { key: "or", left: { key: "body", value }, right: { key: "header", name: "x-odd", value } },
  ]);
  const searchAll = async () => {
    const found: [string, number[]][] = [];
    for (const key of keys) {
      found.push([JSON.stringify(key), await searchMailbox(mail.deps, anna.access, inbox, key)]);
    }
    for (const text of ["conseil", "financ", "seance", "inconnu"]) {
      const { ids } = await searchMessages(mail.store.read, anna.access, { text }, { limit: 50 });
      found.push([text, ids.map((id) => Number.parseInt(id.slice(-6), 16))]);
    }
    return found;
  };
  const before = await searchAll();
  assert.ok(before.some(([, uids]) => uids.length > 0 && uids.length < 4));
  assert.deepEqual(before[0], [JSON.stringify(keys[0]), [1, 2]]);
  // Half of them, then the rest: a search looks at both kinds.
  assert.equal(await indexTexts(mail.deps, 2), 2);
  assert.deepEqual(await searchAll(), before);
  assert.equal(await indexTexts(mail.deps, 50), 2);
  assert.equal(await indexTexts(mail.deps, 50), 0);
  assert.deepEqual(await searchAll(), before);
});
