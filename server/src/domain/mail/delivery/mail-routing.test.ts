import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type MailFixture, type MailPerson, openMailFixture } from "../../../../test/harness/mail-fixture.ts";
import { findMailFaults } from "../../../../test/harness/mail-invariants.ts";
import { type MailRouting, mailRouting, screened } from "../../../../test/harness/mail-routing.ts";
import { consumeOne } from "../../../store/outbox/outbox.ts";
import { DomainError } from "../../errors.ts";
import { addGroupMembers } from "../../identity/add-group-members.ts";
import { addDomain } from "../../identity/create-organization.ts";
import { listGroupMembers } from "../../identity/group-options.ts";
import { setCatchAll, setDomainAlias } from "../../identity/route-domain.ts";
import { completeRecipients } from "../complete-recipients.ts";
import { listIdentities } from "../list-identities.ts";
import { readSelection } from "../read-selection.ts";
import { admitSender } from "./admit-sender.ts";
import { checkRecipientQuota } from "./check-recipient-quota.ts";
import { fanOutHandler } from "./fan-out.ts";
import { fanOutTopic } from "./fan-out-payload.ts";
import { findRecipient, resolveRecipient } from "./resolve-recipient.ts";
import { setForward } from "./set-forward.ts";

let mail: MailFixture;
let routing: MailRouting;
let anna: MailPerson;
let bea: MailPerson;
let carl: MailPerson;
before(async () => {
  mail = await openMailFixture();
  routing = mailRouting(mail);
  anna = await mail.createPerson("Anna", { roles: ["member_administrator"] });
  bea = await mail.createPerson("Bea");
  carl = await mail.createPerson("Carl", { organizationId: mail.otherOrganizationId });
});
after(async () => {
  assert.deepEqual(await findMailFaults(mail.store), []);
  await mail.close();
});

const refused = (status: string) => (error: unknown) =>
  error instanceof DomainError && error.code === "message_refused" && error.data?.status === status;
const code = (wanted: string) => (error: unknown) => error instanceof DomainError && error.code === wanted;
const find = (address: string) => findRecipient(mail.store.read, address, mail.deps.secrets);
const forward = (person: MailPerson, addresses: string[], keepsCopy: boolean) =>
  mail.store.transact((tx) => setForward(tx, person.access, { addresses, keepsCopy }));
const noForward = (person: MailPerson) => mail.store.transact((tx) => setForward(tx, person.access, undefined));

test("a domain that stands for another has its addresses, after its own", async () => {
  await mail.store.transact(async (tx) => {
    await addDomain(tx, mail.organizationId, "bourg.example");
    await setDomainAlias(tx, mail.organizationId, "bourg.example", "bourg-fleuri.example");
  });
  for (const address of ["Anna@bourg.example", "anna+x@bourg.example"]) {
    const found = await find(address);
    assert.ok(found?.kind === "account" && found.accountId === anna.access.accountId);
    assert.equal(found.address, address.toLowerCase());
  }
  await assert.rejects(find("personne@bourg.example"), code("unknown_recipient"));
  assert.equal((await find("postmaster@bourg.example"))?.kind, "group");
  const identities = await listIdentities(mail.store.read, anna.access.viewer);
  assert.deepEqual(
    identities.map((each) => [each.address, each.isPrimary]),
    [
      ["anna@bourg-fleuri.example", true],
      ["anna@bourg.example", false],
    ],
  );
  await assert.rejects(
    mail.store.transact((tx) => setDomainAlias(tx, mail.organizationId, "bourg.example", "val-joli.example")),
    code("not_found"),
  );
  await mail.store.transact((tx) => addDomain(tx, mail.organizationId, "bourg2.example"));
  for (const [name, target] of [
    ["bourg2.example", "bourg.example"],
    ["bourg-fleuri.example", "bourg2.example"],
  ] as const) {
    await assert.rejects(
      mail.store.transact((tx) => setDomainAlias(tx, mail.organizationId, name, target)),
      code("conflict"),
      "no chain of aliases",
    );
  }
});

test("a catch-all takes what has no address, after postmaster, and not what somebody has", async () => {
  await mail.store.transact((tx) => setCatchAll(tx, mail.organizationId, "bourg-fleuri.example", bea.address));
  for (const address of ["nexiste.pas@bourg-fleuri.example", "nexiste.pas@bourg.example"]) {
    const found = await find(address);
    assert.ok(found?.kind === "account" && found.accountId === bea.access.accountId, address);
  }
  const own = await find(anna.address);
  assert.ok(own?.kind === "account" && own.accountId === anna.access.accountId);
  assert.equal((await find("postmaster@bourg-fleuri.example"))?.kind, "group");

  await mail.store.transact((tx) =>
    setCatchAll(tx, mail.organizationId, "bourg-fleuri.example", "tri@ailleurs.example"),
  );
  const away = await find("nexiste.pas@bourg-fleuri.example");
  assert.ok(away?.kind === "outside" && away.target === "tri@ailleurs.example");
  const { outcomes } = await routing.deliver(["nexiste.pas@bourg-fleuri.example"], { subject: "Attrapé" });
  assert.deepEqual(
    outcomes.map((each) => each.outcome),
    ["queued"],
  );
  const [sent] = await routing.takeQueue();
  assert.deepEqual(sent?.to, ["tri@ailleurs.example"]);
  assert.match(sent!.returnPath, /^SRS0=.{6}=..=exterieur\.example=paul@bourg-fleuri\.example$/);

  await mail.store.transact((tx) => setCatchAll(tx, mail.organizationId, "bourg-fleuri.example", null));
  await assert.rejects(find("nexiste.pas@bourg-fleuri.example"), code("unknown_recipient"));
});

test("a group for its members takes mail from members, those of groups inside it and outside ones, and no other", async () => {
  const inner = await routing.createGroup("bureau@bourg-fleuri.example", { members: [bea] });
  await routing.createGroup("conseil@bourg-fleuri.example", {
    members: [inner],
    outside: ["expert@cabinet.example"],
    posting: "members",
  });
  const group = await resolveRecipient(mail.store.read, "conseil@bourg-fleuri.example");
  for (const sender of [
    "bea+x@bourg.example",
    "BEA@bourg-fleuri.example",
    "bea+note@bourg-fleuri.example",
    "Expert@cabinet.example",
  ]) {
    await admitSender(mail.store.read, group, sender);
  }
  for (const sender of [anna.address, carl.address, "paul@exterieur.example", "", "pas une adresse"]) {
    await assert.rejects(admitSender(mail.store.read, group, sender), refused("5.7.2"), sender);
  }
  const before = await routing.inboxCount(bea);
  await routing.deliver(["conseil@bourg-fleuri.example"], { arrival: "submitted", sender: bea.address });
  assert.equal(await routing.inboxCount(bea), before + 1);
  assert.deepEqual((await routing.takeQueue())[0]?.to, ["expert@cabinet.example"]);
});

test("a sender that a group's rule rests on must not be forged", async () => {
  await routing.createGroup("agents@bourg-fleuri.example", {
    members: [anna],
    outside: ["expert@cabinet.example"],
    posting: "organization",
  });
  const to = ["agents@bourg-fleuri.example"];
  const attempt = (sender: string, spf: "pass" | "fail" | "none") =>
    routing.deliver(to, { sender, screening: screened(spf, sender.split("@")[1]!) });
  await assert.rejects(attempt(bea.address, "none"), refused("5.7.2"), "one of ours, proved by nothing");
  await assert.rejects(attempt(bea.address, "fail"), refused("5.7.2"));
  await assert.rejects(attempt("loin@autre.example", "pass"), refused("5.7.2"));
  await attempt(bea.address, "pass");
  await routing.createGroup("club@bourg-fleuri.example", {
    members: [anna],
    outside: ["expert@cabinet.example"],
    posting: "members",
  });
  to[0] = "club@bourg-fleuri.example";
  await assert.rejects(attempt("expert@cabinet.example", "fail"), refused("5.7.2"));
  await attempt("expert@cabinet.example", "none");
  await routing.takeQueue();
});

test("with several recipients, the others get what a group refuses, and a proved sender is told", async () => {
  await routing.createGroup("ferme@bourg-fleuri.example", { members: [anna], posting: "members" });
  const before = await routing.inboxCount(bea);
  const { outcomes } = await routing.deliver(["ferme@bourg-fleuri.example", bea.address], { subject: "À deux" });
  assert.equal(await routing.inboxCount(bea), before + 1);
  assert.deepEqual(
    outcomes.map((each) => [each.address, each.outcome]),
    [
      ["ferme@bourg-fleuri.example", "refused"],
      [bea.address, "delivered"],
    ],
  );
  const [report] = await routing.takeQueue();
  assert.deepEqual([report?.returnPath, report?.to], ["", ["paul@exterieur.example"]]);
  assert.match(
    report!.text,
    /Final-Recipient: rfc822; ferme@bourg-fleuri\.example\r\nAction: failed\r\nStatus: 5\.7\.2/,
  );
  await routing.deliver(["ferme@bourg-fleuri.example", bea.address], {
    screening: screened("none", "exterieur.example"),
  });
  assert.deepEqual(await routing.takeQueue(), [], "nobody is told of what they may not have written");
});

test("mail to members outside comes from the group's domain, each once, and turns in no circle", async () => {
  const inner = await routing.createGroup("voisins@bourg-fleuri.example", {
    outside: ["lea@voisin.example", "max@voisin.example"],
  });
  await routing.createGroup("reseau@bourg-fleuri.example", {
    members: [bea, inner],
    outside: ["lea@voisin.example"],
  });
  await mail.store.transact(async (tx) => {
    const outer = await resolveRecipient(tx, "reseau@bourg-fleuri.example");
    assert.ok(outer.kind === "group");
    await addGroupMembers(tx, inner, [outer.groupId]);
  });
  await routing.deliver(["reseau@bourg-fleuri.example"], { subject: "Réseau", body: "é".repeat(40_000) });
  const sent = await routing.takeQueue();
  assert.deepEqual(sent.map((each) => each.to[0]).sort(), ["lea@voisin.example", "max@voisin.example"]);
  for (const each of sent) {
    assert.match(each.returnPath, /^SRS0=.*@bourg-fleuri\.example$/);
    assert.equal(each.header, "Delivered-To: reseau@bourg-fleuri.example\r\n");
    assert.doesNotMatch(each.text, /^Return-Path:/im);
    assert.match(each.text, /^From: Paul Martin/);
  }
  const again = { headers: "Delivered-To: reseau@bourg-fleuri.example" };
  await assert.rejects(routing.deliver(["reseau@bourg-fleuri.example"], again), refused("5.4.6"));

  await routing.deliver(["reseau@bourg-fleuri.example"], { arrival: "submitted", sender: bea.address });
  assert.deepEqual(new Set((await routing.takeQueue()).map((each) => each.returnPath)), new Set([bea.address]));
});

test("members whom a group hides are shown to its moderators and administrators, and in no bounce", async () => {
  const group = await routing.createGroup("secret@bourg-fleuri.example", {
    members: [bea],
    outside: ["source@journal.example"],
    hidesMembers: true,
  });
  assert.equal(await listGroupMembers(mail.store.read, bea.access.viewer, group.principalId), undefined);
  const seen = await listGroupMembers(mail.store.read, anna.access.viewer, group.principalId);
  assert.deepEqual(
    seen?.map((each) => each.address),
    [bea.address, "source@journal.example"],
  );
  await assert.rejects(listGroupMembers(mail.store.read, carl.access.viewer, group.principalId), code("not_found"));
  const suggested = await completeRecipients(mail.store.read, bea.access.viewer, "secret");
  assert.deepEqual(suggested, [{ name: "secret", address: "secret@bourg-fleuri.example", kind: "group" }]);
  await routing.deliver(["secret@bourg-fleuri.example"]);
  assert.equal((await routing.takeQueue())[0]?.returnPath, "postmaster@bourg-fleuri.example");
});

test("a forward sends mail on with a return path of ours, and keeps a copy or not", async () => {
  await forward(bea, ["bea@perso.example"], true);
  const before = await routing.inboxCount(bea);
  await routing.deliver([bea.address], { subject: "Suivi" });
  assert.equal(await routing.inboxCount(bea), before + 1);
  const [kept] = await routing.takeQueue();
  assert.deepEqual(kept?.to, ["bea@perso.example"]);
  assert.equal(kept!.header, `Delivered-To: ${bea.address}\r\n`);
  assert.match(kept!.returnPath, /^SRS0=/);

  await forward(bea, ["bea@perso.example"], false);
  const { outcomes } = await routing.deliver([bea.address], { subject: "Suivi" });
  assert.equal(await routing.inboxCount(bea), before + 1);
  assert.equal(outcomes[0]?.outcome, "queued");
  assert.equal((await routing.takeQueue()).length, 1);

  await routing.deliver([bea.address], { sender: "" });
  assert.equal((await routing.takeQueue())[0]?.returnPath, "", "a notification stays one");
  await noForward(bea);
});

test("who forges one of our addresses does not get our SPF for it by a forward", async () => {
  await forward(bea, ["bea@perso.example"], false);
  const before = await routing.inboxCount(bea);
  const from = (domain: string) => screened("none", domain);
  await routing.deliver([bea.address], { sender: anna.address, screening: from("ailleurs.example") });
  assert.match((await routing.takeQueue())[0]!.returnPath, /^SRS0=/);
  // The domain of the address that sends on: even a return path of ours would be aligned with it.
  await routing.deliver([bea.address], { sender: "x@ailleurs.example", screening: from("bourg-fleuri.example") });
  assert.deepEqual(await routing.takeQueue(), []);
  assert.equal(await routing.inboxCount(bea), before + 1, "kept instead");
  await routing.deliver([bea.address], { sender: anna.address, screening: screened("pass", "bourg-fleuri.example") });
  await routing.deliver([bea.address], { sender: anna.address, arrival: "submitted" });
  assert.deepEqual(
    (await routing.takeQueue()).map((each) => each.returnPath),
    [anna.address, anna.address],
  );
  await noForward(bea);
});

test("a bounce to a return path of ours goes to the sender it stands for, by however many forwarders", async () => {
  await forward(bea, ["bea@perso.example"], false);
  for (const sender of ["Paul@exterieur.example", "SRS0=abcdef=R3=loin.example=max@autre.example"]) {
    await routing.deliver([bea.address], { sender });
    const [sent] = await routing.takeQueue();
    const bounce = await find(sent!.returnPath);
    assert.deepEqual([bounce?.kind, bounce?.kind === "outside" && bounce.target], ["outside", sender]);
    await routing.deliver([sent!.returnPath], { sender: "", screening: screened("none", "perso.example") });
    const [back] = await routing.takeQueue();
    assert.deepEqual([back?.returnPath, back?.to], ["", [sender]]);
    await admitSender(mail.store.read, bounce!, "");
    await assert.rejects(admitSender(mail.store.read, bounce!, "spam@exterieur.example"), refused("5.7.1"));
    const forged = sent!.returnPath.replace(/(paul|max)@/i, "cible@");
    await assert.rejects(find(forged), code("unknown_recipient"), "only what we rewrote is brought back");
    await assert.rejects(findRecipient(mail.store.read, sent!.returnPath), code("unknown_recipient"));
  }
  await noForward(bea);
});

test("mail that would go round is kept instead of being sent on again", async () => {
  await forward(bea, [anna.address], false);
  const before = await routing.inboxCount(bea);
  await routing.deliver([bea.address], { headers: `Delivered-To: <x>\r\nDelivered-To: ${bea.address.toUpperCase()}` });
  assert.equal(await routing.inboxCount(bea), before + 1);
  const hops = Array.from({ length: 10 }, (_, n) => `Delivered-To: relais${n}@exterieur.example`).join("\r\n");
  await routing.deliver([bea.address], { headers: hops });
  assert.equal(await routing.inboxCount(bea), before + 2);
  assert.deepEqual(await routing.takeQueue(), []);
  await routing.deliver([bea.address], { headers: hops.split("\r\n").slice(1).join("\r\n") });
  assert.equal((await routing.takeQueue()).length, 1);
  await noForward(bea);
});

test("a forward is refused to the account itself, to nobody and to too many", async () => {
  await assert.rejects(forward(bea, [bea.address], true), code("invalid"));
  await assert.rejects(forward(bea, [], true), code("invalid"));
  await assert.rejects(
    forward(
      bea,
      Array.from({ length: 11 }, (_, n) => `a${n}@x.example`),
      true,
    ),
    code("invalid"),
  );
});

test("a full mailbox that keeps nothing takes mail all the same", async () => {
  const full = await mail.createPerson("Flora", { quota: 1 });
  await forward(full, ["flora@perso.example"], false);
  await checkRecipientQuota(mail.store.read, await resolveRecipient(mail.store.read, full.address), 10_000);
  await routing.deliver([full.address]);
  assert.equal((await routing.takeQueue()).length, 1);
});

test("what the screening takes for junk goes to Junk and is not sent on", async () => {
  await forward(bea, ["bea@perso.example"], false);
  const screening = { ...screened("pass", "exterieur.example"), rspamd: spamFindings };
  const { outcomes } = await routing.deliver([bea.address], { screening });
  assert.equal(outcomes[0]?.outcome, "junk");
  const junk = await readSelection(mail.store.read, bea.access, bea.mailboxes.junk);
  assert.equal(junk.uids.length, 1);
  assert.deepEqual(await routing.takeQueue(), []);
  await noForward(bea);
});
const spamFindings = { action: "add header", score: 9, requiredScore: 6, symbols: [] };

test("what is to be refused for one of several is kept in quarantine; a virus troubles no moderator and is not sent on", async () => {
  const screening = { ...screened("pass", "exterieur.example"), virus: "Eicar-Test-Signature" };
  await forward(bea, ["bea@perso.example"], false);
  await routing.createGroup("filtre@bourg-fleuri.example", {
    members: [anna],
    moderators: [anna],
    outside: ["loin@autre.example"],
    isModerated: true,
  });
  const inboxes = await routing.inboxCount(bea);
  const { outcomes } = await routing.deliver([bea.address, anna.address], { screening });
  assert.deepEqual(
    outcomes.map((each) => each.outcome),
    ["quarantined", "quarantined"],
  );
  const kept = await mail.store.read
    .selectFrom("quarantined_message as q")
    .innerJoin("quarantined_recipient as r", "r.quarantine_id", "q.id")
    .select(["q.reason", "r.account_id"])
    .execute();
  assert.deepEqual(kept.map((row) => row.account_id).sort(), [anna.access.accountId, bea.access.accountId].sort());
  assert.equal(await routing.inboxCount(bea), inboxes);
  await assert.rejects(routing.deliver(["filtre@bourg-fleuri.example"], { screening }), refused("5.7.1"));
  assert.deepEqual(await mail.store.read.selectFrom("held_message").select("id").execute(), []);
  assert.deepEqual(await routing.takeQueue(), []);
  await noForward(bea);
});

test("several addresses of one account get one copy, and an answer each", async () => {
  const inboxes = await routing.inboxCount(bea);
  const { outcomes, added } = await routing.deliver([bea.address, "bea+x@bourg-fleuri.example", "bea@bourg.example"]);
  assert.equal(added.length, 1);
  assert.equal(await routing.inboxCount(bea), inboxes + 1);
  assert.deepEqual(
    outcomes.map((each) => [each.address, each.outcome]),
    [bea.address, "bea+x@bourg-fleuri.example", "bea@bourg.example"].map((each) => [each, "delivered"]),
  );
});

test("members of a large group who forward their mail have it sent on by the fan-out, once", async () => {
  const members: MailPerson[] = [];
  for (let n = 0; n < 55; n++) members.push(await mail.createPerson(`g${n}`));
  await forward(members[3]!, ["g3@perso.example"], true);
  await forward(members[4]!, ["g4@perso.example"], false);
  await routing.createGroup("grand@bourg-fleuri.example", { members });
  await routing.deliver(["grand@bourg-fleuri.example"], { subject: "Grand" });
  assert.deepEqual(await routing.takeQueue(), []);
  const handlers = { [fanOutTopic]: fanOutHandler(mail.deps) };
  while ((await consumeOne(mail.store, handlers)).outcome === "done");
  const sent = await routing.takeQueue();
  assert.deepEqual(sent.flatMap((each) => each.to).sort(), ["g3@perso.example", "g4@perso.example"]);
  const counts = await Promise.all(members.map((each) => routing.inboxCount(each)));
  assert.equal(counts[4], 0);
  assert.equal(counts.filter((count) => count === 1).length, 54);
});

test("every recipient leaves a trace", async () => {
  const { rows } = await mail.store.transact(async (tx) => ({
    rows: await tx.selectFrom("mail_trace").select(["recipient", "outcome"]).where("outcome", "=", "junk").execute(),
  }));
  assert.deepEqual(rows, [{ recipient: bea.address, outcome: "junk" }]);
});
