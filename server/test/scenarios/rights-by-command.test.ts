import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { allRights, type Right } from "../../src/domain/access/account-access.ts";
import { grantAccount } from "../../src/domain/access/grant-account.ts";
import type { CreatedPrincipal } from "../../src/domain/identity/create-principal.ts";
import { createSharedMailbox } from "../../src/domain/lifecycle/create-shared-mailbox.ts";
import { setPersonalSeen } from "../../src/domain/mail/delegation/set-personal-seen.ts";
import { RawClient } from "../harness/imap-suite.ts";
import { JmapClient } from "../harness/jmap-client.ts";
import { startSuite, type TestSuite } from "../harness/start-suite.ts";
import { createTownHall, type TownHall, type TownPerson } from "../harness/town-hall.ts";

/*
 * Every combination of rights on a shared mailbox, beyond reading, times every command that needs one: what the table says is allowed
 * works, everything else is refused for want of permission, by IMAP and by JMAP.
 */

let suite: TestSuite;
let town: TownHall;
let boss: TownPerson;
let lea: TownPerson;
let shared: CreatedPrincipal;
let counter = 0;

before(async () => {
  suite = await startSuite();
  town = await createTownHall(suite.domain, "Bourg-Fleuri", "bourg-fleuri.example");
  boss = await town.addPerson("Boss");
  lea = await town.addPerson("Lea");
  shared = await createSharedMailbox(suite.domain.store, town.organizationId, {
    displayName: "Mairie",
    address: `mairie@${town.domain}`,
    mailQuota: 2e9,
    grants: [{ grantee: boss, rights: allRights }],
  });
});
after(() => suite?.close());

const rightsToCombine = ["write", "delete", "manage", "share"] as const satisfies readonly Right[];
type Combined = (typeof rightsToCombine)[number];

/** @param whole every combination; without: none, each alone, and all */
function* combinations(whole: boolean): Generator<ReadonlySet<Right>> {
  const last = 2 ** rightsToCombine.length - 1;
  for (let bits = 0; bits <= last; bits++) {
    const isSingle = (bits & (bits - 1)) === 0;
    if (!whole && !isSingle && bits !== last) continue;
    yield new Set<Right>(["read", ...rightsToCombine.filter((_right, index) => bits & (1 << index))]);
  }
}

/** What a command needs beyond reading; `seen` is `write`, or nothing where each has a \Seen of their own. */
type Needs = readonly (Combined | "seen")[];

function isAllowed(needs: Needs, rights: ReadonlySet<Right>, personal: boolean): boolean {
  return needs.every((need) => (need === "seen" ? personal || rights.has("write") : rights.has(need)));
}

const message = "Subject: Droits\r\nFrom: a@b.example\r\n\r\nBonjour\r\n";
const literal = `{${message.length}+}\r\n${message}`;

const imapTable: readonly (readonly [command: string, needs: Needs])[] = [
  ["NOOP", []],
  ["UID FETCH # (FLAGS BODY.PEEK[])", []],
  ["UID FETCH # BODY[]", []],
  ["UID SEARCH ALL", []],
  ["STATUS Shared/Mairie/INBOX (MESSAGES)", []],
  ["MYRIGHTS Shared/Mairie/INBOX", []],
  ["GETQUOTAROOT Shared/Mairie/INBOX", []],
  ["GETMETADATA Shared/Mairie/INBOX (/shared/comment /private/comment)", []],
  ['SETMETADATA Shared/Mairie/INBOX (/private/comment "x")', []],
  ['SETMETADATA Shared/Mairie/INBOX (/shared/comment "x")', ["write"]],
  ["UNSUBSCRIBE Shared/Mairie/INBOX", []],
  ["SUBSCRIBE Shared/Mairie/INBOX", []],
  ["UID STORE # +FLAGS (\\Seen)", ["seen"]],
  ["UID STORE # -FLAGS (\\Seen)", ["seen"]],
  ["UID STORE # +FLAGS (\\Flagged)", ["write"]],
  ["UID STORE # +FLAGS ($forwarded)", ["write"]],
  ["UID STORE # +FLAGS (\\Deleted)", ["delete"]],
  ["UID STORE # -FLAGS (\\Deleted)", ["delete"]],
  ["UID COPY # INBOX", []],
  [`APPEND Shared/Mairie/INBOX ${literal}`, ["write"]],
  ["UID COPY # Shared/Mairie/Archives", ["write"]],
  [`UID REPLACE ## Shared/Mairie/INBOX ${literal}`, ["write", "delete"]],
  ["UID MOVE ## Shared/Mairie/Archives", ["write", "delete"]],
  ["UID MOVE ## INBOX", ["delete"]],
  ["UID EXPUNGE #", ["delete"]],
  ["EXPUNGE", ["delete"]],
  ["CREATE Shared/Mairie/INBOX/n@", ["manage"]],
  ["RENAME Shared/Mairie/Dossier@ Shared/Mairie/Archives/r@", ["manage"]],
  ["DELETE Shared/Mairie/Autre@", ["manage"]],
  ["GETACL Shared/Mairie/INBOX", ["share"]],
  ["LISTRIGHTS Shared/Mairie/INBOX boss@bourg-fleuri.example", ["share"]],
  ["SETACL Shared/Mairie/INBOX tiers@bourg-fleuri.example lr", ["share"]],
  ["DELETEACL Shared/Mairie/INBOX tiers@bourg-fleuri.example", ["share"]],
];

async function signIn(person: TownPerson): Promise<RawClient> {
  const socket = connect({ host: "127.0.0.1", port: suite.port("imap") });
  const client = new RawClient(socket);
  await client.readLine();
  await client.run(`LOGIN ${person.address} ${person.appPassword}`);
  return client;
}

const result = (lines: string[]): string => lines.at(-1)!;

/** Gives lea exactly these rights: on the whole account, or on each mailbox that the table uses. */
async function give(rights: ReadonlySet<Right>, mailboxIds: readonly string[] | null): Promise<void> {
  await suite.domain.store.transact(async (tx) => {
    await grantAccount(tx, shared, lea, mailboxIds === null ? [...rights] : []);
    for (const mailboxId of mailboxIds ?? []) await grantAccount(tx, { ...shared, mailboxId }, lea, [...rights]);
  });
}

for (const personal of [false, true]) {
  for (const scope of ["account", "mailboxes"] as const) {
    const title = `IMAP asks for the right of each command, on the ${scope}${personal ? ", with a personal \\Seen" : ""}`;
    test(title, { timeout: 240_000 }, async () => {
      if (personal && scope === "account") await town.addPerson("Autre");
      if (!personal && scope === "account") await town.addPerson("Tiers");
      await setPersonalSeen(suite.domain.store, shared, personal);
      const [hers, his] = [await signIn(lea), await signIn(boss)];
      const jmap = await JmapClient.open(`http://127.0.0.1:${suite.port("http")}`, boss);
      for (const rights of combinations(scope === "account" && !personal)) {
        const n = ++counter;
        for (const name of [`Dossier${n}`, `Autre${n}`]) await his.run(`CREATE Shared/Mairie/${name}`);
        const { list } = await jmap.call("Mailbox/get", { accountId: shared.accountId, ids: null });
        const used = list.filter(({ role, name }) => role === "inbox" || role === "archive" || name.endsWith(`${n}`));
        const ids = used.map(({ id }) => id);
        await give(rights, scope === "account" ? null : ids);
        const one = async () =>
          /APPENDUID \d+ (\d+)/.exec(result(await his.append("Shared/Mairie/INBOX", message)))![1]!;
        const uid = await one();
        await hers.run("SELECT Shared/Mairie/INBOX");
        for (const [command, needs] of imapTable) {
          // Two signs: a message of its own, for what takes it away.
          const fresh = command.includes("##") ? await one() : uid;
          if (command.includes("##")) await hers.run("NOOP");
          const line = command.replace("##", fresh).replace("#", uid).replaceAll("@ ", `${n} `).replace(/@$/, `${n}`);
          const expected = isAllowed(needs, rights, personal) ? /^OK/ : /^NO \[NOPERM\]/;
          assert.match(result(await hers.run(line)), expected, `${line} with ${[...rights].join(" ")}`);
        }
        // Reading a body marks it for who may, CLOSE removes for who may, and neither fails for who may not.
        const read = await one();
        await hers.run("NOOP");
        await hers.run(`UID FETCH ${read} BODY[]`);
        const seen = (await hers.run(`UID FETCH ${read} FLAGS`)).join("\n").includes("\\Seen");
        assert.equal(seen, isAllowed(["seen"], rights, personal), `FETCH with ${[...rights].join(" ")}`);
        await his.run("SELECT Shared/Mairie/INBOX");
        await his.run(`UID STORE ${read} +FLAGS (\\Deleted)`);
        assert.match(result(await hers.run("CLOSE")), /^OK/);
        const left = (await his.run(`UID SEARCH UID ${read}`)).join("\n").includes(` ${read}`);
        assert.equal(left, !rights.has("delete"), `CLOSE with ${[...rights].join(" ")}`);
        await his.run("UNSELECT");
        await give(new Set(), ids);
      }
      hers.destroy();
      his.destroy();
    });
  }
}

test("JMAP asks for the right of each change, and myRights says which", { timeout: 240_000 }, async () => {
  const { accountId } = shared;
  const origin = `http://127.0.0.1:${suite.port("http")}`;
  const his = await JmapClient.open(origin, boss);
  const { list } = await his.call("Mailbox/get", { accountId, ids: null });
  const inbox = list.find(({ role }) => role === "inbox")!.id;
  const archive = list.find(({ role }) => role === "archive")!.id;
  const make = async () => {
    const { created } = await his.call("Email/set", {
      accountId,
      create: { e: { mailboxIds: { [inbox]: true }, subject: "Droits" } },
    });
    return created!.e!.id;
  };
  const makeMailbox = async () => {
    const { created } = await his.call("Mailbox/set", { accountId, create: { m: { name: `j${++counter}` } } });
    return created!.m!.id!;
  };
  for (const personal of [false, true]) {
    await setPersonalSeen(suite.domain.store, shared, personal);
    for (const rights of combinations(personal)) {
      await give(rights, null);
      const hers = await JmapClient.open(origin, lea);
      const told = await hers.call("Mailbox/get", { accountId, ids: [archive] });
      const may = (...needs: Needs) => isAllowed(needs, rights, personal);
      assert.deepEqual(told.list[0]!.myRights, {
        mayReadItems: true,
        mayAddItems: may("write"),
        mayRemoveItems: may("delete"),
        maySetSeen: may("seen"),
        maySetKeywords: may("write"),
        mayCreateChild: may("manage"),
        mayRename: may("manage"),
        mayDelete: may("manage"),
        maySubmit: false,
      });
      const [email, folder] = [await make(), await makeMailbox()];
      const update = (patch: object) => ({ accountId, update: { [email]: patch } });
      const table: [string, object, Needs][] = [
        ["Email/set", update({ "keywords/$seen": true }), ["seen"]],
        ["Email/set", update({ "keywords/$flagged": true }), ["write"]],
        ["Email/set", { accountId, create: { e: { mailboxIds: { [inbox]: true }, subject: "x" } } }, ["write"]],
        ["Email/set", update({ [`mailboxIds/${archive}`]: true }), ["write"]],
        ["Email/set", update({ mailboxIds: { [archive]: true } }), ["write", "delete"]],
        ["Mailbox/set", { accountId, create: { m: { name: `k${++counter}` } } }, ["manage"]],
        ["Mailbox/set", { accountId, update: { [folder]: { name: `l${++counter}` } } }, ["manage"]],
        ["Mailbox/set", { accountId, destroy: [folder] }, ["manage"]],
        ["Email/set", { accountId, destroy: [email] }, ["delete"]],
      ];
      for (const [method, given, needs] of table) {
        const [answer] = await hers.calls([method, given]);
        const { type, notCreated, notUpdated, notDestroyed } = answer![1] as Record<string, never>;
        const refusals = [notCreated, notUpdated, notDestroyed].flatMap((each) => Object.values(each ?? {})) as {
          type: string;
        }[];
        const said: string = answer![0] === "error" ? String(type) : (refusals[0]?.type ?? "done");
        const expected = may(...needs) ? ["done"] : ["forbidden", "accountReadOnly"];
        const what = `${method} ${JSON.stringify(given)} with ${[...rights].join(" ")}${personal ? ", personal" : ""}`;
        assert.ok(expected.includes(said), `${what}: ${said}`);
      }
      // What one has read is one's own, or everybody's.
      const fresh = await make();
      if (may("seen")) {
        await hers.call("Email/set", { accountId, update: { [fresh]: { "keywords/$seen": true } } });
        const mine = await hers.call("Email/get", { accountId, ids: [fresh], properties: ["keywords"] });
        assert.deepEqual(mine.list[0]!.keywords, { $seen: true });
        const theirs = await his.call("Email/get", { accountId, ids: [fresh], properties: ["keywords"] });
        assert.deepEqual(theirs.list[0]!.keywords, personal ? {} : { $seen: true });
      }
    }
  }
  await suite.domain.store.transact((tx) => grantAccount(tx, shared, lea, []));
});

test("nothing went wrong on the server meanwhile", () => {
  assert.deepEqual(suite.log, []);
});
