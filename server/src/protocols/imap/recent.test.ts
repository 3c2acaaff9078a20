import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type ImapSuite, type RawClient, sampleMessage, startImapSuite } from "../../../test/harness/imap-suite.ts";
import { grantAccount } from "../../domain/access/grant-account.ts";

let suite: ImapSuite;

before(async () => {
  suite = await startImapSuite();
});
after(() => suite.close());

const result = (lines: string[]) => lines.at(-1) ?? "";

/** Two clients of one person, with this many messages in INBOX, not yet selected. */
async function pairWith(messages: number): Promise<[RawClient, RawClient]> {
  const person = await suite.addPerson();
  const pair: [RawClient, RawClient] = [await suite.signIn(person), await suite.signIn(person)];
  for (let number = 1; number <= messages; number += 1) await pair[0].append("INBOX", sampleMessage(`m${number}`));
  return pair;
}

async function recentOf(client: RawClient, command: string): Promise<number> {
  const line = (await client.run(command)).find((each) => each.endsWith(" RECENT"));
  return Number(/^\* (\d+) RECENT$/.exec(line ?? "")?.[1]);
}

async function flags(client: RawClient, set = "1:*"): Promise<string[]> {
  const lines = await client.run(`FETCH ${set} FLAGS`);
  return lines.slice(0, -1).map((line) => /FLAGS \(([^)]*)\)/.exec(line)?.[1] ?? "none");
}

test("The first session that selects a mailbox has its messages recent, until it selects it again", async () => {
  const [first, second] = await pairWith(2);
  assert.equal((await first.run("STATUS INBOX (RECENT)"))[0], '* STATUS "INBOX" (RECENT 2)');
  const selected = (await first.run("SELECT INBOX")).join("\n");
  assert.match(selected, /^\* 2 RECENT$/m);
  assert.match(selected, /PERMANENTFLAGS \([^)]*\\\*\)/);
  assert.doesNotMatch(selected, /\\Recent/);
  assert.deepEqual(await flags(first), ["\\Recent", "\\Recent"]);
  assert.equal(await recentOf(second, "SELECT INBOX"), 0);
  assert.deepEqual(await flags(second), ["", ""]);
  // A session of its own begins with each SELECT (RFC 3501, definition of "session").
  assert.equal(await recentOf(first, "SELECT INBOX"), 0);
  for (const each of [first, second]) each.destroy();
});

test("EXAMINE shows what is recent and takes it from nobody", async () => {
  const [first, second] = await pairWith(2);
  assert.equal(await recentOf(first, "EXAMINE INBOX"), 2);
  assert.deepEqual(await flags(first), ["\\Recent", "\\Recent"]);
  assert.equal(await recentOf(first, "EXAMINE INBOX"), 2);
  assert.equal((await second.run("STATUS INBOX (RECENT)"))[0], '* STATUS "INBOX" (RECENT 2)');
  await second.append("INBOX", sampleMessage("while examined"));
  assert.deepEqual((await first.run("NOOP")).slice(0, -1), ["* 3 EXISTS", "* 3 RECENT"]);
  assert.equal((await first.run("STATUS INBOX (RECENT)"))[0], '* STATUS "INBOX" (RECENT 3)');
  assert.equal(await recentOf(second, "SELECT INBOX"), 3);
  // Still the session's own: the flag does not change while the mailbox is selected.
  assert.deepEqual(await flags(first), ["\\Recent", "\\Recent", "\\Recent"]);
  assert.equal(await recentOf(first, "EXAMINE INBOX"), 0);
  for (const each of [first, second]) each.destroy();
});

test("Those who may change nothing in a shared mailbox leave to others what is recent", async () => {
  const [editor, reader] = [await suite.addPerson(), await suite.addPerson()];
  const shared = await suite.shareMailbox("Accueil", editor, ["read", "write", "delete"]);

  await suite.mail.store.transact((tx) => grantAccount(tx, shared, reader, ["read"]));
  const [hers, his] = [await suite.signIn(editor), await suite.signIn(reader)];
  await hers.append("Shared/Accueil/INBOX", sampleMessage("shared"));
  const selected = await his.run("SELECT Shared/Accueil/INBOX");
  assert.match(result(selected), /READ-ONLY/);
  assert.ok(selected.includes("* 1 RECENT"));
  assert.equal(await recentOf(hers, "SELECT Shared/Accueil/INBOX"), 1);
  for (const each of [hers, his]) each.destroy();
});

test("What arrives is recent for the session that is told first, and each EXISTS brings the count", async () => {
  const [first, second] = await pairWith(1);
  await first.run("SELECT INBOX");
  await second.run("SELECT INBOX");
  first.send("i IDLE\r\n");
  await first.readUntil(/^\+ /);
  // Told within its own command: whether first hears of it before is open, and exactly one has it.
  const told = await second.append("INBOX", sampleMessage("two"));
  const hers = Number(/^\* (\d+) RECENT$/m.exec(told.join("\n"))?.[1]);
  const [, line] = await first.readUntil(/RECENT$/);
  const his = Number(/^\* (\d+) RECENT$/.exec(line!)?.[1]);
  assert.equal(hers + his, 2);
  first.send("DONE\r\n");
  await first.readUntil(/^i OK/);
  assert.deepEqual(await flags(first), ["\\Recent", his === 2 ? "\\Recent" : ""]);
  assert.deepEqual(await flags(second), ["", hers === 1 ? "\\Recent" : ""]);
  assert.equal((await first.run("STATUS INBOX (RECENT)"))[0], `* STATUS "INBOX" (RECENT ${his})`);
  for (const each of [first, second]) each.destroy();
});

test("Of many sessions that select and wait at once, each message is recent for exactly one", async () => {
  const person = await suite.addPerson();
  const sender = await suite.signIn(person);
  for (let number = 0; number < 5; number += 1) await sender.append("INBOX", sampleMessage(`m${number}`));
  const clients = await Promise.all(Array.from({ length: 6 }, () => suite.signIn(person)));
  const counts = await Promise.all(clients.map((client) => recentOf(client, "SELECT INBOX")));
  assert.equal(
    counts.reduce((sum, count) => sum + count, 0),
    5,
  );
  const told = clients.map(async (client) => {
    client.send("i IDLE\r\n");
    await client.readUntil(/^\* 25 EXISTS/);
    await client.readUntil(/RECENT$/);
    client.send("DONE\r\n");
    await client.readUntil(/^i OK/);
    return flags(client);
  });
  for (let number = 5; number < 25; number += 1) await sender.append("INBOX", sampleMessage(`m${number}`));
  const owners = new Array<number>(25).fill(0);
  for (const all of await Promise.all(told)) {
    assert.equal(all.length, 25);
    for (const [index, each] of all.entries()) owners[index]! += each === "\\Recent" ? 1 : 0;
  }
  assert.deepEqual(owners, new Array<number>(25).fill(1));
  for (const each of [sender, ...clients]) each.destroy();
});

test("SEARCH, SORT and THREAD find what is recent, new and old for this session", async () => {
  const [client, other] = await pairWith(2);
  await other.run("SELECT INBOX");
  await other.run("UNSELECT");
  for (const subject of ["m3", "m4"]) await other.append("INBOX", sampleMessage(subject));
  await client.run("SELECT INBOX");
  await client.run("STORE 3 +FLAGS.SILENT (\\Seen)");
  assert.equal((await client.run("SEARCH RECENT"))[0], "* SEARCH 3 4");
  assert.equal((await client.run("SEARCH NEW"))[0], "* SEARCH 4");
  assert.equal((await client.run("SEARCH OLD"))[0], "* SEARCH 1 2");
  assert.equal((await client.run("UID SEARCH OR OLD SEEN NOT 1"))[0], "* SEARCH 2 3");
  assert.match((await client.run("SEARCH RETURN (COUNT) RECENT"))[0]!, / COUNT 2$/);
  assert.equal((await client.run("SORT (REVERSE ARRIVAL) UTF-8 RECENT"))[0], "* SORT 4 3");
  assert.equal((await client.run("THREAD ORDEREDSUBJECT UTF-8 NEW"))[0], "* THREAD (4)");
  await other.run("SELECT INBOX");
  assert.equal((await other.run("SEARCH RECENT"))[0], "* SEARCH");
  assert.equal((await other.run("SEARCH OLD"))[0], "* SEARCH 1 2 3 4");
  for (const each of [client, other]) each.destroy();
});

test("The client cannot set or clear it, copies have it, and it moves no modseq", async () => {
  const [client, other] = await pairWith(2);
  await other.run("SELECT INBOX");
  await client.run("SELECT INBOX");
  const modseq = (await client.run("STATUS INBOX (HIGHESTMODSEQ)")).find((line) => line.includes("STATUS"));
  assert.match(result(await client.run("STORE 1 +FLAGS (\\Recent)")), /^OK/);
  assert.match(result(await other.run("STORE 1 -FLAGS (\\Recent)")), /^OK/);
  assert.equal((await client.run("STATUS INBOX (HIGHESTMODSEQ)")).at(0), modseq);
  assert.deepEqual(await flags(client), ["", ""]);
  await other.run("STORE 1 FLAGS (\\Flagged)");
  assert.deepEqual(await flags(other), ["\\Flagged \\Recent", "\\Recent"]);
  assert.match(result(await other.run("COPY 1 Archives")), /^OK/);
  const message = sampleMessage("appended");
  assert.match(result(await other.run(`APPEND Archives (\\Seen \\Recent) {${message.length}+}\r\n${message}`)), /^OK/);
  assert.equal(await recentOf(client, "SELECT Archives"), 2);
  assert.deepEqual(await flags(client), ["\\Flagged \\Recent", "\\Seen \\Recent"]);
  for (const each of [client, other]) each.destroy();
});

test("A session that has IMAP4rev2 sees none of it, and takes it from nobody", async () => {
  const [modern, other] = await pairWith(2);
  await modern.run("ENABLE IMAP4rev2");
  for (const command of ["SELECT INBOX", "EXAMINE INBOX", "SELECT INBOX"]) {
    assert.doesNotMatch((await modern.run(command)).join("\n"), /RECENT/i);
  }
  assert.deepEqual(await flags(modern), ["", ""]);
  assert.match((await modern.run("STATUS INBOX (RECENT)"))[0]!, /\(RECENT 0\)$/);
  assert.match((await modern.run("SEARCH RETURN (COUNT) RECENT"))[0]!, / COUNT 0$/);
  assert.doesNotMatch((await modern.append("INBOX", sampleMessage("three"))).join("\n"), /RECENT/i);
  assert.equal(await recentOf(other, "SELECT INBOX"), 3);
  await other.run("ENABLE IMAP4rev2");
  assert.deepEqual(await flags(other), ["", "", ""]);
  for (const each of [modern, other]) each.destroy();
});

test("RECENT is told again when a recent message is expunged, and not when another is", async () => {
  const [client, other] = await pairWith(1);
  await client.run("SELECT INBOX");
  await client.run("UNSELECT");
  for (const subject of ["m2", "m3"]) await client.append("INBOX", sampleMessage(subject));
  await client.run("SELECT INBOX");
  await other.run("SELECT INBOX");
  await other.run("STORE 1:2 +FLAGS.SILENT (\\Deleted)");
  await other.run("UID EXPUNGE 1");
  assert.deepEqual(
    (await client.run("NOOP")).filter((line) => !line.includes("FETCH")),
    ["* 1 EXPUNGE", "OK Nothing done."],
  );
  await other.run("UID EXPUNGE 2");
  assert.deepEqual(await client.run("NOOP"), ["* 1 EXPUNGE", "* 1 RECENT", "OK Nothing done."]);
  for (const each of [client, other]) each.destroy();
});

test("QRESYNC tells the flags of what changed with it", async () => {
  const [client, other] = await pairWith(2);
  const selected = (await other.run("EXAMINE INBOX")).join("\n");
  const [, uidvalidity, modseq] = /UIDVALIDITY (\d+)[\s\S]*HIGHESTMODSEQ (\d+)/.exec(selected) ?? [];
  await other.run("UNSELECT");
  await other.append("INBOX", sampleMessage("m3"));
  await client.run("ENABLE QRESYNC");
  const back = await client.run(`SELECT INBOX (QRESYNC (${uidvalidity} ${modseq}))`);
  assert.ok(back.includes("* 3 RECENT"), back.join("\n"));
  assert.match(back.at(-2)!, /^\* 3 FETCH \(UID 3 FLAGS \(\\Recent\) MODSEQ \(\d+\)\)$/);
  for (const each of [client, other]) each.destroy();
});

test("Where nothing is recent nothing is written: neither by SELECT nor by NOOP, IDLE or changed flags", async (t) => {
  const [client, other] = await pairWith(2);
  await client.run("SELECT INBOX");
  await other.run("SELECT INBOX");
  const written = t.mock.method(suite.mail.store, "transact");
  await client.run("SELECT INBOX");
  await client.run("EXAMINE INBOX");
  await client.run("NOOP");
  await client.run("SELECT INBOX");
  await client.run("STATUS INBOX (RECENT)");
  assert.equal(written.mock.callCount(), 0);
  await other.run("STORE 1 +FLAGS (\\Seen)");
  assert.equal(written.mock.callCount(), 1);
  assert.match((await client.run("NOOP"))[0]!, /^\* 1 FETCH/);
  assert.equal(written.mock.callCount(), 1);
  for (const each of [client, other]) each.destroy();
});
