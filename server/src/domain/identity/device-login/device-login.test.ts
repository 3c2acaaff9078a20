import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import {
  makeIdentity,
  makeOrganization,
  makePerson,
  type TestPerson,
} from "../../../../test/harness/identity-suite.ts";
import { openTestStore, type TestStore } from "../../../../test/harness/test-database.ts";
import { DomainError } from "../../errors.ts";
import { createAppPassword, listAppPasswords, revokeAppPassword, toDeviceName } from "../app-passwords.ts";
import { authenticateClient, isAppPasswordValid } from "../authenticate-client.ts";
import type { IdentityDeps } from "../identity-deps.ts";
import { loadViewer } from "../load-viewer.ts";
import { purgeCredentials } from "../purge-credentials.ts";
import type { Viewer } from "../viewer.ts";
import { finishWipe, isWipeRequested } from "../wipe/answer-wipe.ts";
import { requestWipe } from "../wipe/request-wipe.ts";
import { beginDeviceLogin } from "./begin-device-login.ts";
import { collectDeviceLogin } from "./collect-device-login.ts";
import { grantDeviceLogin, readDeviceLogin, refuseDeviceLogin } from "./grant-device-login.ts";

let database: TestStore;
let deps: IdentityDeps;
let person: TestPerson;
let viewer: Viewer;
let stranger: TestPerson;
before(async () => {
  database = await openTestStore();
  deps = await makeIdentity(database.store);
  const organization = await makeOrganization(database.store);
  person = await makePerson(database.store, organization);
  stranger = await makePerson(database.store, organization);
  viewer = await loadViewer(database.store.read, person);
});
after(() => database.close());
beforeEach(() => database.store.transact((tx) => tx.deleteFrom("sign_in_throttle").execute()));

const remoteAddress = "192.0.2.7";
const begin = (userAgent = "PC-MAIRIE (Desktop Client - Windows)") =>
  beginDeviceLogin(deps, { userAgent, remoteAddress });
const refused = (code: string) => (error: unknown) => error instanceof DomainError && error.code === code;
const over = (minutes: number) =>
  database.store.transact((tx) =>
    tx
      .updateTable("device_login")
      .set({ expires_at: new Date(Date.now() + minutes * 60_000) })
      .execute(),
  );

test("a device gets its app password once its owner has said yes, and once only", async () => {
  const { pollToken, pageToken } = await begin();
  assert.equal(await collectDeviceLogin(deps, pollToken), undefined);
  assert.equal((await readDeviceLogin(deps, pageToken)).deviceName, "PC-MAIRIE (Desktop Client - Windows)");
  await grantDeviceLogin(deps, viewer, pageToken);
  await assert.rejects(grantDeviceLogin(deps, viewer, pageToken), refused("expired"));
  await assert.rejects(readDeviceLogin(deps, pageToken), refused("expired"));
  const [first, second] = await Promise.all([collectDeviceLogin(deps, pollToken), collectDeviceLogin(deps, pollToken)]);
  assert.equal([first, second].filter(Boolean).length, 1);
  const { loginName, appPassword } = (first ?? second)!;
  const entered = await authenticateClient(deps, {
    login: loginName,
    secret: appPassword,
    scope: "dav",
    remoteAddress,
  });
  assert.equal(entered.viewer.principalId, person.principalId);
  assert.equal(entered.appPasswordName, "PC-MAIRIE (Desktop Client - Windows)");
  // Not for mail.
  const forMail = { login: loginName, secret: appPassword, scope: "imap", remoteAddress } as const;
  await assert.rejects(authenticateClient(deps, forMail), refused("wrong_credentials"));
});

test("neither token is the other, and what is over or refused gives nothing", async () => {
  const crossed = await begin();
  await assert.rejects(grantDeviceLogin(deps, viewer, crossed.pollToken), refused("expired"));
  assert.equal(await collectDeviceLogin(deps, crossed.pageToken), undefined);
  await refuseDeviceLogin(deps, crossed.pageToken);
  await assert.rejects(grantDeviceLogin(deps, viewer, crossed.pageToken), refused("expired"));

  const late = await begin();
  await over(-1);
  await assert.rejects(grantDeviceLogin(deps, viewer, late.pageToken), refused("expired"));
  const granted = await begin();
  await grantDeviceLogin(deps, viewer, granted.pageToken);
  await over(-1);
  assert.equal(await collectDeviceLogin(deps, granted.pollToken), undefined);
  await purgeCredentials(database.store);
  const { rows } = { rows: await database.store.read.selectFrom("device_login").selectAll().execute() };
  assert.deepEqual(rows, []);
});

test("a person with as many app passwords as there may be is told so, and the device may still be let in after", async () => {
  const full = await makePerson(database.store, await makeOrganization(database.store));
  const fullViewer = await loadViewer(database.store.read, full);
  const made = [];
  for (let i = 0; i < 50; i++) made.push(await createAppPassword(deps, full, { name: `n${i}`, scopes: ["dav"] }));
  const { pollToken, pageToken } = await begin();
  await assert.rejects(grantDeviceLogin(deps, fullViewer, pageToken), refused("conflict"));
  await revokeAppPassword(deps, full, made[0]!.appPassword.id);
  await grantDeviceLogin(deps, fullViewer, pageToken);
  assert.ok(await collectDeviceLogin(deps, pollToken));
});

test("one network cannot begin sign-ins without end, another one can", async () => {
  let failure: unknown;
  for (let i = 0; i < 250 && !failure; i++) await begin().catch((error: unknown) => (failure = error));
  assert.ok(refused("throttled")(failure));
  await beginDeviceLogin(deps, { userAgent: "x", remoteAddress: "198.51.100.1" });
});

test("the name of a device is what can be shown of what it says", () => {
  for (const [said, name] of [
    ["", "Nextcloud"],
    [" iPhone\u0000 de\n Zoé\u202e ", "iPhone de Zoé"],
    ["x".repeat(200), "x".repeat(80)],
    [
      "Mozilla/5.0 (Linux) mirall/3.7.3git (nextcloudcmd, debian-6.1 ClientArchitecture: x86_64 OsArchitecture: x86_64)",
      "Nextcloud (debian)",
    ],
    [`${"x".repeat(79)}😀`, "x".repeat(79)],
  ] as const) {
    assert.equal(toDeviceName(said), name);
  }
});

test("a device to be wiped is shut out at once, is told so by its own password, and says once that it is done", async () => {
  const { secret, appPassword } = await createAppPassword(deps, person, { name: "Téléphone", scopes: ["dav"] });
  const { id } = appPassword;
  assert.equal(await isWipeRequested(deps, secret, remoteAddress), false);
  await assert.rejects(requestWipe(deps, stranger, id), refused("not_found"));
  await requestWipe(deps, person, id);
  await assert.rejects(requestWipe(deps, person, id), refused("not_found"));
  assert.equal(await isAppPasswordValid(deps, person.organizationId, id), false);
  const entering = { login: person.address, secret, scope: "dav", remoteAddress } as const;
  await assert.rejects(authenticateClient(deps, entering), refused("wrong_credentials"));
  assert.equal(await isWipeRequested(deps, secret, remoteAddress), true);
  const another = `${secret.slice(0, -1)}${secret.endsWith("z") ? "y" : "z"}`;
  assert.equal(await isWipeRequested(deps, another, remoteAddress), false);
  const listed = async () => (await listAppPasswords(database.store.read, person)).find((each) => each.id === id);
  assert.ok((await listed())?.wipeRequestedAt);
  const told: string[] = [];
  const finish = () => finishWipe(deps, secret, remoteAddress, async (_tx, device) => void told.push(device.name));
  assert.equal((await finish())?.principalId, person.principalId);
  assert.equal(await finish(), undefined);
  assert.deepEqual(told, ["Téléphone"]);
  assert.ok((await listed())?.wipedAt);
  assert.equal(await isWipeRequested(deps, secret, remoteAddress), false);
});

test("only what holds files is wiped, and what was withdrawn before is not", async () => {
  const mail = await createAppPassword(deps, person, { name: "Thunderbird", scopes: ["imap"] });
  await assert.rejects(requestWipe(deps, person, mail.appPassword.id), refused("not_found"));
  const gone = await createAppPassword(deps, person, { name: "Vieux", scopes: ["dav"] });
  await revokeAppPassword(deps, person, gone.appPassword.id);
  await assert.rejects(requestWipe(deps, person, gone.appPassword.id), refused("not_found"));
  await assert.rejects(requestWipe(deps, person, "no id"), refused("not_found"));
  assert.equal(await isWipeRequested(deps, gone.secret, remoteAddress), false);
});
