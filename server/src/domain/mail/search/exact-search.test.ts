import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { Random } from "../../../../test/fuzz/random.ts";
import { type MailFixture, type MailPerson, openMailFixture } from "../../../../test/harness/mail-fixture.ts";
import { contains, fold, type PlainMessage, readPlainly } from "../../../../test/harness/plain-search.ts";
import { variedMail } from "../../../../test/harness/varied-mails.ts";
import { appendMessage } from "../append-messages.ts";
import type { SearchKey } from "../search-key.ts";
import { searchMailbox } from "../search-mailbox.ts";
import { stageBytes } from "../stage-message.ts";
import { indexTexts } from "./index-texts.ts";
import type { TextKey } from "./text-condition.ts";

const mailCount = 300;
const seed = 20_261_123;

let mail: MailFixture;
let anna: MailPerson;
/** By uid, from 1. */
const plain: PlainMessage[] = [];

before(async () => {
  mail = await openMailFixture();
  anna = await mail.createPerson("Anna");
  const fixtures = new URL("../../../../test/fixtures/mail/", import.meta.url);
  const random = new Random(seed);
  const mails: Buffer[] = [];
  const names = (await readdir(fixtures)).filter((name) => name.endsWith(".eml")).sort();
  for (const name of names) mails.push(await readFile(new URL(name, fixtures)));
  while (mails.length < mailCount) mails.push(variedMail(random, mails.length));
  for (const bytes of mails) {
    await add(anna, bytes);
    plain.push(readPlainly(bytes));
  }
});
after(() => mail.close());

async function add(person: MailPerson, bytes: Buffer): Promise<void> {
  const { staged, analyzed } = await stageBytes(mail.deps, bytes);
  const { inbox } = person.mailboxes;
  await appendMessage(mail.deps, person.access, {
    mailboxId: inbox,
    staged,
    analyzed,
    flags: [],
    receivedAt: new Date(),
  });
}

function expected(key: TextKey): number[] {
  const matches = ({ header, body, fields }: PlainMessage): boolean => {
    if (key.key === "body") return contains(body, key.value);
    if (key.key === "text") return contains(body, key.value) || contains(header, key.value);
    return fields.some(({ name, texts }) => name === key.name.toLowerCase() && contains(texts, key.value));
  };
  return plain.flatMap((message, index) => (matches(message) ? [index + 1] : []));
}

/** A piece of a text that some message has, or nearly has. */
function needle(random: Random): string {
  const characters = [...random.pick(random.pick(plain).written)];
  const from = random.below(characters.length);
  const length = random.oneIn(3) ? 1 + random.below(3) : 1 + random.below(25);
  const cut = characters.slice(from, from + length).map((each) => {
    const other = random.oneIn(2) ? each.toUpperCase() : each.toLowerCase();
    return fold(other) === fold(each) ? other : each;
  });
  if (random.oneIn(8)) cut[random.below(cut.length)] = random.pick(["x", " ", "  ", "é", "."]);
  return cut.join("");
}

const fieldNames = [
  "From",
  "to",
  "SUBJECT",
  "Cc",
  "Message-ID",
  "X-Odd",
  "List-Id",
  "Received",
  "x-raw",
  "Comments",
  "Bcc",
];

function key(random: Random): TextKey {
  const value = needle(random);
  switch (random.below(4)) {
    case 0:
      return { key: "body", value };
    case 1: {
      const name = random.pick(fieldNames);
      const fields = plain.flatMap((each) => each.fields).filter((field) => field.name === name.toLowerCase());
      if (fields.length === 0) return { key: "header", name, value };
      const characters = [...random.pick(random.pick(fields).texts)];
      const from = random.below(characters.length);
      return { key: "header", name, value: characters.slice(from, from + random.below(20)).join("") };
    }
    default:
      return { key: "text", value };
  }
}

async function search(of: SearchKey): Promise<number[]> {
  return searchMailbox(mail.deps, anna.access, anna.mailboxes.inbox, of);
}

async function compare(random: Random, times: number): Promise<void> {
  let found = 0;
  for (let time = 0; time < times; time++) {
    const sought = key(random);
    const uids = expected(sought);
    if (uids.length > 0) found += 1;
    assert.deepEqual(await search(sought), uids, JSON.stringify(sought));
    if (!random.oneIn(4)) continue;
    const range = { from: 1 + random.below(mailCount), to: mailCount };
    assert.deepEqual(
      await search({
        key: "and",
        keys: [
          { key: "uids", ranges: [range] },
          { key: "not", of: sought },
        ],
      }),
      plain.flatMap((_, index) => (index + 1 >= range.from && !uids.includes(index + 1) ? [index + 1] : [])),
      `not ${JSON.stringify(sought)}`,
    );
  }
  assert.ok(found > times / 3 && found < times, "some of what is sought is there, and some is not");
}

test("a search agrees with a plain reading of every message, not indexed, half indexed and indexed", async () => {
  const random = new Random(seed + 1);
  await compare(random, 20);
  assert.equal(await indexTexts(mail.deps, mailCount / 2), mailCount / 2);
  await compare(random, 20);
  while ((await indexTexts(mail.deps, 100)) > 0);
  await compare(random, 250);
});
