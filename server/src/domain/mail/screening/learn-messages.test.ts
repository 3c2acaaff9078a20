import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { sql } from "kysely";
import { type ImapSuite, type MailPerson, sampleMessage, startImapSuite } from "../../../../test/harness/imap-suite.ts";
import { consumeOne } from "../../../store/outbox/outbox.ts";
import { openOwnAccount } from "../../access/account-access.ts";
import { loadViewer } from "../../identity/load-viewer.ts";
import { appendMessage } from "../append-messages.ts";
import { copyMessages } from "../copy-messages.ts";
import { readAccountRoutes } from "../delivery/read-account-routes.ts";
import { listMailboxes } from "../list-mailboxes.ts";
import { moveMessages } from "../move-messages.ts";
import { setMessage } from "../set-messages.ts";
import { stageBytes } from "../stage-message.ts";
import { classifyMessage, organizationMemory } from "./classify-message.ts";
import { extractFeatures, hashFeatures } from "./extract-features.ts";
import { trainingHandler } from "./learn-messages.ts";
import { purgeLearned } from "./purge-learned.ts";
import { trainingTopic } from "./training-order.ts";

let suite: ImapSuite;
before(async () => {
  suite = await startImapSuite();
});
after(() => suite.close());

async function open(person: MailPerson) {
  const { store } = suite.mail;
  const access = await openOwnAccount(store.read, await loadViewer(store.read, person));
  const mailboxes = await listMailboxes(store.read, access);
  const id = (role: string) => mailboxes.find((each) => each.role === role)!.id;
  const append = async (text: string, role = "inbox") =>
    appendMessage(suite.mail, access, {
      ...(await stageBytes(suite.mail, Buffer.from(text))),
      mailboxId: id(role),
      flags: [],
      receivedAt: new Date(),
    });
  const move = (uid: number, from: string, to: string) =>
    moveMessages(suite.mail, access, { fromMailboxId: id(from), toMailboxId: id(to), uids: [uid] });
  return { access, id, append, move };
}

async function train(): Promise<number> {
  for (let rows = 0; ; rows++) {
    const { outcome, error } = await consumeOne(suite.mail.store, { [trainingTopic]: trainingHandler(suite.mail) });
    if (outcome === "empty") return rows;
    assert.equal(outcome, "done", String(error));
  }
}

async function learned(accountId: string) {
  const { rows } = await sql<{ spam: number; ham: number; tokens: number; sum: number }>`
    SELECT c.spam, c.ham, (SELECT count(*)::int FROM spam_token t WHERE t.account_id = c.account_id AND t.spam + t.ham > 0) AS tokens,
      (SELECT coalesce(sum(t.spam - t.ham), 0)::int FROM spam_token t WHERE t.account_id = c.account_id) AS sum
    FROM spam_corpus c WHERE c.account_id = ${accountId}`.execute(suite.mail.store.read);
  return rows[0];
}

test("a message moved to Junk is learned once, and taken back when it is moved out", async () => {
  const person = await suite.addPerson();
  const { append, move } = await open(person);
  const { uid } = await append(sampleMessage("Gagnez un voyage"));
  assert.equal(await train(), 0, "what arrives teaches nothing");
  const moved = await move(uid, "inbox", "junk");
  assert.equal(await train(), 1);
  const spam = (await learned(person.accountId))!;
  assert.deepEqual([spam.spam, spam.ham], [1, 0]);
  assert.ok(spam.tokens > 5 && spam.sum === spam.tokens);
  assert.deepEqual(await learned(organizationMemory), spam);

  const back = await move(moved.pairs[0]![1], "junk", "inbox");
  await train();
  const ham = (await learned(person.accountId))!;
  assert.deepEqual([ham.spam, ham.ham, ham.sum], [0, 1, -ham.tokens]);
  const again = await move(back.pairs[0]![1], "inbox", "junk");
  await move(again.pairs[0]![1], "junk", "trash");
  assert.equal(await train(), 1, "throwing spam away says nothing new");
  assert.deepEqual(await learned(person.accountId), spam);
});

test("copying into Junk, appending there and JMAP's change of mailboxes teach as moving does", async () => {
  const person = await suite.addPerson();
  const { access, id, append } = await open(person);
  const first = await append(sampleMessage("Un"));
  await copyMessages(suite.mail, access, { fromMailboxId: id("inbox"), toMailboxId: id("junk"), uids: [first.uid] });
  await append(sampleMessage("Deux"), "junk");
  const third = await append(sampleMessage("Trois"));
  await setMessage(suite.mail, access, third.messageId, { mailboxIds: [id("junk")] });
  await train();
  assert.equal((await learned(person.accountId))?.spam, 3);
  await setMessage(suite.mail, access, third.messageId, { mailboxIds: [id("archive")] });
  await train();
  const counts = await learned(person.accountId);
  assert.deepEqual([counts?.spam, counts?.ham], [2, 1]);
});

test("IMAP's MOVE of many messages is learned in several rows, each message once", async () => {
  const person = await suite.addPerson();
  const client = await suite.signIn(person);
  for (let n = 0; n < 45; n++) await client.append("INBOX", sampleMessage(`Promotion ${n}`));
  await client.run("SELECT INBOX");
  const listed = await client.run('LIST (SPECIAL-USE) "" "*" RETURN (SPECIAL-USE)');
  const junk = /\\Junk\) "\/" (.+)$/.exec(listed.find((line) => line.includes("\\Junk")) ?? "")?.[1];
  assert.match((await client.run(`UID MOVE 1:* ${junk}`)).at(-1)!, /^OK/);
  assert.equal(await train(), 3);
  assert.equal((await learned(person.accountId))?.spam, 45);
});

test("trainers of one organization at the same time do not wait for each other in a circle", async () => {
  const people = await Promise.all([1, 2, 3, 4].map((n) => suite.addPerson(`Personne ${n}`)));
  for (const person of people) {
    const { append, move } = await open(person);
    for (let n = 0; n < 3; n++) await move((await append(sampleMessage(`Commun ${n}`))).uid, "inbox", "junk");
  }
  await Promise.all([train(), train(), train(), train()]);
  for (const person of people) assert.equal((await learned(person.accountId))?.spam, 3);
});

test("the classifier is silent until it has learned enough, then tells spam from mail, and a person's view weighs more", async () => {
  const { store } = suite.mail;
  await sql`TRUNCATE spam_token, spam_corpus, spam_training`.execute(store.read as never);
  const [ann, bob] = [await suite.addPerson("Ann"), await suite.addPerson("Bob")];
  const spamText = (n: number) =>
    sampleMessage(`Offre exclusive ${n}`, `Gagnez de l’argent, cliquez http://casino${n}.example/ bonus ${n}\r\n`);
  const hamText = (n: number) =>
    sampleMessage(`Conseil municipal ${n}`, `La délibération ${n} du budget est jointe, la séance aura lieu lundi\r\n`);
  const { append, move } = await open(ann);
  const tokens = async (text: string) => {
    const bytes = Buffer.from(text);
    const { root } = await suite.mail.analyze(bytes);
    return hashFeatures(await extractFeatures({ root, read: async (start, end) => bytes.subarray(start, end) }));
  };
  const score = async (person: MailPerson, text: string) => {
    const account = { organizationId: suite.organization.organizationId, accountId: person.accountId };
    const { corpora } = (await readAccountRoutes(store.read, [account])).get(person.accountId)!;
    return classifyMessage(store.read, account, 5, corpora, () => tokens(text));
  };

  for (let n = 0; n < 4; n++) {
    await move((await append(spamText(n))).uid, "inbox", "junk");
    await move((await append(hamText(n))).uid, "inbox", "archive");
  }
  await train();
  assert.equal(await score(ann, spamText(9)), undefined);
  for (let n = 4; n < 8; n++) {
    await move((await append(spamText(n))).uid, "inbox", "junk");
    await move((await append(hamText(n))).uid, "inbox", "archive");
  }
  await train();
  assert.ok((await score(bob, spamText(9)))! > 0.95);
  assert.ok((await score(bob, hamText(9)))! < 0.05);

  // Bob runs the casino.
  const his = await open(bob);
  for (let n = 20; n < 26; n++) await his.move((await his.append(spamText(n))).uid, "inbox", "archive");
  await train();
  const [forHim, forHer] = [(await score(bob, spamText(9)))!, (await score(ann, spamText(9)))!];
  assert.ok(forHim < 0.8, `${forHim}`);
  assert.ok(forHer > 0.95, `${forHer}`);
});

test("rare tokens of long ago are forgotten, those in use stay", async () => {
  const { store } = suite.mail;
  const organizationId = suite.organization.organizationId;
  await store.transact((tx) =>
    sql`INSERT INTO spam_token (organization_id, account_id, token, spam, ham, last_learned_on) VALUES
      (${organizationId}, ${organizationMemory}, 1, 1, 0, current_date - 70), (${organizationId}, ${organizationMemory}, 2, 9, 0, current_date - 70),
      (${organizationId}, ${organizationMemory}, 3, 1, 0, current_date - 5), (${organizationId}, ${organizationMemory}, 4, 90, 0, current_date - 500)`.execute(
      tx,
    ),
  );
  assert.equal(await purgeLearned(store), 2);
  const { rows } = await sql<{ token: string }>`
    SELECT token::text FROM spam_token WHERE token BETWEEN 1 AND 4 ORDER BY token`.execute(store.read);
  assert.deepEqual(
    rows.map((row) => row.token),
    ["2", "3"],
  );
});
