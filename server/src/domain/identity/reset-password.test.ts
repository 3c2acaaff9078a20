import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { sql } from "kysely";
import {
  makeIdentity,
  makeOrganization,
  makePerson,
  type TestOrganization,
  type TestPerson,
} from "../../../test/harness/identity-suite.ts";
import { openTestStore, type TestStore } from "../../../test/harness/test-database.ts";
import { createAppPassword } from "./app-passwords.ts";
import { assessPassword } from "./assess-password.ts";
import { authenticateClient } from "./authenticate-client.ts";
import { findSession } from "./find-session.ts";
import type { IdentityDeps } from "./identity-deps.ts";
import { loadViewer } from "./load-viewer.ts";
import { openPortalSession } from "./open-session.ts";
import { createResetLink, readResetLink, resetPassword } from "./reset-password.ts";
import { changePassword, generatePassword, setPassword } from "./set-password.ts";
import { verifyCredentials } from "./verify-credentials.ts";

const client = { remoteAddress: "192.0.2.1", userAgent: undefined };
const next = "grenier-lune-7-brouette";

describe("passwords", () => {
  let database: TestStore;
  let deps: IdentityDeps;
  let organization: TestOrganization;
  let administrator: TestPerson;
  let person: TestPerson;
  let stranger: TestPerson;
  before(async () => {
    database = await openTestStore();
    deps = await makeIdentity(database.store);
    organization = await makeOrganization(database.store);
    administrator = await makePerson(database.store, organization, { roles: ["member_administrator"] });
    person = await makePerson(database.store, organization);
    const elsewhere = await makeOrganization(database.store, "Autre-Bourg");
    stranger = await makePerson(database.store, elsewhere, { roles: ["member_administrator"] });
  });
  after(() => database.close());

  const viewerOf = (who: TestPerson) => loadViewer(database.store.read, who);
  const enter = (password: string) =>
    verifyCredentials(deps, { login: person.address, password, remoteAddress: "192.0.2.1" });

  test("an administrator's link lets the person choose a password, once, and ends their sign-ins, not their devices", async () => {
    const { token } = await openPortalSession(deps, person, client);
    const device = await createAppPassword(deps, person, { name: "Téléphone", scopes: ["imap"] });
    const link = await createResetLink(deps, await viewerOf(administrator), person.uid);
    assert.ok(Buffer.from(link.token, "base64url").length >= 16);
    const hours = (link.expiresAt.getTime() - Date.now()) / 3_600_000;
    assert.ok(hours > 71.9 && hours <= 72);
    assert.equal((await readResetLink(deps, link.token)).login, person.address);
    await assert.rejects(resetPassword(deps, link.token, "azerty2026"), { code: "weak_password" });

    const twice = await Promise.allSettled([
      resetPassword(deps, link.token, next),
      resetPassword(deps, link.token, next),
    ]);
    assert.deepEqual(twice.map((each) => each.status).sort(), ["fulfilled", "rejected"]);
    await assert.rejects(resetPassword(deps, link.token, next), { code: "expired" });
    await assert.rejects(readResetLink(deps, link.token), { code: "expired" });
    assert.equal(await findSession(deps, "portal", token, "192.0.2.1"), undefined);
    assert.equal((await enter(next)).uid, person.uid);
    await assert.rejects(enter(person.password), { code: "wrong_credentials" });
    const entered = await authenticateClient(deps, {
      login: person.address,
      secret: device.secret,
      scope: "imap",
      remoteAddress: "192.0.2.1",
    });
    assert.equal(entered.viewer.uid, person.uid);
    await setPassword(deps, person, person.password);
  });

  test("a new link ends the earlier one; an old, changed or invented one says no more than that it is over", async () => {
    const viewer = await viewerOf(administrator);
    const first = await createResetLink(deps, viewer, person.uid);
    const second = await createResetLink(deps, viewer, person.uid);
    await assert.rejects(readResetLink(deps, first.token), { code: "expired" });
    await readResetLink(deps, second.token);
    const changed = `${second.token.slice(0, -1)}${second.token.endsWith("A") ? "B" : "A"}`;
    for (const token of [changed, "", "x", "a".repeat(32), `${second.token} `, "é".repeat(32)]) {
      await assert.rejects(readResetLink(deps, token), { code: "expired" });
      await assert.rejects(resetPassword(deps, token, next), { code: "expired" });
    }
    await database.store.transact((tx) => sql`UPDATE password_reset_link SET expires_at = now()`.execute(tx));
    await assert.rejects(resetPassword(deps, second.token, next), { code: "expired" });
  });

  test("nobody makes a link for another organization, or without administering", async () => {
    await assert.rejects(createResetLink(deps, await viewerOf(person), administrator.uid), { code: "forbidden" });
    await assert.rejects(createResetLink(deps, await viewerOf(administrator), stranger.uid), { code: "not_found" });
    await assert.rejects(createResetLink(deps, await viewerOf(stranger), person.uid), { code: "not_found" });
    await assert.rejects(createResetLink(deps, await viewerOf(stranger), "' OR true"), { code: "not_found" });
  });

  test("changing one's own password needs the current one and ends the other sign-ins", async () => {
    const viewer = await viewerOf(person);
    const here = await openPortalSession(deps, person, client);
    const elsewhere = await openPortalSession(deps, person, client);
    const change = (current: string, wanted: string) =>
      changePassword(deps, viewer, { current, next: wanted, keptFamilyId: here.familyId, remoteAddress: "192.0.2.1" });
    await assert.rejects(change("wrong", next), { code: "wrong_credentials" });
    await assert.rejects(
      change(person.password, person.password),
      (error: { code: string; data: { reasons: string[] } }) => {
        assert.deepEqual(error.data.reasons, ["same_as_current"]);
        return error.code === "weak_password";
      },
    );
    await assert.rejects(change(person.password, "Nadia.Kessler1"), (error: { data: { reasons: string[] } }) => {
      assert.deepEqual(error.data.reasons, ["personal"]);
      return true;
    });
    assert.ok(await findSession(deps, "portal", elsewhere.token, "192.0.2.1"));
    await change(person.password, next);
    assert.ok(await findSession(deps, "portal", here.token, "192.0.2.1"));
    assert.equal(await findSession(deps, "portal", elsewhere.token, "192.0.2.1"), undefined);
    await setPassword(deps, person, person.password);
  });

  test("passwords made to be handed over are good ones, for anyone", () => {
    for (let index = 0; index < 200; index++) {
      const { acceptable, bits } = assessPassword(generatePassword());
      assert.ok(acceptable && bits >= 60, String(bits));
    }
  });

  test("a shared mailbox or an unknown principal gets no password", async () => {
    await assert.rejects(setPassword(deps, { ...person, principalId: organization.organizationId }, next), {
      code: "not_found",
    });
    await assert.rejects(setPassword(deps, { ...person, organizationId: stranger.organizationId }, next), {
      code: "not_found",
    });
  });
});
