import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  type MailFixture,
  type MailPerson,
  type MailText,
  openMailFixture,
} from "../../../../test/harness/mail-fixture.ts";
import { DomainError } from "../../errors.ts";
import type { SearchKey } from "../search-key.ts";
import { searchMailbox } from "../search-mailbox.ts";
import { setMessage } from "../set-messages.ts";
import type { SearchFilter } from "./search-filter.ts";
import { type SearchOptions, searchMessages } from "./search-messages.ts";

let mail: MailFixture;
let anna: MailPerson;
const names = new Map<string, string>();

before(async () => {
  mail = await openMailFixture();
  anna = await mail.createPerson("Anna");
  const add = async (name: string, day: number, text: MailText, flags: string[] = [], mailboxId?: string) => {
    const receivedAt = new Date(`2026-03-${String(day).padStart(2, "0")}T12:00:00Z`);
    const { messageId } = await mail.append(anna, text, { flags, receivedAt, ...(mailboxId && { mailboxId }) });
    names.set(messageId, name);
    return messageId;
  };
  await add("budget", 1, {
    from: '"Hélène Ménard" <h.menard@prefecture.example>',
    subject: "Délibérations du conseil",
    body: "Les délibérations budgétaires sont jointes. L'école a reçu le devis.",
    messageId: "budget@x",
    date: "Sun, 01 Mar 2026 23:30:00 -0500",
  });
  await add(
    "reponse",
    2,
    {
      subject: "Re: Délibérations du conseil",
      inReplyTo: "budget@x",
      body: "Merci, c'est noté.",
    },
    ["\\Seen"],
  );
  await add(
    "voirie",
    3,
    {
      from: "Paul <paul@travaux.example>",
      subject: "Réfection de la chaussée",
      body: "Le chantier commence à l’automne, 100% financé.",
      headers: "List-Id: Travaux <travaux.bourg.example>\r\nX-Odd: =?utf-8?q?d=C3=A9j=C3=A0_vu?=",
    },
    ["\\Flagged", "\\Seen"],
  );
  const both = await add(
    "cantine",
    4,
    {
      to: "cantine@bourg-fleuri.example",
      subject: "Menus",
      body: "x".repeat(3_000),
      headers: 'Content-Type: multipart/mixed; boundary="b"',
    },
    ["urgent"],
  );
  await setMessage(mail.deps, anna.access, both, { mailboxIds: [anna.mailboxes.inbox, anna.mailboxes.archive] });
  await add(
    "archive",
    5,
    { subject: "Ancien marché", body: `Longue pièce. ${"mot ".repeat(30_000)}` },
    [],
    anna.mailboxes.archive,
  );
  const other = await mail.createPerson("Bea");
  await mail.append(other, { subject: "Délibérations du conseil", body: "délibérations" });
});
after(() => mail.close());

async function find(filter: SearchFilter, options: Partial<SearchOptions> = {}): Promise<string[]> {
  const { ids } = await searchMessages(mail.store.read, anna.access, filter, { limit: 50, ...options });
  return ids.map((id) => names.get(id) ?? "somebody else's");
}

async function search(key: SearchKey): Promise<number[]> {
  return searchMailbox(mail.deps, anna.access, anna.mailboxes.inbox, key);
}

test("words are found by their French stem, without accents, from the beginning of the last one", async () => {
  for (const text of [
    "délibération",
    "DELIBERATIONS",
    "délib",
    "conseil délibérations",
    "budget",
    "ecole devis",
    "l'école",
  ]) {
    assert.ok((await find({ text })).includes("budget"), text);
  }
  assert.deepEqual(await find({ text: '"du conseil" -merci' }), ["budget"]);
  assert.deepEqual(await find({ text: "chaussée or menus" }), ["cantine", "voirie"]);
  assert.deepEqual(await find({ text: "menard" }), ["budget"]);
  assert.deepEqual(await find({ text: "prefecture" }), ["budget"]);
  assert.deepEqual(await find({ text: "inexistant" }), []);
});

test("whatever is typed is a search, never an error", async () => {
  for (const text of [
    "",
    " ",
    "'",
    "\\",
    "a'b",
    "((",
    '"',
    "- -",
    ":*",
    "x\\'",
    "&|!<>",
    "% _",
    "\0",
    "à la",
    "😀",
    "o'",
    "a".repeat(5_000),
  ]) {
    assert.ok(Array.isArray(await find({ text })), text);
    assert.ok(Array.isArray(await find({ body: text, from: text, subject: text })), text);
  }
});

test("a search of the body does not find what only stands in the header", async () => {
  assert.deepEqual(await find({ body: "conseil" }), []);
  assert.deepEqual(await find({ body: "budgétaires" }), ["budget"]);
});

test("conditions and operators narrow as they say", async () => {
  const { inbox, archive } = anna.mailboxes;
  assert.deepEqual(await find({ inMailbox: inbox }), ["cantine", "voirie", "reponse", "budget"]);
  assert.deepEqual(await find({ inMailboxOtherThan: [inbox] }), ["archive", "cantine"]);
  assert.deepEqual(await find({ inMailbox: inbox, notFlag: "\\Seen" }), ["cantine", "budget"]);
  assert.deepEqual(await find({ hasFlag: "\\Flagged" }), ["voirie"]);
  assert.deepEqual(await find({ hasFlag: "URGENT" }), ["cantine"]);
  assert.deepEqual(await find({ someInThreadHaveFlag: "\\Seen" }), ["voirie", "reponse", "budget"]);
  assert.deepEqual(await find({ inMailbox: inbox, allInThreadHaveFlag: "\\Seen" }), ["voirie"]);
  assert.deepEqual(await find({ after: new Date("2026-03-03T12:00:00Z"), before: new Date("2026-03-05T12:00:00Z") }), [
    "cantine",
    "voirie",
  ]);
  assert.deepEqual(await find({ minSize: 3_000, maxSize: 50_000 }), ["cantine"]);
  assert.deepEqual(await find({ from: "MENARD helene" }), ["budget"]);
  assert.deepEqual(await find({ to: "cantine@" }), ["cantine"]);
  assert.deepEqual(await find({ subject: "refection chaussee" }), ["voirie"]);
  assert.deepEqual(await find({ messageId: "budget@x" }), ["budget"]);
  assert.deepEqual(
    await find({
      operator: "AND",
      conditions: [
        { inMailbox: inbox },
        { operator: "NOT", conditions: [{ from: "paul" }, { subject: "menus" }] },
        { operator: "OR", conditions: [{ text: "noté" }, { inMailbox: archive }] },
      ],
    }),
    [],
  );
  assert.deepEqual(await find({ operator: "NOT", conditions: [{ inMailbox: inbox }] }), ["archive"]);
  assert.deepEqual(await find({ inMailbox: "nowhere" }), []);
  let deep: SearchFilter = { text: "x" };
  for (let n = 0; n < 30; n++) deep = { operator: "NOT", conditions: [deep] };
  await assert.rejects(find(deep), (error) => error instanceof DomainError && error.code === "invalid");
});

test("results are sorted, paged, counted, found again by anchor, and threads collapse to their first message", async () => {
  const inMailbox = anna.mailboxes.inbox;
  assert.deepEqual(await find({ inMailbox }, { collapseThreads: true }), ["cantine", "voirie", "reponse"]);
  const oldestFirst = [{ property: "receivedAt" as const, isAscending: true }];
  assert.deepEqual(await find({ inMailbox }, { collapseThreads: true, sort: oldestFirst }), [
    "budget",
    "voirie",
    "cantine",
  ]);
  assert.deepEqual(await find({ subject: "conseil" }, { collapseThreads: true }), ["reponse"]);
  assert.deepEqual(await find({ inMailbox }, { limit: 2, position: 1 }), ["voirie", "reponse"]);
  assert.deepEqual(await find({ inMailbox }, { limit: 9, position: -1 }), ["budget"]);
  assert.deepEqual(await find({}, { sort: [{ property: "subject", isAscending: true }, ...oldestFirst] }), [
    "archive",
    "budget",
    "reponse",
    "cantine",
    "voirie",
  ]);
  assert.deepEqual((await find({}, { sort: [{ property: "size", isAscending: false }] })).slice(0, 2), [
    "archive",
    "cantine",
  ]);
  const flagged = [{ property: "hasFlag" as const, flag: "\\Flagged", isAscending: false }, ...oldestFirst];
  assert.deepEqual((await find({}, { sort: flagged })).slice(0, 2), ["voirie", "budget"]);
  const [, voirie] = (await searchMessages(mail.store.read, anna.access, { inMailbox }, { limit: 9 })).ids;
  const page = await searchMessages(
    mail.store.read,
    anna.access,
    { inMailbox },
    {
      limit: 2,
      anchor: voirie!,
      anchorOffset: -1,
      calculateTotal: true,
    },
  );
  assert.deepEqual([page.position, page.total, page.ids.map((id) => names.get(id))], [0, 4, ["cantine", "voirie"]]);
  await assert.rejects(
    find({ inMailbox }, { anchor: "none" }),
    (error) => error instanceof DomainError && error.code === "not_found",
  );
});

test("IMAP finds exact substrings whatever their case, in decoded text", async () => {
  assert.deepEqual(await search({ key: "text", value: "ÉLIBÉRATIONS BUDG" }), [1]);
  assert.deepEqual(await search({ key: "text", value: "eliberations" }), []);
  assert.deepEqual(await search({ key: "body", value: "100% fin" }), [3]);
  assert.deepEqual(await search({ key: "body", value: "100_ fin" }), []);
  assert.deepEqual(await search({ key: "body", value: "chaussée" }), []);
  assert.deepEqual(await search({ key: "header", name: "Subject", value: "du conseil" }), [1, 2]);
  assert.deepEqual(await search({ key: "header", name: "from", value: "Hélène Ménard <h.men" }), [1]);
});

test("IMAP searches header fields that are not in columns, encoded words too", async () => {
  assert.deepEqual(await search({ key: "header", name: "List-ID", value: "travaux.bourg" }), [3]);
  assert.deepEqual(await search({ key: "header", name: "X-Odd", value: "Déjà" }), [3]);
  assert.deepEqual(await search({ key: "header", name: "X-Odd", value: "" }), [3]);
  assert.deepEqual(await search({ key: "not", of: { key: "header", name: "References", value: "" } }), [1, 3, 4]);
  assert.deepEqual(await search({ key: "text", value: "travaux.bourg.example" }), [3]);
  const archived = await searchMailbox(mail.deps, anna.access, anna.mailboxes.archive, {
    key: "text",
    value: "Message-ID: <",
  });
  assert.equal(archived.length, 2);
});

test("IMAP finds a Message-ID whole or in part", async () => {
  assert.deepEqual(await search({ key: "header", name: "Message-ID", value: "<budget@x>" }), [1]);
  assert.deepEqual(await search({ key: "header", name: "message-id", value: "UDGET@" }), [1]);
  assert.deepEqual(await search({ key: "header", name: "message-id", value: "<udget@x>" }), []);
});

test("IMAP combines flags, uids, sizes, dates and ids", async () => {
  assert.deepEqual(await search({ key: "flag", flag: "\\seen" }), [2, 3]);
  assert.deepEqual(await search({ key: "flag", flag: "Urgent" }), [4]);
  assert.deepEqual(
    await search({
      key: "uids",
      ranges: [
        { from: 1, to: 1 },
        { from: 3, to: Number.POSITIVE_INFINITY },
      ],
    }),
    [1, 3, 4],
  );
  assert.deepEqual(await search({ key: "uids", ranges: [] }), []);
  assert.deepEqual(
    await search({ key: "or", left: { key: "larger", bytes: 3_000 }, right: { key: "flag", flag: "\\Flagged" } }),
    [3, 4],
  );
  assert.deepEqual(await search({ key: "date", of: "internal", is: "on", date: "2026-03-02" }), [2]);
  assert.deepEqual(await search({ key: "date", of: "internal", is: "since", date: "2026-03-03" }), [3, 4]);
  assert.deepEqual(await search({ key: "date", of: "sent", is: "on", date: "2026-03-01" }), [1]);
  assert.deepEqual(await search({ key: "younger", seconds: 60 }), []);
  assert.deepEqual(await search({ key: "modseq", least: 1 }), [1, 2, 3, 4]);
  const [id] = [...names.keys()];
  assert.deepEqual(await search({ key: "emailid", id: id! }), [1]);
  assert.deepEqual(await search({ key: "threadid", id: "nonsense" }), []);
  assert.deepEqual(
    await search({ key: "and", keys: [{ key: "all" }, { key: "not", of: { key: "flag", flag: "\\Seen" } }] }),
    [1, 4],
  );
});

test("a message with NUL in its header does not stop a search of the headers", async () => {
  const person = await mail.createPerson("Nulle");
  await mail.append(person, { subject: "un", headers: "X-Nul: a\0b C:\\dossier" });
  await mail.append(person, { subject: "deux", headers: "X-Nul: c\r\nX-Mot: =?utf-8?q?d=C3=A9j=C3=A0_vu?=" });
  const found = (key: SearchKey) => searchMailbox(mail.deps, person.access, person.mailboxes.inbox, key);
  assert.deepEqual(await found({ key: "text", value: "x-nul: c" }), [2]);
  assert.deepEqual(await found({ key: "text", value: "x-mot: déjà vu" }), [2]);
  assert.deepEqual(await found({ key: "text", value: "C:\\dossier" }), [1]);
  assert.deepEqual(await found({ key: "header", name: "X-Nul", value: "" }), [1, 2]);
});
