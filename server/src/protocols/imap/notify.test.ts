import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type ImapSuite, type MailPerson, type RawClient, startImapSuite } from "../../../test/harness/imap-suite.ts";
import { grantAccount } from "../../domain/access/grant-account.ts";

let suite: ImapSuite;
before(async () => {
  suite = await startImapSuite();
});
after(() => suite.close());

const message = "Subject: Conseil\r\nFrom: a@b.example\r\n\r\nBonjour\r\n";
const result = (lines: string[]): string => lines.at(-1)!;

/** A client that asks for notifications, and another of the same person that makes things happen. */
async function pair(person?: MailPerson): Promise<{ client: RawClient; other: RawClient; person: MailPerson }> {
  const who = person ?? (await suite.addPerson());
  return { client: await suite.signIn(who), other: await suite.signIn(who), person: who };
}

test("what is not selected is told by STATUS, LIST and METADATA, without a command or IDLE", async () => {
  const { client, other } = await pair();
  await other.run("CREATE Travail/Factures");
  const begun = await client.run(
    "NOTIFY SET STATUS (selected-delayed (MessageNew MessageExpunge)) (mailboxes Travail NONE) (personal (MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange MailboxMetadataChange ServerMetadataChange))",
  );
  assert.match(result(begun), /^OK/);
  assert.equal(
    begun.filter((line) => /^\* STATUS "INBOX" \(MESSAGES 0 UIDNEXT 1 UIDVALIDITY \d+\)$/.test(line)).length,
    1,
  );
  assert.equal(begun.filter((line) => line.includes('STATUS "Travail" ')).length, 0);
  await other.append("Travail/Factures", message);
  assert.match(
    (await client.readUntil(/STATUS/)).at(-1)!,
    /^\* STATUS "Travail\/Factures" \(MESSAGES 1 UIDNEXT 2 UIDVALIDITY \d+ UNSEEN 1\)$/,
  );
  await other.run("SELECT Travail/Factures");
  await other.run("STORE 1 +FLAGS (\\Seen)");
  assert.match((await client.readUntil(/STATUS/)).at(-1)!, /UNSEEN 0\)$/);
  await other.run("STORE 1 +FLAGS (\\Deleted)");
  await other.run("EXPUNGE");
  assert.match((await client.readUntil(/STATUS/)).at(-1)!, /MESSAGES 0 UIDNEXT 2/);
  await other.run("CREATE Nouveau");
  assert.match((await client.readUntil(/LIST/)).at(-1)!, /^\* LIST \([^)]*\) "\/" "Nouveau"$/);
  await other.run("UNSUBSCRIBE Nouveau");
  await other.run("SUBSCRIBE Nouveau");
  assert.equal((await client.readUntil(/LIST \(\\Subscribed/)).at(-1), '* LIST (\\Subscribed) "/" "Nouveau"');
  // The subscription goes with the mailbox.
  await other.run("RENAME Nouveau Ancien");
  assert.equal((await client.readUntil(/LIST/)).at(-1), '* LIST (\\Subscribed) "/" "Ancien" ("OLDNAME" ("Nouveau"))');
  await other.run("DELETE Ancien");
  assert.equal((await client.readUntil(/LIST/)).at(-1), '* LIST (\\NonExistent) "/" "Ancien"');
  await other.run('SETMETADATA INBOX (/private/comment "x")');
  assert.equal((await client.readUntil(/METADATA/)).at(-1), '* METADATA "INBOX" /private/comment');
  await other.run('SETMETADATA "" (/private/comment "x")');
  assert.equal((await client.readUntil(/METADATA/)).at(-1), '* METADATA "" /private/comment');
  // NONE before the group that names it too: nothing of it, though something later is told.
  await other.append("Travail", message);
  await other.append("Archives", message);
  assert.match((await client.readUntil(/STATUS/)).join("\n"), /^\* STATUS "Archives"[^\n]*$/);
  assert.match(result(await client.run("NOTIFY NONE")), /^OK/);
  await other.append("Archives", message);
  await other.run("NOOP");
  assert.equal((await client.run("CAPABILITY")).filter((line) => line.includes('STATUS "')).length, 0);
  client.destroy();
  other.destroy();
});

test("of the selected mailbox new messages come with what was asked of them, and expunges at once or later", async () => {
  const { client, other } = await pair();
  await other.append("INBOX", message);
  await client.run("SELECT INBOX");
  await client.run(
    "NOTIFY SET (selected-delayed (MessageNew (FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)]) MessageExpunge FlagChange))",
  );
  await other.append("INBOX", message);
  const told = await client.readUntil(/FETCH/);
  assert.match(
    told.join("\n"),
    /^\* 2 EXISTS\n\* 2 RECENT\n\* 2 FETCH \(UID 2 FLAGS \(\\Recent\) BODY\[HEADER.FIELDS \(SUBJECT\)\] \{\d+\}\r\nSubject: Conseil/,
  );
  await other.run("SELECT INBOX");
  await other.run("UID STORE 1 +FLAGS.SILENT (\\Deleted)");
  assert.match((await client.readUntil(/FETCH/)).at(-1)!, /^\* 1 FETCH \(UID 1 FLAGS \(\\Deleted \\Recent\)\)$/);
  await other.run("EXPUNGE");
  await other.run("UID STORE 2 +FLAGS.SILENT (\\Flagged)");
  // The flags of the other message have the number it had before the expunge, which is told only by a command that may.
  assert.match((await client.readUntil(/FETCH/)).join("\n"), /^\* 2 FETCH \(UID 2 FLAGS \(\\Flagged \\Recent\)\)$/);
  assert.deepEqual((await client.run("NOOP")).slice(0, -1), ["* 1 EXPUNGE", "* 1 RECENT"]);
  await client.run("NOTIFY SET (selected (MessageNew MessageExpunge))");
  await other.append("INBOX", message);
  await client.readUntil(/^\* 2 EXISTS/);
  await other.run("UID STORE 3 +FLAGS.SILENT (\\Deleted)");
  await other.run("EXPUNGE");
  assert.equal((await client.readUntil(/EXPUNGE/)).at(-1), "* 2 EXPUNGE");
  // With IDLE: the same; without a group for the selected mailbox nothing is told of it.
  await client.run("NOTIFY SET (mailboxes Archives (MessageNew MessageExpunge))");
  client.send("i IDLE\r\n");
  await client.readUntil(/^\+/);
  await other.append("INBOX", message);
  await other.append("Archives", message);
  assert.match((await client.readUntil(/STATUS/)).join("\n"), /^\* STATUS "Archives"[^\n]*$/);
  client.send("DONE\r\n");
  await client.readUntil(/^i OK/);
  client.destroy();
  other.destroy();
});

test("mailboxes that somebody shares or takes back appear and disappear by name", async () => {
  const { client, person } = await pair();
  await client.run("NOTIFY SET (subtree Shared (MailboxName MessageNew MessageExpunge))");
  const shared = await suite.shareMailbox("Cantine", person, ["read"]);
  assert.match((await client.readUntil(/"Shared\/Cantine\/INBOX"/)).at(-1)!, /^\* LIST \(\\Subscribed\)/);
  await suite.mail.store.transact((tx) => grantAccount(tx, shared, person, []));
  assert.match((await client.readUntil(/"Shared\/Cantine\/INBOX"/)).at(-1)!, /^\* LIST \(\\NonExistent\)/);
  client.destroy();
});

test("what cannot be asked is refused", async () => {
  const { client, other } = await pair();
  for (const [command, answer] of [
    ["NOTIFY", /^BAD/],
    ["NOTIFY SET", /^BAD/],
    ["NOTIFY MAYBE", /^BAD/],
    ["NOTIFY SET (personal (MessageNew))", /^BAD/],
    ["NOTIFY SET (personal (FlagChange))", /^BAD/],
    ["NOTIFY SET (selected (MailboxName))", /^BAD/],
    ["NOTIFY SET (personal (MessageNew (UID) MessageExpunge))", /^BAD/],
    ["NOTIFY SET (selected (MessageNew MessageExpunge)) (selected-delayed (MessageNew MessageExpunge))", /^BAD/],
    ["NOTIFY SET (subtree () (MailboxName))", /^BAD/],
    ["NOTIFY SET (everything (MailboxName))", /^BAD/],
    [
      "NOTIFY SET (personal (MessageNew MessageExpunge AnnotationChange))",
      /^NO \[BADEVENT \(MessageNew MessageExpunge FlagChange /,
    ],
    ["NOTIFY SET (personal NONE)", /^OK/],
    ["NOTIFY NONE", /^OK/],
  ] as const) {
    assert.match(result(await client.run(command)), answer, command);
    await client.run("NOOP");
  }
  client.destroy();
  other.destroy();
});
