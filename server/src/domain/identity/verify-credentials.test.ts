import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { sql } from "kysely";
import { makeIdentity, makeOrganization, makePerson, type TestPerson } from "../../../test/harness/identity-suite.ts";
import { openTestStore, type TestStore } from "../../../test/harness/test-database.ts";
import { DomainError } from "../errors.ts";
import { findSession } from "./find-session.ts";
import type { IdentityDeps } from "./identity-deps.ts";
import { openPortalSession } from "./open-session.ts";
import { longestBlockSeconds } from "./throttle.ts";
import { nameAndNetworkPolicy, namePolicy, networkPolicy, verifyCredentials } from "./verify-credentials.ts";

const home = "198.51.100.7";

describe("verifyCredentials", () => {
  let database: TestStore;
  let deps: IdentityDeps;
  let person: TestPerson;
  before(async () => {
    database = await openTestStore();
    deps = await makeIdentity(database.store);
    person = await makePerson(database.store, await makeOrganization(database.store));
  });
  after(() => database.close());
  beforeEach(() => database.store.transact((tx) => tx.deleteFrom("sign_in_throttle").execute()));

  const attempt = (password: string, remoteAddress = home, login = person.address) =>
    verifyCredentials(deps, { login, password, remoteAddress });
  const refusal = async (result: Promise<unknown>): Promise<DomainError> => {
    const error = await result.then(
      () => assert.fail("was let in"),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof DomainError, String(error));
    return error;
  };
  const skipBlocks = () =>
    database.store.transact((tx) =>
      sql`UPDATE sign_in_throttle SET blocked_until = now() - interval '1 s'`.execute(tx),
    );
  const failures = async () => {
    const { rows } = await sql<{
      total: number;
    }>`SELECT coalesce(sum(failures), 0)::int AS total FROM sign_in_throttle`.execute(database.store.read);
    return rows[0]!.total;
  };

  test("lets in by address or uid, whatever the case and blanks around, and leaves no count behind", async () => {
    for (const login of [person.address, `  ${person.address.toUpperCase()} `, person.uid]) {
      const viewer = await attempt(person.password, home, login);
      assert.equal(viewer.principalId, person.principalId);
      assert.equal(viewer.address, person.address);
    }
    assert.equal(await failures(), 0);
  });

  test("says how many tries are left, the same for a name that nobody has", async () => {
    for (const login of [person.address, "nobody@nowhere.example", "", "a\0b"]) {
      for (let left = nameAndNetworkPolicy.freeTries - 1; left >= 0; left--) {
        const error = await refusal(attempt("wrong", home, login));
        assert.equal(error.code, "wrong_credentials");
        assert.equal(error.data?.attemptsLeft, left);
        assert.equal(error.message, "The name or the password is not right");
      }
      const error = await refusal(attempt("wrong", home, login));
      assert.equal(error.code, "throttled");
      assert.ok(error.retryAfterSeconds! > 0 && error.retryAfterSeconds! <= 60);
    }
  });

  test("refuses even the right password while blocked, from that network only", async () => {
    for (let index = 0; index < nameAndNetworkPolicy.freeTries; index++) await refusal(attempt("wrong"));
    assert.equal((await refusal(attempt(person.password))).code, "throttled");
    assert.equal((await refusal(attempt(person.password, "198.51.100.200"))).code, "throttled", "the same /24");
    assert.equal((await attempt(person.password, "203.0.113.9")).uid, person.uid);
    await skipBlocks();
    assert.equal((await attempt(person.password)).uid, person.uid, "and afterwards counts begin anew");
    assert.equal((await refusal(attempt("wrong"))).data?.attemptsLeft, nameAndNetworkPolicy.freeTries - 1);
  });

  test("blocks twice as long each time, and never longer than a quarter of an hour", async () => {
    const waits: number[] = [];
    for (let index = 0; index < nameAndNetworkPolicy.freeTries - 1; index++) await refusal(attempt("wrong"));
    for (let index = 0; index < 8; index++) {
      await refusal(attempt("wrong"));
      waits.push((await refusal(attempt("wrong"))).retryAfterSeconds!);
      await skipBlocks();
    }
    assert.deepEqual(waits, [60, 120, 240, 480, 900, 900, 900, 900]);
    assert.equal(longestBlockSeconds, 900);
  });

  test("a hundred guesses sent at once are not a hundred tries", async () => {
    const results = await Promise.allSettled(Array.from({ length: 30 }, (_, index) => attempt(`guess ${index}`)));
    const codes = results.map((result) => (result.status === "rejected" ? result.reason.code : "in"));
    assert.equal(codes.filter((code) => code === "wrong_credentials").length, nameAndNetworkPolicy.freeTries);
    assert.equal(codes.filter((code) => code === "throttled").length, 30 - nameAndNetworkPolicy.freeTries);
  });

  test("guesses at one name from many networks are slowed down, but not where the person works", async () => {
    await openPortalSession(deps, person, { remoteAddress: home, userAgent: undefined });
    for (let index = 0; index < namePolicy.freeTries; index++) await refusal(attempt("wrong", `10.0.${index}.1`));
    assert.equal((await refusal(attempt("wrong", "10.1.0.1"))).code, "throttled");
    assert.equal((await refusal(attempt(person.password, "10.2.0.1"))).code, "throttled");
    assert.equal((await attempt(person.password)).uid, person.uid);
  });

  test("guesses at many names from one network are slowed down; a blocked name does not use them up", async () => {
    for (let index = 0; index < nameAndNetworkPolicy.freeTries; index++) await refusal(attempt("wrong"));
    const before = await failures();
    for (let index = 0; index < 50; index++) assert.equal((await refusal(attempt("wrong"))).code, "throttled");
    assert.equal(await failures(), before);
    await database.store.transact((tx) =>
      sql`UPDATE sign_in_throttle SET failures = ${networkPolicy.freeTries - 2} WHERE key LIKE 'sign-in-network:%'`.execute(
        tx,
      ),
    );
    assert.equal((await refusal(attempt("wrong", home, "a@nowhere.example"))).code, "wrong_credentials");
    assert.equal((await refusal(attempt("wrong", home, "b@nowhere.example"))).code, "wrong_credentials");
    assert.equal((await refusal(attempt("wrong", home, "c@nowhere.example"))).code, "throttled");
  });

  test("an open session notices nothing of a block", async () => {
    const { token } = await openPortalSession(deps, person, { remoteAddress: home, userAgent: "x" });
    for (let index = 0; index < 8; index++) await refusal(attempt("wrong"));
    assert.equal((await findSession(deps, "portal", token, home))?.viewer.uid, person.uid);
  });

  test("does not answer sooner for a name that nobody has", async () => {
    const time = async (login: string) => {
      const started = performance.now();
      await refusal(attempt("wrong", `10.9.${Math.floor(Math.random() * 250)}.1`, login));
      return performance.now() - started;
    };
    // The least of several: what the machine does meanwhile only adds.
    const least = async (login: string) => {
      const times: number[] = [];
      for (let index = 0; index < 5; index++) times.push(await time(login));
      return Math.min(...times);
    };
    const [wrong, unknown] = [await least(person.address), await least("nobody@nowhere.example")];
    assert.ok(unknown > wrong / 5, `${unknown} ms against ${wrong} ms`);
  });

  test("nobody of a suspended organization, no suspended person and no shared mailbox gets in", async () => {
    const organization = await makeOrganization(database.store, "Fermée");
    const closed = await makePerson(database.store, organization);
    const suspended = await makePerson(database.store, await makeOrganization(database.store));
    await database.store.transact(async (tx) => {
      await tx
        .updateTable("organization")
        .set({ state: "suspended" })
        .where("id", "=", organization.organizationId)
        .execute();
      await tx
        .updateTable("principal")
        .set({ state: "suspended" })
        .where("organization_id", "=", suspended.organizationId)
        .where("id", "=", suspended.principalId)
        .execute();
    });
    for (const [index, one] of [closed, suspended].entries()) {
      const error = await refusal(attempt(one.password, `10.8.${index}.1`, one.address));
      assert.equal(error.code, "wrong_credentials");
    }
  });
});
