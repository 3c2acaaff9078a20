import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { sql } from "kysely";
import { type MailFixture, type MailPerson, openMailFixture } from "../../../../test/harness/mail-fixture.ts";
import { findMailFaults } from "../../../../test/harness/mail-invariants.ts";
import { type MailRouting, mailRouting, screened } from "../../../../test/harness/mail-routing.ts";
import { collectBlobs } from "../../../store/blobs/collect-blobs.ts";
import { consumeOne } from "../../../store/outbox/outbox.ts";
import { DomainError } from "../../errors.ts";
import { addGroupMembers } from "../../identity/add-group-members.ts";
import { removeGroupModerator } from "../../identity/group-options.ts";
import type { PrincipalKey } from "../../identity/identity-deps.ts";
import { openMessageBytes } from "../open-message.ts";
import { readMailboxMessages } from "../read-mailbox-messages.ts";
import { readSelection } from "../read-selection.ts";
import { decideHeld, returnUnanswered } from "./decide-held.ts";
import { type HeldMessage, listHeld, readModerationLink } from "./held-message.ts";
import { moderationTopic } from "./hold-message.ts";
import { purgeDecided } from "./purge-decided.ts";
import { tellModerators } from "./tell-moderators.ts";

let mail: MailFixture;
let routing: MailRouting;
let anna: MailPerson;
let bea: MailPerson;
let cleo: MailPerson;
let carl: MailPerson;
let group: PrincipalKey;
const address = "lettre@bourg-fleuri.example";
before(async () => {
  mail = await openMailFixture();
  routing = mailRouting(mail);
  anna = await mail.createPerson("Anna", { roles: ["member_administrator"] });
  bea = await mail.createPerson("Bea");
  cleo = await mail.createPerson("Cleo");
  carl = await mail.createPerson("Carl", { organizationId: mail.otherOrganizationId, roles: ["member_administrator"] });
  group = await routing.createGroup(address, {
    members: [cleo],
    moderators: [bea],
    outside: ["abonne@ailleurs.example"],
    isModerated: true,
  });
});
after(async () => {
  assert.deepEqual(await findMailFaults(mail.store), []);
  await mail.close();
});

const code = (wanted: string) => (error: unknown) => error instanceof DomainError && error.code === wanted;
const held = (person: MailPerson): Promise<HeldMessage[]> => listHeld(mail.store.read, person.access.viewer);
const decide = (person: MailPerson, heldId: string, verdict: "accept" | "refuse", reason?: string) =>
  decideHeld(mail.deps, { viewer: person.access.viewer, heldId }, { verdict, ...(reason && { reason }) });

/** The text of the last message in somebody's inbox. */
async function lastMail(person: MailPerson): Promise<string> {
  const { uids } = await readSelection(mail.store.read, person.access, person.mailboxes.inbox);
  const uid = uids.at(-1)!;
  const [message] = await readMailboxMessages(mail.store.read, person.access, person.mailboxes.inbox, [uid]);
  const source = await openMessageBytes(mail.deps, person.access, message!.messageId);
  const chunks: Buffer[] = [];
  for await (const chunk of source.open()) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return `${text}\n${Buffer.from(text.split("\r\n\r\n")[1] ?? "", "base64").toString()}`;
}

async function tellAll(): Promise<void> {
  const handlers = { [moderationTopic]: tellModerators(mail.deps, () => "https://mail.example") };
  while ((await consumeOne(mail.store, handlers)).outcome === "done");
}

async function linkOf(person: MailPerson): Promise<string> {
  return /https:\/\/mail\.example\/moderation\/(\S+)/.exec(await lastMail(person))![1]!;
}

test("a message to a moderated group reaches nobody until its moderator accepts it, then everybody once", async () => {
  const before = await routing.inboxCount(cleo);
  const { outcomes, added } = await routing.deliver([address], { subject: "Fête", body: "x".repeat(100_000) });
  assert.deepEqual([outcomes[0]?.outcome, added], ["held", []]);
  await tellAll();
  assert.equal(await routing.inboxCount(cleo), before);
  const asked = await lastMail(bea);
  assert.match(asked, /^Return-Path: <>\r\n/);
  assert.match(asked, /Auto-Submitted: auto-generated/);
  assert.match(asked, /De : Paul Martin <paul@exterieur\.example>\r\nObjet : Fête/);

  const [one] = await held(bea);
  assert.equal(one?.subject, "Fête");
  assert.deepEqual(await held(cleo), []);
  assert.deepEqual(await held(carl), []);
  await assert.rejects(decide(cleo, one!.id, "accept"), code("not_found"));
  await assert.rejects(decide(carl, one!.id, "accept"), code("not_found"), "an administrator of somebody else");
  await assert.rejects(decide(bea, "x", "accept"), code("not_found"));

  const link = await linkOf(bea);
  await decide(bea, one!.id, "accept");
  assert.equal(await routing.inboxCount(cleo), before + 1);
  const [sent] = await routing.takeQueue();
  assert.deepEqual(sent?.to, ["abonne@ailleurs.example"]);
  assert.match(sent!.returnPath, /^SRS0=/);
  await assert.rejects(decide(bea, one!.id, "accept"), code("conflict"));
  await assert.rejects(readModerationLink(mail.store.read, mail.deps.secrets, link), code("expired"));
  assert.equal(await routing.inboxCount(cleo), before + 1);
});

test("the link of a moderator's mail decides once, and the author of what is refused is told why", async () => {
  const before = await routing.inboxCount(cleo);
  await routing.deliver([address], { subject: "Publicité" });
  await tellAll();
  const token = await linkOf(bea);
  assert.equal((await readModerationLink(mail.store.read, mail.deps.secrets, token)).subject, "Publicité");
  for (const wrong of ["", "x", `${token}x`]) {
    await assert.rejects(decideHeld(mail.deps, { token: wrong }, { verdict: "accept" }), code("expired"));
  }
  await assert.rejects(
    decideHeld(mail.deps, { token }, { verdict: "refuse", reason: "x".repeat(1_001) }),
    code("invalid"),
  );
  await decideHeld(mail.deps, { token }, { verdict: "refuse", reason: "Pas de réclame ici." });
  await assert.rejects(decideHeld(mail.deps, { token }, { verdict: "accept" }), code("expired"));
  const [report] = await routing.takeQueue();
  assert.deepEqual([report?.returnPath, report?.to], ["", ["paul@exterieur.example"]]);
  assert.match(report!.text, /Status: 5\.7\.2/);
  const body = Buffer.from(/base64\r\n\r\n([^-]+)--/.exec(report!.text)![1]!, "base64").toString();
  assert.match(body, /Un modérateur du groupe « lettre » ne l’a pas accepté\.[\s\S]*Pas de réclame ici\./);
  assert.equal(await routing.inboxCount(cleo), before);
});

test("two moderators who decide at the same moment decide once", async () => {
  const before = await routing.inboxCount(cleo);
  await routing.deliver([address], { subject: "Ensemble" });
  const [one] = await held(bea);
  const results = await Promise.allSettled(
    Array.from({ length: 8 }, (_, n) => decide(n % 2 ? bea : anna, one!.id, "accept")),
  );
  assert.equal(results.filter((each) => each.status === "fulfilled").length, 1);
  for (const each of results)
    if (each.status === "rejected") assert.ok(code("conflict")(each.reason), String(each.reason));
  assert.equal(await routing.inboxCount(cleo), before + 1);
  assert.equal((await routing.takeQueue()).length, 1);
});

test("a sender that anyone may have forged is not told", async () => {
  await routing.deliver([address], { screening: screened("none", "exterieur.example") });
  const [one] = await held(bea);
  await decide(bea, one!.id, "refuse");
  assert.deepEqual(await routing.takeQueue(), []);
});

test("what a moderator writes waits for nobody, when it is proved to be theirs", async () => {
  const before = await routing.inboxCount(cleo);
  await routing.deliver([address], { arrival: "submitted", sender: bea.address });
  assert.equal(await routing.inboxCount(cleo), before + 1);
  await routing.deliver([address], { sender: bea.address, screening: screened("none", "bourg-fleuri.example") });
  assert.equal(await routing.inboxCount(cleo), before + 1);
  const [one] = await held(bea);
  await decide(bea, one!.id, "refuse");
  await routing.takeQueue();
});

test("who had the message by another way does not get it again when it is accepted", async () => {
  const before = await routing.inboxCount(cleo);
  await routing.deliver([address, cleo.address], { subject: "Deux voies" });
  assert.equal(await routing.inboxCount(cleo), before + 1);
  const [one] = await held(bea);
  await decide(bea, one!.id, "accept");
  assert.equal(await routing.inboxCount(cleo), before + 1);
  assert.equal((await routing.takeQueue()).length, 1);
});

test("a moderated group inside another holds its own part, and moderated groups in a circle end", async () => {
  const outer = await routing.createGroup("vie@bourg-fleuri.example", {
    members: [anna, group],
    moderators: [anna],
    isModerated: true,
  });
  await mail.store.transact((tx) => addGroupMembers(tx, group, [outer.principalId]));
  const before = [await routing.inboxCount(anna), await routing.inboxCount(cleo)];
  await routing.deliver(["vie@bourg-fleuri.example"], { subject: "En cercle" });
  const [first] = await held(anna);
  assert.equal(first?.groupId, outer.principalId);
  await decide(anna, first!.id, "accept");
  assert.deepEqual([await routing.inboxCount(anna), await routing.inboxCount(cleo)], [before[0]! + 1, before[1]]);
  const [second] = await held(bea);
  assert.equal(second?.groupId, group.principalId);
  await decide(bea, second!.id, "accept");
  assert.deepEqual([await routing.inboxCount(anna), await routing.inboxCount(cleo)], [before[0]! + 1, before[1]! + 1]);
  assert.deepEqual(await held(anna), []);
  await routing.takeQueue();
  await mail.store.transact((tx) => tx.deleteFrom("group_member").where("member_id", "=", outer.principalId).execute());
});

test("who lets a message through does not vouch for its sender: a moderator's name on it opens no other group", async () => {
  await routing.createGroup("toutes@bourg-fleuri.example", {
    members: [anna, group],
    moderators: [anna],
    isModerated: true,
  });
  const before = await routing.inboxCount(cleo);
  const forged = screened("none", "bourg-fleuri.example");
  await routing.deliver(["toutes@bourg-fleuri.example"], { sender: bea.address, screening: forged });
  await decide(anna, (await held(anna))[0]!.id, "accept");
  assert.equal(await routing.inboxCount(cleo), before);
  const [inner] = await held(bea);
  assert.equal(inner?.groupId, group.principalId);
  await decide(bea, inner!.id, "refuse");
  assert.deepEqual(await routing.takeQueue(), [], "nobody is told of what they did not write");

  await routing.deliver(["toutes@bourg-fleuri.example"], { arrival: "submitted", sender: bea.address });
  await decide(anna, (await held(anna))[0]!.id, "accept");
  assert.equal(await routing.inboxCount(cleo), before + 1);
  await routing.takeQueue();
});

test("a message that nobody answered for five days is returned to its author", async () => {
  await routing.deliver([address], { arrival: "submitted", sender: cleo.address, subject: "Oublié" });
  assert.equal(await returnUnanswered(mail.deps, new Date(Date.now() + 4.9 * 86_400_000)), 0);
  const results = await Promise.all(
    Array.from({ length: 3 }, () => returnUnanswered(mail.deps, new Date(Date.now() + 5.1 * 86_400_000))),
  );
  assert.equal(
    results.reduce((sum, each) => sum + each, 0),
    1,
  );
  const reports = await routing.takeQueue();
  assert.deepEqual(
    reports.map((each) => each.to),
    [[cleo.address]],
  );
  assert.match(reports[0]!.text, /Status: 5\.4\.7/);
  assert.deepEqual(await held(bea), []);
});

test("one message that cannot be returned now does not keep the others", async () => {
  for (const subject of ["Coincé", "Libre"]) {
    await routing.deliver([address], { arrival: "submitted", sender: cleo.address, subject });
  }
  const blobs = Object.create(mail.deps.blobs) as typeof mail.deps.blobs;
  blobs.stage = async (source, options) => {
    if (source instanceof Uint8Array && Buffer.from(source).includes("Subject: Coincé")) throw new Error("disk");
    return mail.deps.blobs.stage(source, options);
  };
  const later = new Date(Date.now() + 6 * 86_400_000);
  await assert.rejects(
    returnUnanswered({ ...mail.deps, blobs }, later),
    (error) => error instanceof AggregateError && error.errors.length === 1,
  );
  assert.deepEqual(
    (await held(bea)).map((each) => each.subject),
    ["Coincé"],
  );
  assert.equal(await returnUnanswered(mail.deps, later), 1);
  assert.equal((await routing.takeQueue()).length, 2);
});

test("a group without a moderator asks the administrators, and a former moderator's link ends", async () => {
  await routing.deliver([address], { subject: "Relève" });
  await tellAll();
  const token = await linkOf(bea);
  await mail.store.transact((tx) => removeGroupModerator(tx, group, bea.access.ownerId));
  await assert.rejects(decideHeld(mail.deps, { token }, { verdict: "accept" }), code("expired"));
  assert.deepEqual(await held(bea), []);
  await routing.deliver([address], { subject: "Sans modérateur" });
  await tellAll();
  assert.match(await lastMail(anna), /Objet : Sans modérateur/);
  for (const each of await held(anna)) await decide(anna, each.id, "refuse");
  await routing.takeQueue();
});

test("the bytes of what was decided go, and its record after the recovery period", async () => {
  const kinds = await mail.store.read.selectFrom("blob_reference").select("kind").where("kind", "=", "held").execute();
  assert.deepEqual(kinds, []);
  await collectBlobs(mail.store, mail.deps.blobs, new Date(Date.now() + 60_000));
  assert.equal(await purgeDecided(mail.store, new Date(Date.now() - 60_000)), 0);
  assert.ok((await purgeDecided(mail.store, new Date(Date.now() + 60_000))) >= 9);
  const left = await sql<{ count: number }>`
    SELECT (SELECT count(*) FROM held_message) + (SELECT count(*) FROM moderation_link) AS count`.execute(
    mail.store.read,
  );
  assert.equal(left.rows[0]!.count, 0);
});
