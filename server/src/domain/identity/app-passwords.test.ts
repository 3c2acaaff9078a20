import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { sql } from "kysely";
import {
  makeIdentity,
  makeOrganization,
  makePerson,
  type TestOrganization,
  type TestPerson,
} from "../../../test/harness/identity-suite.ts";
import { openTestStore, type TestStore } from "../../../test/harness/test-database.ts";
import { type AppPasswordScope, createAppPassword, listAppPasswords, revokeAppPassword } from "./app-passwords.ts";
import { authenticateClient, isAppPasswordValid } from "./authenticate-client.ts";
import type { IdentityDeps } from "./identity-deps.ts";

describe("app passwords", () => {
  let database: TestStore;
  let deps: IdentityDeps;
  let organization: TestOrganization;
  let person: TestPerson;
  let stranger: TestPerson;
  before(async () => {
    database = await openTestStore();
    deps = await makeIdentity(database.store);
    organization = await makeOrganization(database.store);
    person = await makePerson(database.store, organization);
    stranger = await makePerson(database.store, await makeOrganization(database.store));
  });
  after(() => database.close());
  beforeEach(() => database.store.transact((tx) => tx.deleteFrom("sign_in_throttle").execute()));

  const make = (scopes: AppPasswordScope[] = ["imap", "smtp"], name = "Thunderbird") =>
    createAppPassword(deps, person, { name, scopes });
  const enter = (
    secret: string,
    scope: AppPasswordScope = "imap",
    login = person.address,
    remoteAddress = "192.0.2.1",
  ) => authenticateClient(deps, { login, secret, scope, remoteAddress });

  test("one lets its program in, typed with or without its groups and in capitals", async () => {
    const { secret, appPassword } = await make();
    assert.match(secret, /^([a-z2-9]{4}-){6}[a-z2-9]{4}$/);
    for (const typed of [secret, secret.replaceAll("-", ""), ` ${secret.toUpperCase().replaceAll("-", " ")} `]) {
      const entered = await enter(typed);
      assert.equal(entered.appPasswordId, appPassword.id);
      assert.equal(entered.viewer.principalId, person.principalId);
    }
    assert.equal((await enter(secret, "smtp", person.uid)).appPasswordId, appPassword.id);
  });

  test("it is not in the database, and no two are the same", async () => {
    const made = await Promise.all(Array.from({ length: 10 }, () => make(["dav"], "Tablette")));
    assert.equal(new Set(made.map((each) => each.secret)).size, 10);
    const { rows } = await sql<{ all: string }>`SELECT string_agg(a::text, ' ') AS all FROM app_password a`.execute(
      database.store.read,
    );
    for (const { secret } of made) assert.ok(!rows[0]!.all.includes(secret.replaceAll("-", "")));
    for (const { appPassword } of made) await revokeAppPassword(deps, person, appPassword.id);
  });

  test("the account's password, another use, another name and anything else are refused alike", async () => {
    const { secret } = await make(["imap"]);
    const tries: Parameters<typeof enter>[] = [
      [person.password],
      [secret, "smtp"],
      [secret, "dav"],
      [secret, "imap", stranger.address],
      [secret, "imap", "nobody@nowhere.example"],
      [secret, "imap", ""],
      [secret, "imap", "a\0b"],
      [`${secret.slice(0, -1)}${secret.endsWith("a") ? "b" : "a"}`],
      [""],
      ["x".repeat(1_000_000)],
      ["\0"],
    ];
    for (const [index, [typed, scope, login]] of tries.entries()) {
      await assert.rejects(enter(typed, scope, login, `10.0.${index}.1`), {
        code: "wrong_credentials",
        message: "The name or the app password is not right",
      });
    }
  });

  test("a revoked one is refused, its open connections are told, and nobody else can revoke it", async () => {
    const { secret, appPassword } = await make();
    const colleague = await makePerson(database.store, organization);
    for (const other of [stranger, colleague]) {
      await assert.rejects(revokeAppPassword(deps, other, appPassword.id), { code: "not_found" });
    }
    await assert.rejects(revokeAppPassword(deps, person, "x"), { code: "not_found" });
    assert.equal(await isAppPasswordValid(deps, person.organizationId, appPassword.id), true);
    let told = 0;
    const stop = database.store.hints.subscribe("revoked", appPassword.id, () => told++);
    await revokeAppPassword(deps, person, appPassword.id);
    stop();
    assert.equal(told, 1);
    assert.equal(await isAppPasswordValid(deps, person.organizationId, appPassword.id), false);
    await assert.rejects(enter(secret), { code: "wrong_credentials" });
    await assert.rejects(revokeAppPassword(deps, person, appPassword.id), { code: "not_found" });
  });

  test("wrong ones are slowed down, right ones never", async () => {
    const { secret } = await make();
    for (let index = 0; index < 20; index++) await assert.rejects(enter("wrong"), { code: "wrong_credentials" });
    await assert.rejects(enter("wrong"), (error: { code: string; retryAfterSeconds: number }) => {
      assert.equal(error.code, "throttled");
      return error.retryAfterSeconds <= 900;
    });
    assert.equal((await enter(secret)).viewer.uid, person.uid);
  });

  test("names without end from one network leave no row each once it is slowed down", async () => {
    const tryAs = (login: string) =>
      authenticateClient(deps, { login, secret: "wrong", scope: "imap", remoteAddress: "198.51.100.77" });
    const rows = async () => (await database.store.read.selectFrom("sign_in_throttle").select("key").execute()).length;
    await assert.rejects(tryAs("nobody@nowhere.example"), { code: "wrong_credentials" });
    await database.store.transact((tx) =>
      sql`UPDATE sign_in_throttle SET failures = 500, blocked_until = now() + interval '10 minutes'
        WHERE key LIKE 'client-network:%'`.execute(tx),
    );
    const before = await rows();
    for (let index = 0; index < 5; index++) {
      await assert.rejects(tryAs(`nobody${index}@nowhere.example`), { code: "throttled" });
    }
    assert.equal(await rows(), before);
    await database.store.transact((tx) => tx.deleteFrom("sign_in_throttle").execute());
  });

  test("its last use is written at most hourly", async () => {
    const { secret, appPassword } = await make(["dav"], "Ordinateur");
    const lastUse = async () =>
      (await listAppPasswords(database.store.read, person)).find((each) => each.id === appPassword.id)!.lastUsedAt;
    assert.equal(await lastUse(), undefined);
    await enter(secret, "dav");
    const first = await lastUse();
    assert.ok(first);
    await enter(secret, "dav");
    assert.equal((await lastUse())!.getTime(), first.getTime());
    await database.store.transact((tx) =>
      sql`UPDATE app_password SET last_used_at = now() - interval '61 minutes' WHERE id = ${appPassword.id}`.execute(
        tx,
      ),
    );
    await enter(secret, "dav");
    assert.ok((await lastUse())!.getTime() >= first.getTime());
  });

  test("a person lists their own, and a nameless or useless one is refused", async () => {
    assert.deepEqual(await listAppPasswords(database.store.read, stranger), []);
    for (const input of [
      { name: "  ", scopes: ["imap"] },
      { name: "x".repeat(81), scopes: ["imap"] },
      { name: "a\u0000b", scopes: ["imap"] },
      { name: "x", scopes: [] },
      { name: "x", scopes: ["imap", "everything"] },
    ]) {
      await assert.rejects(createAppPassword(deps, person, input as never), { code: "invalid" });
    }
  });
});
