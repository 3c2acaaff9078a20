import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type ImapSuite, type RawClient, startImapSuite } from "../../../test/harness/imap-suite.ts";
import type { Right } from "../../domain/access/account-access.ts";
import { grantAccount } from "../../domain/access/grant-account.ts";
import { addGroupMembers } from "../../domain/identity/add-group-members.ts";
import { createPrincipal } from "../../domain/identity/create-principal.ts";
import { setPersonalSeen } from "../../domain/mail/delegation/set-personal-seen.ts";

let suite: ImapSuite;
before(async () => {
  suite = await startImapSuite();
});
after(() => suite.close());

const message = "Subject: Permis de construire\r\nFrom: a@b.example\r\n\r\nBonjour\r\n";
const reader: readonly Right[] = ["read"];
const editor: readonly Right[] = ["read", "write", "delete"];
const result = (lines: string[]): string => lines.at(-1)!;
const flagsOf = async (client: RawClient, uid: number): Promise<string> =>
  /FLAGS \(([^)]*)\)/.exec((await client.run(`UID FETCH ${uid} FLAGS`)).join("\n"))?.[1] ?? "none";
const unseen = async (client: RawClient, name: string): Promise<number> =>
  Number(/UNSEEN (\d+)/.exec((await client.run(`STATUS "${name}" (UNSEEN)`)).join("\n"))?.[1]);

test("where \\Seen is personal, each has what they have read, in every way that asks for it", async () => {
  const [lea, tom] = [await suite.addPerson("Léa"), await suite.addPerson("Tom")];
  const shared = await suite.shareMailbox("Urbanisme", lea, editor);
  await suite.mail.store.transact((tx) => grantAccount(tx, shared, tom, reader));
  await setPersonalSeen(suite.mail.store, shared, true);
  const name = "Shared/Urbanisme/INBOX";
  const [hers, his] = [await suite.signIn(lea), await suite.signIn(tom)];
  for (let n = 0; n < 3; n++) await hers.append(name, message);
  await hers.run("ENABLE QRESYNC");
  await his.run("ENABLE QRESYNC");
  // What is recent, for one of them alone, is not what this is about.
  await hers.run(`SELECT ${name}`);
  await hers.run("UNSELECT");
  const selected = (await his.run(`SELECT ${name}`)).join("\n");
  assert.match(selected, /PERMANENTFLAGS \(\\Seen\)/);
  assert.match(selected, /\[READ-WRITE\]/);
  const before = Number(/HIGHESTMODSEQ (\d+)/.exec(selected)![1]);
  await hers.run(`SELECT ${name}`);
  assert.match(result(await hers.run("UID STORE 1:2 +FLAGS (\\Seen)")), /^OK/);
  assert.equal(await flagsOf(hers, 1), "\\Seen");
  assert.equal(await flagsOf(his, 1), "");
  assert.deepEqual([await unseen(hers, name), await unseen(his, name)], [1, 3]);
  assert.match((await hers.run("UID SEARCH UNSEEN")).join("\n"), /^\* SEARCH 3$/m);
  assert.match((await his.run("UID SEARCH UNSEEN")).join("\n"), /^\* SEARCH 1 2 3$/m);
  // What she marked is nothing that changed for him.
  assert.doesNotMatch((await his.run(`UID FETCH 1:* (FLAGS) (CHANGEDSINCE ${before})`)).join("\n"), /FETCH \(/);
  assert.match((await hers.run(`UID FETCH 1:* (FLAGS) (CHANGEDSINCE ${before})`)).join("\n"), /UID 2 FLAGS \(\\Seen\)/);
  // He may read only: his own \Seen is his, the other flags are not.
  assert.match(result(await his.run("UID STORE 3 +FLAGS (\\Seen \\Flagged)")), /^OK/);
  assert.deepEqual([await flagsOf(his, 3), await flagsOf(hers, 3)], ["\\Seen", ""]);
  assert.match(result(await his.run("UID STORE 3 +FLAGS (\\Flagged)")), /^NO \[NOPERM\]/);
  // A flag that all share arrives beside what is personal.
  await hers.run("UID STORE 3 +FLAGS (\\Flagged)");
  assert.deepEqual([await flagsOf(his, 3), await flagsOf(hers, 3)], ["\\Flagged \\Seen", "\\Flagged"]);
  // It follows the message into another mailbox, and an expunge counts right for both.
  assert.match(result(await hers.run("UID MOVE 1 Shared/Urbanisme/Archives")), /^OK/);
  assert.equal(await unseen(hers, "Shared/Urbanisme/Archives"), 0);
  assert.equal(await unseen(his, "Shared/Urbanisme/Archives"), 1);
  await hers.run("UID STORE 2 +FLAGS (\\Deleted)");
  await hers.run("EXPUNGE");
  assert.deepEqual([await unseen(hers, name), await unseen(his, name)], [1, 0]);
  // Without the option the flag of the copies is that of all again, and clients are told.
  const at = Number(/HIGHESTMODSEQ (\d+)/.exec((await his.run("STATUS INBOX (UNSEEN)")).join("\n"))?.[1] ?? before);
  await setPersonalSeen(suite.mail.store, shared, false);
  assert.equal(await unseen(his, name), 1);
  assert.match((await his.run(`UID FETCH 1:* (FLAGS) (CHANGEDSINCE ${at})`)).join("\n"), /UID 3 FLAGS \(\\Flagged\)/);
  hers.destroy();
  his.destroy();
});

test("a shared mailbox is opened as a login of its own with one's own app password, and by nobody else", async () => {
  const [lea, stranger] = [await suite.addPerson("Léa"), await suite.addPerson("Inconnu")];
  const shared = await suite.shareMailbox("Mairie", lea, editor);
  const { address } = await suite.mail.store.read
    .selectFrom("address")
    .select("address")
    .where("principal_id", "=", shared.principalId)
    .executeTakeFirstOrThrow();
  const client = await suite.connect();
  await client.readLine();
  assert.match(result(await client.run(`LOGIN ${address} ${lea.secret}`)), /^OK/);
  const list = (await client.run('LIST "" "*"')).join("\n");
  assert.match(list, /\\Sent\) "\/" "Envoy/);
  assert.doesNotMatch(list, /Shared/);
  assert.match((await client.run("NAMESPACE"))[0]!, /NAMESPACE \(\("" "\/"\)\) NIL NIL/);
  assert.match(result(await client.append("INBOX", message)), /^OK/);
  const hers = await suite.signIn(lea);
  assert.equal(await unseen(hers, "Shared/Mairie/INBOX"), 1);
  assert.equal(await unseen(hers, "INBOX"), 0);
  const other = await suite.connect();
  await other.readLine();
  assert.match(result(await other.run(`LOGIN ${address} ${stranger.secret}`)), /^NO \[AUTHENTICATIONFAILED\]/);
  await suite.mail.store.transact((tx) => grantAccount(tx, shared, lea, []));
  await client.readUntil(/^\* BYE/);
  for (const each of [client, hers, other]) each.destroy();
});

test("ACL gives, lists and takes rights in one mailbox, to people and groups, at once", async () => {
  const [owner, guest] = [await suite.addPerson("Directrice"), await suite.addPerson("Adjoint")];
  const [hers, his] = [await suite.signIn(owner), await suite.signIn(guest)];
  await hers.run("CREATE Projets/École");
  await hers.append("Projets/&AMk-cole", message);
  const box = '"Projets/&AMk-cole"';
  assert.match(result(await hers.run(`SETACL ${box} ${guest.address} lr`)), /^OK/);
  assert.deepEqual(
    (await hers.run(`GETACL ${box}`))[0],
    `* ACL ${box} "${owner.address}" lrswipkxteacd "${guest.address}" lrp`,
  );
  // Its parent is only there to hold it, and nothing else of the account is seen.
  const shared = (await his.run('LIST "" "Shared/*"')).slice(0, -1);
  assert.deepEqual(shared, [
    '* LIST (\\Noselect \\HasChildren) "/" "Shared/Directrice"',
    '* LIST (\\Noselect \\HasChildren) "/" "Shared/Directrice/Projets"',
    '* LIST (\\HasNoChildren) "/" "Shared/Directrice/Projets/&AMk-cole"',
  ]);
  const seen = '"Shared/Directrice/Projets/&AMk-cole"';
  assert.match((await his.run(`MYRIGHTS ${seen}`))[0]!, / lrp$/);
  assert.match(result(await his.run(`SELECT ${seen}`)), /^OK \[READ-ONLY\]/);
  assert.match(result(await his.run("SELECT Shared/Directrice/INBOX")), /^NO \[NONEXISTENT\]/);
  assert.match(result(await his.run(`GETACL ${seen}`)), /^NO \[NOPERM\]/);
  // While it is selected: tied rights come together, and go together.
  await his.run(`SELECT ${seen}`);
  assert.match(result(await hers.run(`SETACL ${box} ${guest.address} +w`)), /^OK/);
  assert.match((await his.run(`MYRIGHTS ${seen}`))[0]!, / lrp$/);
  assert.match(result(await hers.run(`SETACL ${box} ${guest.address} +swited`)), /^OK/);
  assert.match((await his.run(`MYRIGHTS ${seen}`))[0]!, / lrswipted$/);
  assert.match(result(await his.run(`SELECT ${seen}`)), /^OK \[READ-WRITE\]/);
  assert.match(result(await his.run("STORE 1 +FLAGS (\\Deleted)")), /^OK/);
  assert.match(result(await hers.run(`SETACL ${box} ${guest.address} -e`)), /^OK/);
  assert.match(result(await his.run("EXPUNGE")), /^NO \[NOPERM\]/);
  assert.match((await hers.run(`LISTRIGHTS ${box} ${guest.address}`))[0]!, / p lr swi ted kxc a$/);
  // What is made inside has the rights of what it is made in.
  await hers.run(`SETACL ${box} ${guest.address} lrkx`);
  assert.match(result(await his.run('CREATE "Shared/Directrice/Projets/&AMk-cole/Plans/2026"')), /^OK/);
  assert.match((await his.run('MYRIGHTS "Shared/Directrice/Projets/&AMk-cole/Plans/2026"'))[0]!, / lrpkxc$/);
  assert.match(result(await his.run('CREATE "Shared/Directrice/Projets/Autre"')), /^NO \[NOPERM\]/);
  // Who may administer gives no more than they have.
  await hers.run(`SETACL ${box} ${guest.address} lra`);
  const third = await suite.addPerson("Stagiaire");
  assert.match(result(await his.run(`SETACL ${seen} ${third.address} lrswi`)), /^NO \[NOPERM\]/);
  assert.match(result(await his.run(`SETACL ${seen} ${third.address} lr`)), /^OK/);
  assert.match(result(await hers.run(`DELETEACL ${box} ${guest.address}`)), /^OK/);
  await his.readUntil(/^\* BYE/);
  for (const [rights, identifier, answer] of [
    ["lr", "anyone", /^NO \[CANNOT\]/],
    ["lr", `-${third.address}`, /^NO \[CANNOT\]/],
    ["lr", "nobody@elsewhere.example", /^NO \[CANNOT\]/],
    ["lr", owner.address, /^NO/],
    ["lrZ", third.address, /^BAD/],
    ["lrn", third.address, /^BAD/],
  ] as const) {
    assert.match(result(await hers.run(`SETACL ${box} "${identifier}" ${rights}`)), answer, identifier);
  }
  const group = await suite.mail.store.transact((tx) =>
    createPrincipal(tx, suite.organization.organizationId, {
      kind: "group",
      displayName: "Élus",
      address: `elus@${suite.organization.domain}`,
      quotas: { mail: 0, files: 0 },
    }),
  );
  await suite.mail.store.transact((tx) => addGroupMembers(tx, group, [guest.principalId]));
  assert.match(result(await hers.run(`SETACL ${box} elus@${suite.organization.domain} lr`)), /^OK/);
  const again = await suite.signIn(guest);
  assert.match(result(await again.run(`SELECT ${seen}`)), /^OK \[READ-ONLY\]/);
  for (const each of [hers, again]) each.destroy();
});

test("METADATA keeps what is private and what is shared, by depth and size", async () => {
  const [lea, tom] = [await suite.addPerson("Léa"), await suite.addPerson("Tom")];
  const shared = await suite.shareMailbox("État civil", lea, editor);
  await suite.mail.store.transact((tx) => grantAccount(tx, shared, tom, reader));
  const [hers, his] = [await suite.signIn(lea), await suite.signIn(tom)];
  const box = '"Shared/&AMk-tat civil/INBOX"';
  const set = async (client: RawClient, values: string) => result(await client.run(`SETMETADATA ${box} (${values})`));
  const get = async (client: RawClient, words: string) =>
    (await client.run(`GETMETADATA ${words}`)).slice(0, -1).join("\n");
  assert.match(await set(hers, '/shared/comment "Actes" /private/comment {6+}\r\nsecret'), /^OK/);
  assert.equal(
    await get(hers, `${box} (/shared/comment /PRIVATE/Comment)`),
    `* METADATA ${box} (/shared/comment "Actes" /private/comment "secret")`,
  );
  assert.equal(
    await get(his, `${box} (/shared/comment /private/comment)`),
    `* METADATA ${box} (/shared/comment "Actes" /private/comment NIL)`,
  );
  assert.match(await set(his, '/shared/comment "x"'), /^NO \[NOPERM\]/);
  assert.match(await set(his, "/private/vendor/acme/a {2+}\r\n\xe9"), /^OK/);
  assert.match(await set(his, '/private/vendor/acme/a/b "2" /private/vendor/acme/a/b/c "three"'), /^OK/);
  assert.match(
    await get(his, `(DEPTH 1) ${box} /private/vendor/acme/a`),
    /a \{2\}\r\n.* \/private\/vendor\/acme\/a\/b "2"\)$/s,
  );
  assert.match(await get(his, `(DEPTH infinity) ${box} (/private/vendor)`), /c "three"\)$/);
  const cut = await his.run(`GETMETADATA (MAXSIZE 2 DEPTH infinity) ${box} (/private/vendor/acme/a/b)`);
  assert.match(cut[0]!, /\(\/private\/vendor\/acme\/a\/b "2"\)$/);
  assert.match(result(cut), /^OK \[METADATA LONGENTRIES 5\]/);
  assert.match(await set(his, "/private/vendor/acme/a NIL"), /^OK/);
  assert.match(await get(his, `${box} /private/vendor/acme/a`), /NIL\)$/);
  // The server's are each person's own.
  assert.match(result(await his.run('SETMETADATA "" (/private/comment "moi")')), /^OK/);
  assert.match(await get(his, '"" /private/comment'), /^\* METADATA "" \(\/private\/comment "moi"\)$/);
  assert.match(await get(hers, '"" /private/comment'), /NIL\)$/);
  assert.match(result(await his.run('SETMETADATA "" (/shared/comment "x")')), /^NO \[NOPERM\]/);
  assert.match(
    result(await his.run(`SETMETADATA INBOX (/private/comment {70000+}\r\n${"x".repeat(70_000)})`)),
    /^NO \[METADATA MAXSIZE 65536\]/,
  );
  const many = Array.from({ length: 60 }, (_, n) => `/private/vendor/acme/${n} "v"`).join(" ");
  assert.match(result(await his.run(`SETMETADATA INBOX (${many})`)), /^OK/);
  assert.match(
    result(await his.run(`SETMETADATA INBOX (${many.replaceAll("acme", "other")})`)),
    /^NO \[METADATA TOOMANY\]/,
  );
  for (const entry of [
    "/comment",
    "/private",
    "/private/",
    "/shared//a",
    "/private/a*",
    "/private/a%",
    "/public/a",
    '""',
  ]) {
    assert.match(result(await his.run(`SETMETADATA INBOX (${entry} "x")`)), /^BAD/, entry);
  }
  // RFC 6154: the special use of one's own mailboxes.
  await hers.run("CREATE Modeles");
  assert.match(result(await hers.run('SETMETADATA Modeles (/private/specialuse "\\\\Drafts")')), /^NO \[USEATTR\]/);
  assert.match(await get(hers, "Archives /private/specialuse"), /"\\\\Archive"\)$/);
  assert.match(result(await hers.run("SETMETADATA Archives (/private/specialuse NIL)")), /^OK/);
  assert.match(result(await hers.run('SETMETADATA Modeles (/private/specialuse "\\\\Archive")')), /^OK/);
  assert.match((await hers.run('LIST "" Modeles'))[0]!, /\\Archive/);
  hers.destroy();
  his.destroy();
});
