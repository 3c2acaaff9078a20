import assert from "node:assert/strict";
import { request } from "node:http";
import { after, before, test } from "node:test";
import { createTransport } from "nodemailer";
import { listAccounts } from "../../src/domain/access/account-access.ts";
import { openPortalSession, openServiceSession } from "../../src/domain/identity/open-session.ts";
import { createMailbox } from "../../src/domain/mail/create-mailbox.ts";
import { expungeMessages } from "../../src/domain/mail/expunge-messages.ts";
import { listMailboxes } from "../../src/domain/mail/list-mailboxes.ts";
import { readSelection } from "../../src/domain/mail/read-selection.ts";
import { startSuite, type TestSuite } from "../harness/start-suite.ts";
import { createTownHall, type TownPerson } from "../harness/town-hall.ts";

let suite: TestSuite;
let lea: TownPerson;
let tom: TownPerson;
let mayor: TownPerson;
let stranger: TownPerson;
let inbox: string;

before(async () => {
  suite = await startSuite();
  const hall = await createTownHall(suite.domain, "Bourg-Fleuri", "bourg-fleuri.example");
  lea = await hall.addPerson("Lea Martin");
  tom = await hall.addPerson("Tom Petit");
  mayor = await hall.addPerson("Anne Maire", { roles: ["member_administrator"] });
  const other = await createTownHall(suite.domain, "Val-Joli", "val-joli.example");
  stranger = await other.addPerson("Carl Voisin", { roles: ["member_administrator"] });
  inbox = (await listMailboxes(suite.domain.store.read, lea.access)).find(({ role }) => role === "inbox")!.id;
  const transport = createTransport({ host: "127.0.0.1", port: suite.port("smtp"), ignoreTLS: true });
  for (const subject of ["Fête de l’été", "Budget 100 %", "Voirie"]) {
    await transport.sendMail({ from: "Zoé Dupré <zoe@exterieur.example>", to: lea.address, subject, text: "Bonjour" });
  }
  transport.close();
  const { store, mail } = suite.domain;
  const { uids } = await readSelection(store.read, lea.access, inbox);
  await expungeMessages(mail, lea.access, inbox, uids);
});
after(() => suite?.close());

/** A signed-in program of this person on one of the services. */
async function callAs(person: TownPerson, service: "mail" | "portal" = "mail") {
  const { identity } = suite.domain;
  const client = { remoteAddress: "127.0.0.1", userAgent: undefined };
  const portal = await openPortalSession(identity, person.viewer, client);
  const { familyId } = portal;
  const { token, csrfToken } =
    service === "portal" ? portal : await openServiceSession(identity, { uid: person.uid, familyId, service, client });
  const origin = suite.origins[service];
  return (method: string, path: string, body?: unknown) => {
    // biome-ignore lint/suspicious/noExplicitAny: answers of several shapes, each asserted where it is read
    const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: any }>();
    const headers = {
      host: new URL(origin).host,
      origin,
      cookie: `bouquet=${token}`,
      "x-bouquet-csrf": csrfToken,
      ...(body !== undefined && { "content-type": "application/json" }),
    };
    const sent = request({ host: "127.0.0.1", port: suite.port("http"), path, method, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, body: text === "" ? undefined : JSON.parse(text) }),
      );
    });
    sent.on("error", reject).end(body === undefined ? undefined : JSON.stringify(body));
    return promise;
  };
}

const sharing = (mailboxId?: string) =>
  `/api/mail/sharing?accountId=${lea.accountId}${mailboxId === undefined ? "" : `&mailboxId=${mailboxId}`}`;
const rightsOfTom = async () =>
  [...((await listAccounts(suite.domain.store.read, tom.viewer)).find(({ isOwn }) => !isOwn)?.rights ?? [])].sort();

test("whoever owns a mailbox sees who has which rights on it, gives, changes and takes them away", async () => {
  const call = await callAs(lea);
  const give = (rights: string[]) =>
    call("PUT", "/api/mail/sharing", {
      accountId: lea.accountId,
      identifier: ` ${tom.address.toUpperCase()} `,
      rights,
    });
  const empty = await call("GET", sharing());
  assert.equal(empty.status, 200);
  assert.deepEqual([empty.body.grants, empty.body.personalSeen, empty.body.mayGive.length], [[], false, 7]);
  assert.equal((await give(["read", "send_on_behalf"])).status, 204);
  assert.deepEqual(await rightsOfTom(), ["read", "send_on_behalf"]);
  const [grant] = (await call("GET", sharing())).body.grants;
  assert.deepEqual(
    [grant.name, grant.identifier, grant.kind, grant.isOnAccount],
    ["Tom Petit", tom.address, "person", true],
  );
  assert.equal((await give(["read", "write"])).status, 204);
  assert.deepEqual(await rightsOfTom(), ["read", "write"]);
  assert.equal((await call("GET", sharing(inbox))).body.grants[0].isOnAccount, true, "it holds in the mailbox too");
  assert.equal((await give([])).status, 204);
  assert.deepEqual(await rightsOfTom(), []);
  assert.equal((await give(["everything"])).status, 400);
});

test("one mailbox is shared by itself, and what belongs to an address is refused there", async () => {
  const call = await callAs(lea);
  const folder = await createMailbox(suite.domain.mail, lea.access, { name: "Voirie", parentId: null });
  const give = (rights: string[], mailboxId = folder.id) =>
    call("PUT", "/api/mail/sharing", { accountId: lea.accountId, mailboxId, identifier: tom.address, rights });
  assert.equal((await give(["read", "write"])).status, 204);
  const { body } = await call("GET", sharing(folder.id));
  assert.deepEqual([body.grants.length, body.grants[0].isOnAccount, body.personalSeen], [1, false, undefined]);
  assert.deepEqual((await call("GET", sharing())).body.grants, [], "the account as a whole is nobody else's");
  assert.equal((await give(["send_as"])).status, 400);
  assert.equal((await give(["read"], "0")).status, 404);
  assert.equal((await give(["read"], stranger.accountId)).status, 404);
});

test("who may only read gives nothing and does not learn who else may; other communes do not exist", async () => {
  const call = await callAs(lea);
  const put = (identifier: string, rights: string[]) =>
    call("PUT", "/api/mail/sharing", { accountId: lea.accountId, identifier, rights });
  await put(tom.address, ["read", "write"]);
  const his = await callAs(tom);
  assert.equal((await his("GET", sharing())).status, 403);
  const known = { accountId: lea.accountId, identifier: mayor.address, rights: ["read"] };
  const unknown = { ...known, identifier: "nobody@bourg-fleuri.example" };
  const answers = [await his("PUT", "/api/mail/sharing", known), await his("PUT", "/api/mail/sharing", unknown)];
  assert.deepEqual(
    answers.map(({ status }) => status),
    [403, 403],
  );
  const seen = { accountId: lea.accountId, isPersonal: true };
  assert.equal((await his("PUT", "/api/mail/sharing/personal-seen", seen)).status, 403);

  assert.equal((await put(stranger.address, ["read"])).status, 404);
  const theirs = await callAs(stranger);
  assert.equal((await theirs("GET", sharing())).status, 404);
  assert.equal((await theirs("PUT", "/api/mail/sharing", known)).status, 404);
  assert.equal((await theirs("PUT", "/api/mail/sharing/personal-seen", seen)).status, 404);

  assert.equal((await call("PUT", "/api/mail/sharing/personal-seen", seen)).status, 204);
  assert.equal((await call("GET", sharing())).body.personalSeen, true);
  await put(tom.address, []);
});

test("what was deleted is found by its subject and sender, accents and case aside, and told where it was", async () => {
  const call = await callAs(lea);
  const find = async (text: string) => {
    const query = new URLSearchParams({ accountId: lea.accountId!, text });
    return (await call("GET", `/api/mail/recovery?${query}`)).body.messages.map(
      ({ subject, mailboxId }: { subject: string; mailboxId: string }) => [subject, mailboxId === inbox],
    );
  };
  assert.deepEqual(await find("ETE"), [["Fête de l’été", true]]);
  assert.equal((await find("zoe dupre")).length, 3);
  assert.deepEqual(await find("100 %"), [["Budget 100 %", true]], "a percent sign stands for itself");
  assert.deepEqual(await find("introuvable"), []);
});

test("an administrator brings back what was deleted in a period, without seeing what; those of others do not", async () => {
  const path = `/api/people/${encodeURIComponent(lea.uid)}/deleted-mail`;
  const call = await callAs(mayor, "portal");
  const { status, body } = await call("GET", path);
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(body.deleted[0]).sort(), ["day", "messages", "size"]);
  assert.equal(body.deleted[0].messages, 3);
  const hour = 3_600_000;
  const period = (from: number, to: number) => ({
    since: new Date(Date.now() + from * hour).toISOString(),
    until: new Date(Date.now() + to * hour).toISOString(),
  });
  for (const who of [tom, stranger]) {
    const theirs = await callAs(who, "portal");
    assert.equal((await theirs("GET", path)).status, 404);
    assert.equal((await theirs("POST", path, period(-24, 1))).status, 404);
  }
  assert.equal((await call("POST", path, period(1, -24))).status, 400);
  assert.deepEqual((await call("POST", path, period(-48, -24))).body, { restored: 0 });
  assert.deepEqual((await call("POST", path, period(-24, 1))).body, { restored: 3 });
  assert.equal((await readSelection(suite.domain.store.read, lea.access, inbox)).uids.length, 3);
  assert.equal((await call("GET", "/api/people/nobody/deleted-mail")).status, 404);
});
