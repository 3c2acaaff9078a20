import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  makeIdentity,
  makeOrganization,
  makePerson,
  type TestOrganization,
  type TestPerson,
} from "../../../../test/harness/identity-suite.ts";
import { openTestStore, type TestStore } from "../../../../test/harness/test-database.ts";
import { startWebSuite, TestBrowser, type WebSuite } from "../../../../test/harness/web-suite.ts";
import { authenticateClient } from "../../../domain/identity/authenticate-client.ts";
import type { IdentityDeps } from "../../../domain/identity/identity-deps.ts";
import { setPassword } from "../../../domain/identity/set-password.ts";

let database: TestStore;
let identity: IdentityDeps;
let suite: WebSuite;
let organization: TestOrganization;
let administrator: TestPerson;
let person: TestPerson;
let stranger: TestPerson;

before(async () => {
  database = await openTestStore();
  identity = await makeIdentity(database.store);
  organization = await makeOrganization(database.store);
  administrator = await makePerson(database.store, organization, {
    displayName: "Claire Morel",
    roles: ["member_administrator"],
  });
  person = await makePerson(database.store, organization, { jobTitle: "Secrétaire" });
  stranger = await makePerson(database.store, await makeOrganization(database.store, "Val-Joli"), {
    displayName: "Zoé Autre",
    roles: ["member_administrator"],
  });
  suite = await startWebSuite(identity);
});
after(async () => {
  await suite.close();
  await database.close();
});

type Call = (
  method: string,
  path: string,
  json?: unknown,
) => Promise<{ status: number; body: ReturnType<typeof JSON.parse> }>;

async function callAs(who: TestPerson, browser = new TestBrowser(suite.port)): Promise<Call> {
  const { portal } = suite.settings.origins;
  const parse = (text: string) => (text === "" ? undefined : JSON.parse(text));
  const entered = await browser.send(`${portal}/api/sign-in`, {
    method: "POST",
    headers: { origin: portal },
    json: { login: who.address, password: who.password },
  });
  assert.equal(entered.status, 200, entered.body);
  const { csrf } = parse((await browser.send(`${portal}/api/session`)).body);
  return async (method, path, json) => {
    const headers = { origin: portal, "x-bouquet-csrf": csrf };
    const answer = await browser.send(`${portal}${path}`, { method, headers, ...(json !== undefined && { json }) });
    return { status: answer.status, body: parse(answer.body) };
  };
}

async function callAsNobody(
  method: string,
  path: string,
  json?: unknown,
  origin: string | undefined = suite.settings.origins.portal,
) {
  const answer = await new TestBrowser(suite.port).send(suite.settings.origins.portal + path, {
    method,
    headers: { ...(origin && { origin }) },
    ...(json !== undefined && { json }),
  });
  return { status: answer.status, body: answer.body === "" ? undefined : JSON.parse(answer.body) };
}

test("everything but what is meant for everybody asks to sign in", async () => {
  for (const [method, path] of [
    ["GET", "/api/session"],
    ["POST", "/api/sign-out"],
    ["GET", "/api/home"],
    ["GET", "/api/profile"],
    ["PATCH", "/api/profile"],
    ["POST", "/api/password"],
    ["POST", "/api/password-check"],
    ["GET", "/api/sessions"],
    ["DELETE", "/api/sessions/x"],
    ["POST", "/api/sessions/revoke-others"],
    ["GET", "/api/app-passwords"],
    ["POST", "/api/app-passwords"],
    ["DELETE", "/api/app-passwords/x"],
    ["GET", "/api/people"],
    ["POST", "/api/people/x/password-reset"],
    ["GET", "/api/client-settings"],
    ["GET", "/api/events"],
  ] as const) {
    const { status, body } = await callAsNobody(
      method,
      path,
      method === "GET" || method === "DELETE" ? undefined : { password: "x" },
    );
    assert.equal(status, 401, `${method} ${path}`);
    assert.equal(body.code, "unauthenticated");
  }
});

test("the home of someone without mail or files yet is empty, not broken", async () => {
  const call = await callAs(person);
  const { status, body } = await call("GET", "/api/home");
  assert.equal(status, 200);
  assert.deepEqual(body.mail, { unread: 0, latest: null, usage: { usedBytes: 0, limitBytes: 2e9 } });
  assert.deepEqual(body.drive, { usage: { usedBytes: 0, limitBytes: 5e9 }, recent: [] });
  assert.deepEqual(body.services[0], { name: "mail", state: "ok", since: null });
});

test("a person changes their profile, and only what it has", async () => {
  const call = await callAs(person);
  const changed = await call("PATCH", "/api/profile", {
    jobTitle: "Secrétaire de mairie",
    language: "en",
    timeZone: "Indian/Reunion",
  });
  assert.equal(changed.status, 200);
  const { body } = await call("GET", "/api/profile");
  assert.equal(body.jobTitle, "Secrétaire de mairie");
  assert.equal(body.language, "en");
  assert.deepEqual(body.addresses, [person.address]);
  for (const [bad, field] of [
    [{ timeZone: "Mars/Olympus" }, "/timeZone"],
    [{ displayName: "   " }, "/displayName"],
    [{ displayName: "a\u0007" }, "/displayName"],
    [{ language: "de" }, "/language"],
  ] as const) {
    const refused = await call("PATCH", "/api/profile", bad);
    assert.equal(refused.status, 400);
    assert.equal(refused.body.field, field, JSON.stringify(bad));
  }
  for (const bad of [{ uid: "x" }, { addresses: ["maire@elysee.example"] }, { roles: ["operator"] }, [], "x", null]) {
    assert.equal((await call("PATCH", "/api/profile", bad)).status, 400, JSON.stringify(bad));
  }
});

test("sign-ins are listed with what the browser says it is, and ending one cuts it", async () => {
  const call = await callAs(person);
  await callAs(person);
  const { body } = await call("GET", "/api/sessions");
  const other = body.sessions.find((each: { current: boolean }) => !each.current);
  assert.equal(body.sessions.filter((each: { current: boolean }) => each.current).length, 1);
  assert.deepEqual(other.services, ["portal"]);
  assert.equal((await call("DELETE", `/api/sessions/${other.id}`)).status, 204);
  assert.equal((await call("DELETE", `/api/sessions/${other.id}`)).status, 404);
  const outsider = await callAs(stranger);
  const mine = body.sessions.find((each: { current: boolean }) => each.current);
  assert.equal((await outsider("DELETE", `/api/sessions/${mine.id}`)).status, 404);
  assert.equal((await call("POST", "/api/sessions/revoke-others")).status, 204);
  assert.equal((await call("GET", "/api/sessions")).body.sessions.length, 1);
  assert.equal((await call("DELETE", `/api/sessions/${mine.id}`)).status, 204);
  assert.equal((await call("GET", "/api/session")).status, 401);
});

test("an app password is shown once, works for its use, and ends when revoked, by its owner only", async () => {
  const call = await callAs(person);
  const made = await call("POST", "/api/app-passwords", { name: "Thunderbird", scopes: ["imap", "smtp"] });
  assert.equal(made.status, 201);
  const enter = () =>
    authenticateClient(identity, {
      login: person.address,
      secret: made.body.secret,
      scope: "imap",
      remoteAddress: "192.0.2.1",
    });
  assert.equal((await enter()).viewer.uid, person.uid);
  const { body } = await call("GET", "/api/app-passwords");
  assert.equal(body.appPasswords[0].name, "Thunderbird");
  assert.ok(body.appPasswords[0].lastUsedAt);
  assert.ok(!JSON.stringify(body).includes(made.body.secret.slice(0, 9)));
  const { id } = made.body.appPassword;
  for (const who of [stranger, administrator]) {
    const other = await callAs(who);
    assert.equal((await other("DELETE", `/api/app-passwords/${id}`)).status, 404);
    assert.ok(!JSON.stringify((await other("GET", "/api/app-passwords")).body).includes(id));
  }
  assert.equal((await call("DELETE", `/api/app-passwords/${id}`)).status, 204);
  await assert.rejects(enter(), { code: "wrong_credentials" });
  for (const bad of [
    { name: "x", scopes: [] },
    { name: "", scopes: ["imap"] },
    { name: "x", scopes: ["imap", "imap"] },
    { name: "x", scopes: ["root"] },
  ]) {
    assert.equal((await call("POST", "/api/app-passwords", bad)).status, 400, JSON.stringify(bad));
  }
});

test("changing the password asks for the current one and says why another is refused", async () => {
  const call = await callAs(person);
  const wrong = await call("POST", "/api/password", { current: "wrong", next: "grenier-lune-7-brouette" });
  assert.equal(wrong.status, 401);
  assert.equal(wrong.body.code, "wrong_credentials");
  assert.equal(wrong.body.attemptsLeft, undefined);
  const weak = await call("POST", "/api/password", { current: person.password, next: "Bourg-Fleuri61" });
  assert.equal(weak.status, 422);
  assert.deepEqual(weak.body.reasons, ["personal"]);
  const checked = await call("POST", "/api/password-check", { password: "grenier-lune-7-brouette" });
  assert.equal(checked.body.acceptable, true);
  assert.equal((await call("GET", "/api/password-policy")).body.minBits, 50);
  assert.equal(
    (await call("POST", "/api/password", { current: person.password, next: "grenier-lune-7-brouette" })).status,
    204,
  );
  assert.equal((await call("GET", "/api/session")).status, 200, "this sign-in goes on");
  await setPassword(identity, person, person.password);
});

test("an administrator sees their own people and gives a one-time link, which the person uses without signing in", async () => {
  const call = await callAs(administrator);
  const { body } = await call("GET", "/api/people");
  const uids = body.people.map((each: { uid: string }) => each.uid);
  assert.ok(uids.includes(person.uid) && uids.includes(administrator.uid));
  assert.ok(!uids.includes(stranger.uid));
  assert.equal(body.people[0].displayName, "Nadia Kessler", "K before M");
  assert.deepEqual(body.people[1].roles, ["member_admin"]);

  const made = await call("POST", `/api/people/${person.uid}/password-reset`);
  assert.equal(made.status, 201);
  const token = made.body.url.slice(`${suite.settings.origins.portal}/reset/`.length);
  assert.equal((await callAsNobody("GET", `/api/password-reset/${token}`)).body.login, person.address);
  const chosen = { password: "verger-seau-4-girouette" };
  assert.equal((await callAsNobody("POST", `/api/password-reset/${token}`, chosen, "http://evil.example")).status, 403);
  assert.equal(
    (await callAsNobody("POST", "/api/password-check", { password: "x", resetToken: token })).body.acceptable,
    false,
  );
  assert.equal((await callAsNobody("POST", "/api/password-check", { password: "x", resetToken: "y" })).status, 401);
  assert.equal((await callAsNobody("POST", `/api/password-reset/${token}`, { password: "nadia2026" })).status, 422);
  assert.equal((await callAsNobody("POST", `/api/password-reset/${token}`, chosen)).status, 204);
  for (const dead of [token, "x", "%00", "..%2f"]) {
    const gone = await callAsNobody("GET", `/api/password-reset/${dead}`);
    assert.equal(gone.status, 410, dead);
    assert.equal(gone.body.code, "gone");
  }
  await callAs({ ...person, ...chosen });
  await setPassword(identity, person, person.password);
});

test("nobody administers another organization, and who does not administer is told so", async () => {
  const call = await callAs(person);
  assert.equal((await call("GET", "/api/people")).status, 403);
  assert.equal((await call("POST", `/api/people/${administrator.uid}/password-reset`)).status, 403);
  const outsider = await callAs(stranger);
  assert.equal((await outsider("POST", `/api/people/${person.uid}/password-reset`)).status, 404);
  assert.deepEqual(
    (await outsider("GET", "/api/people")).body.people.map((each: { uid: string }) => each.uid),
    [stranger.uid],
  );
});

test("wrong passwords are counted down, then slowed down with how long to wait, at most a quarter of an hour", async () => {
  const target = await makePerson(database.store, organization);
  const attempt = () => callAsNobody("POST", "/api/sign-in", { login: target.address, password: "wrong" });
  for (let left = 4; left >= 0; left--) {
    const { status, body } = await attempt();
    assert.deepEqual([status, body.code, body.attemptsLeft], [401, "wrong_credentials", left]);
  }
  const { status, body } = await attempt();
  assert.deepEqual([status, body.code], [429, "throttled"]);
  assert.ok(body.retryAfterSeconds > 0 && body.retryAfterSeconds <= 900);
});

test("mail programs are told where to connect", async () => {
  const { body } = await (await callAs(person))("GET", "/api/client-settings");
  assert.equal(body.userName, person.address);
  assert.deepEqual(body.imap, [{ host: "mail.localhost", port: 2993, security: "tls" }]);
  assert.deepEqual(
    [body.pop3[0].port, body.sieve],
    [2995, [{ host: "mail.localhost", port: 4190, security: "starttls" }]],
  );
  assert.equal(body.davUrl, null);
});
