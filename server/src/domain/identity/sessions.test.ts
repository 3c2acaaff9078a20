import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { sql } from "kysely";
import { makeIdentity, makeOrganization, makePerson, type TestPerson } from "../../../test/harness/identity-suite.ts";
import { openTestStore, type TestStore } from "../../../test/harness/test-database.ts";
import { findSession, isSignInOpen } from "./find-session.ts";
import type { IdentityDeps } from "./identity-deps.ts";
import { listSignIns } from "./list-sessions.ts";
import { openPortalSession, openServiceSession } from "./open-session.ts";
import { purgeCredentials } from "./purge-credentials.ts";
import { revokeOtherSignIns, revokeSignIn, signOut } from "./revoke-sessions.ts";
import { idleDays, longestDays } from "./sessions.ts";

const client = { remoteAddress: "192.0.2.1", userAgent: "Mozilla/5.0" };
const from = "192.0.2.1";

describe("sessions", () => {
  let database: TestStore;
  let deps: IdentityDeps;
  let person: TestPerson;
  let stranger: TestPerson;
  before(async () => {
    database = await openTestStore();
    deps = await makeIdentity(database.store);
    person = await makePerson(database.store, await makeOrganization(database.store));
    stranger = await makePerson(database.store, await makeOrganization(database.store));
  });
  after(() => database.close());

  const open = async () => {
    const portal = await openPortalSession(deps, person, client);
    const mail = await openServiceSession(deps, {
      uid: person.uid,
      familyId: portal.familyId,
      service: "mail",
      client,
    });
    return { portal, mail };
  };
  const age = (familyId: string, set: ReturnType<typeof sql>) =>
    database.store.transact((tx) => sql`UPDATE session SET ${set} WHERE family_id = ${familyId}`.execute(tx));

  test("a session is found by its token on its own service, and its token is nowhere in the database", async () => {
    const { portal, mail } = await open();
    assert.equal((await findSession(deps, "portal", portal.token, from))?.viewer.principalId, person.principalId);
    assert.equal(await findSession(deps, "mail", portal.token, from), undefined);
    assert.equal(await findSession(deps, "drive", mail.token, from), undefined);
    const { rows } = await sql<{ all: string }>`SELECT string_agg(s::text, ' ') AS all FROM session s`.execute(
      database.store.read,
    );
    assert.ok(!rows[0]!.all.includes(portal.token));
    assert.ok(!rows[0]!.all.includes(Buffer.from(portal.token, "base64url").toString("hex")));
  });

  test("signing out of one service ends all of that sign-in and no other", async () => {
    const here = await open();
    const elsewhere = await open();
    let told = 0;
    const stop = database.store.hints.subscribe("revoked", here.portal.familyId, () => told++);
    await signOut(database.store, person, here.mail.familyId);
    stop();
    assert.equal(told, 1);
    assert.equal(await findSession(deps, "portal", here.portal.token, from), undefined);
    assert.equal(await findSession(deps, "mail", here.mail.token, from), undefined);
    assert.ok(await findSession(deps, "mail", elsewhere.mail.token, from));
    await signOut(database.store, person, here.mail.familyId);
  });

  test("a service joins only a sign-in that is open, and of the same person", async () => {
    const { portal } = await open();
    const join = (uid: string, familyId: string) =>
      openServiceSession(deps, { uid, familyId, service: "drive", client });
    await assert.rejects(join(stranger.uid, portal.familyId), { code: "unauthenticated" });
    await assert.rejects(join(person.uid, "00000000-0000-7000-8000-000000000000"), { code: "unauthenticated" });
    await assert.rejects(join(person.uid, "'; DROP TABLE session"), { code: "unauthenticated" });
    await signOut(database.store, person, portal.familyId);
    await assert.rejects(join(person.uid, portal.familyId), { code: "unauthenticated" });
  });

  test("the list shows each sign-in once with its services, and others' sign-ins cannot be ended", async () => {
    await revokeOtherSignIns(database.store, person, "00000000-0000-7000-8000-000000000000");
    const { portal } = await open();
    const second = await openPortalSession(deps, person, { remoteAddress: "203.0.113.5", userAgent: undefined });
    const list = await listSignIns(database.store.read, person);
    assert.deepEqual(list.map((each) => each.familyId).sort(), [portal.familyId, second.familyId].sort());
    assert.deepEqual(list.find((each) => each.familyId === portal.familyId)?.services, ["mail", "portal"]);
    assert.deepEqual(await listSignIns(database.store.read, stranger), []);
    await assert.rejects(revokeSignIn(database.store, stranger, portal.familyId), { code: "not_found" });
    await assert.rejects(revokeSignIn(database.store, person, "no-uuid"), { code: "not_found" });
    assert.ok(await findSession(deps, "portal", portal.token, from));
    await revokeOtherSignIns(database.store, person, portal.familyId);
    assert.equal(await findSession(deps, "portal", second.token, from), undefined);
    assert.ok(await findSession(deps, "portal", portal.token, from));
  });

  test("using one service keeps the whole sign-in, and being seen is written once in five minutes", async () => {
    const { portal, mail } = await open();
    await age(portal.familyId, sql`expires_at = now() + interval '1 day', last_seen_at = now() - interval '6 minutes'`);
    const first = await findSession(deps, "mail", mail.token, "198.51.100.9");
    assert.ok(first);
    const days = (date: Date) => (date.getTime() - Date.now()) / 86_400_000;
    const { expiresAt } = (await findSession(deps, "portal", portal.token, from))!;
    assert.ok(Math.abs(days(expiresAt) - idleDays) < 0.1, `${days(expiresAt)} days`);
    const seen = (await findSession(deps, "mail", mail.token, from))!.lastSeenAt;
    assert.equal((await findSession(deps, "mail", mail.token, from))!.lastSeenAt.getTime(), seen.getTime());
  });

  test("no use keeps a sign-in beyond its longest life, and an expired one opens nothing", async () => {
    const { portal, mail } = await open();
    await age(
      portal.familyId,
      sql`signed_in_at = now() - make_interval(days => ${longestDays - 1}), last_seen_at = now() - interval '1 hour'`,
    );
    await findSession(deps, "mail", mail.token, from);
    const { expiresAt } = (await findSession(deps, "mail", mail.token, from))!;
    assert.ok(expiresAt.getTime() < Date.now() + 86_400_000 + 60_000);
    await age(portal.familyId, sql`expires_at = now() - interval '1 second'`);
    assert.equal(await findSession(deps, "mail", mail.token, from), undefined);
  });

  test("a stream that stays open asks without being seen, and hears when the person may not work any more", async () => {
    const colleague = await makePerson(database.store, await makeOrganization(database.store));
    const { token } = await openPortalSession(deps, colleague, client);
    const session = (await findSession(deps, "portal", token, from))!;
    assert.equal(await isSignInOpen(deps, session), true);
    await database.store.transact((tx) =>
      tx
        .updateTable("principal")
        .set({ state: "suspended" })
        .where("organization_id", "=", colleague.organizationId)
        .where("id", "=", colleague.principalId)
        .execute(),
    );
    assert.equal(await isSignInOpen(deps, session), false);
    assert.equal(await findSession(deps, "portal", token, from), undefined);
  });

  test("purging takes what ended long ago and leaves what is open", async () => {
    const { portal, mail } = await open();
    const old = await open();
    await age(old.portal.familyId, sql`expires_at = now() - interval '91 days'`);
    assert.equal(await purgeCredentials(database.store), 2);
    assert.ok(await findSession(deps, "portal", portal.token, from));
    assert.ok(await findSession(deps, "mail", mail.token, from));
  });
});
