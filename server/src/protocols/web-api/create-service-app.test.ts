import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  makeIdentity,
  makeOrganization,
  makePerson,
  type TestPerson,
  testSettings,
} from "../../../test/harness/identity-suite.ts";
import { openTestStore, type TestStore } from "../../../test/harness/test-database.ts";
import { createAppPassword } from "../../domain/identity/app-passwords.ts";
import type { IdentityDeps } from "../../domain/identity/identity-deps.ts";
import { signOut } from "../../domain/identity/revoke-sessions.ts";
import { createServerSecrets } from "../../domain/identity/server-secrets.ts";
import { openStore } from "../../store/database.ts";
import { silentLogger } from "../../telemetry/logger.ts";
import { requireViewer } from "../shared/http-access.ts";
import type { ServiceApp } from "../shared/service-app.ts";
import { createServiceApp } from "./create-service-app.ts";
import { registerSignIn } from "./identity/sign-in.ts";

const settings = testSettings();
const portal = settings.origins.portal;
let database: TestStore;
let identity: IdentityDeps;
let app: ServiceApp;
let person: TestPerson;

before(async () => {
  database = await openTestStore();
  identity = await makeIdentity(database.store);
  person = await makePerson(database.store, await makeOrganization(database.store));
  app = await createServiceApp({
    service: "portal",
    settings,
    identity,
    log: silentLogger,
    closing: new AbortController().signal,
    plugins: [
      (scope, context) => registerSignIn(scope, context, identity),
      (scope) => void scope.post("/api/unsafe", () => ({ done: true })),
    ],
  });
});
after(async () => {
  await app.close();
  await database.close();
});

async function signIn(cookie?: string) {
  const response = await app.inject({
    method: "POST",
    url: "/api/sign-in",
    headers: { origin: portal, ...(cookie && { cookie }) },
    payload: { login: person.address, password: person.password },
  });
  assert.equal(response.statusCode, 200, response.body);
  const set = response.headers["set-cookie"] as string;
  return { set, cookie: set.split(";")[0]!, redirect: response.json().redirect as string };
}

test("signing in gives a host-only cookie out of reach of scripts, and the session says who is there", async () => {
  const { set, cookie, redirect } = await signIn();
  assert.equal(redirect, "/");
  assert.match(set, /^bouquet=[\w-]{43}; Path=\/; Max-Age=7776000; HttpOnly; SameSite=Lax$/);
  const response = await app.inject({ url: "/api/session", headers: { cookie } });
  assert.equal(response.statusCode, 200, response.body);
  const session = response.json();
  assert.equal(session.person.address, person.address);
  assert.equal(session.person.organization.name, "Bourg-Fleuri");
  assert.deepEqual(session.services, settings.origins);
  assert.equal(response.headers["cache-control"], "no-store");
});

test("a sign-in from another origin, or from none, is refused before the password is looked at", async () => {
  for (const origin of ["http://evil.example", "http://mail.localhost:8080", "null", undefined]) {
    const response = await app.inject({
      method: "POST",
      url: "/api/sign-in",
      headers: { ...(origin && { origin }) },
      payload: { login: person.address, password: person.password },
    });
    assert.equal(response.statusCode, 403);
    assert.equal(response.json().code, "csrf");
    assert.equal(response.headers["set-cookie"], undefined);
  }
});

test("an unsafe request needs the service's own origin and the token of its own session", async () => {
  const { cookie } = await signIn();
  const other = await signIn();
  const csrfOf = async (of: string) => (await app.inject({ url: "/api/session", headers: { cookie: of } })).json().csrf;
  const csrf: string = await csrfOf(cookie);
  const send = (headers: Record<string, string>) => app.inject({ method: "POST", url: "/api/unsafe", headers });
  const good = { cookie, origin: portal, "x-bouquet-csrf": csrf };
  assert.equal((await send(good)).statusCode, 200);
  for (const bad of [
    { cookie, "x-bouquet-csrf": csrf },
    { cookie, origin: "http://drive.localhost:8080", "x-bouquet-csrf": csrf },
    { cookie, origin: portal },
    { cookie, origin: portal, "x-bouquet-csrf": `${csrf}x` },
    { cookie, origin: portal, "x-bouquet-csrf": await csrfOf(other.cookie) },
  ] as Record<string, string>[]) {
    const refused = await send(bad);
    assert.equal(refused.statusCode, 403, JSON.stringify(bad));
    assert.equal(refused.json().code, "csrf");
  }
  const nobody = await send({ origin: portal, "x-bouquet-csrf": csrf });
  assert.equal(nobody.statusCode, 401);
});

test("a changed, cut or foreign cookie opens nothing", async () => {
  const { cookie } = await signIn();
  const flipped = cookie.slice(0, -1) + (cookie.endsWith("A") ? "B" : "A");
  for (const bad of [flipped, cookie.slice(0, -3), "bouquet=", "bouquet='; DROP TABLE session", `x${cookie}`]) {
    const response = await app.inject({ url: "/api/session", headers: { cookie: bad } });
    assert.equal(response.statusCode, 401, bad);
    assert.equal(response.json().code, "unauthenticated");
  }
});

test("a cookie planted before sign-in is not the one that is signed in, and the earlier sign-in ends", async () => {
  const planted = await signIn();
  const { cookie } = await signIn(planted.cookie);
  assert.notEqual(cookie, planted.cookie);
  assert.equal((await app.inject({ url: "/api/session", headers: { cookie: planted.cookie } })).statusCode, 401);
  assert.equal((await app.inject({ url: "/api/session", headers: { cookie } })).statusCode, 200);
});

test("signing out ends the session and clears the cookie", async () => {
  const { cookie } = await signIn();
  const { csrf } = (await app.inject({ url: "/api/session", headers: { cookie } })).json();
  const response = await app.inject({
    method: "POST",
    url: "/api/sign-out",
    headers: { cookie, origin: portal, "x-bouquet-csrf": csrf },
  });
  assert.equal(response.statusCode, 200);
  assert.equal(response.json().redirect, `${portal}/sign-in`);
  assert.match(response.headers["set-cookie"] as string, /^bouquet=; Path=\/; Max-Age=0/);
  assert.equal((await app.inject({ url: "/api/session", headers: { cookie } })).statusCode, 401);
});

test("the operator and the pages answer while the database does not; the rest says 503", async () => {
  const store = await openStore({
    connectionString: "postgres://nobody@127.0.0.1:1/none",
    maxConnections: 1,
    onConnectionError: () => {},
  });
  const deps = { store, secrets: createServerSecrets(Buffer.alloc(32), [], []) };
  const down = await createServiceApp({
    service: "mail",
    settings,
    identity: deps,
    log: silentLogger,
    closing: new AbortController().signal,
  });
  const operator = await down.inject({ url: "/api/operator" });
  assert.equal(operator.statusCode, 200);
  assert.equal(operator.json().support.phone, "02 61 91 12 34");
  assert.match((await down.inject({ url: "/inbox" })).body, /not built/);
  const session = await down.inject({ url: "/api/session", headers: { cookie: `bouquet=${"a".repeat(43)}` } });
  assert.equal(session.statusCode, 503, session.body);
  assert.equal(session.json().code, "unavailable");
  await down.close();
  await store.close();
});

test("a body that breaks the schema is refused with the field at fault, and nothing unknown is found", async () => {
  const bad = await app.inject({
    method: "POST",
    url: "/api/sign-in",
    headers: { origin: portal },
    payload: { login: 5, password: "x" },
  });
  assert.equal(bad.statusCode, 400);
  assert.equal(bad.json().field, "/login");
  const junk = await app.inject({
    method: "POST",
    url: "/api/sign-in",
    headers: { origin: portal, "content-type": "application/json" },
    payload: "{",
  });
  assert.equal(junk.json().code, "bad_request");
  for (const url of ["/api/nothing", "/api/..%2fetc/passwd", "/assets/..%2f..%2fetc/passwd", "/assets/none.js"]) {
    const response = await app.inject({ url });
    assert.equal(response.statusCode, 404, url);
    assert.equal(response.json().code, "not_found");
  }
  assert.match((await app.inject({ url: "/" })).headers["content-security-policy"] as string, /script-src 'self';/);
});

test("an open event stream hears of the end of its sign-in and ends", async () => {
  const { cookie } = await signIn();
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address() as import("node:net").AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}/api/events`, { headers: { cookie } });
  assert.equal(response.headers.get("content-type"), "text/event-stream; charset=utf-8");
  const { sessionId } = (await app.inject({ url: "/api/session", headers: { cookie } })).json();
  const body = response.text();
  await signOut(database.store, person, sessionId);
  assert.match(await body, /event: revoked\ndata: {"type":"revoked"}\n\n$/);
});

test("a route for programs takes an app password of its scope, and asks a program for one but not a browser", async () => {
  const service = await createServiceApp({
    service: "mail",
    settings,
    identity,
    log: silentLogger,
    closing: new AbortController().signal,
    plugins: [
      (scope) =>
        void scope.post("/program", { config: { clientScope: "imap" } }, (request) => ({
          uid: requireViewer(request).uid,
          browser: request.authenticated?.session !== undefined,
        })),
    ],
  });
  const { secret } = await createAppPassword(identity, person, { name: "JMAP", scopes: ["imap"] });
  const dav = await createAppPassword(identity, person, { name: "DAV", scopes: ["dav"] });
  const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString("base64")}` });
  const send = (headers: Record<string, string>) => service.inject({ method: "POST", url: "/program", headers });
  const good = await send(basic(`${person.address}:${secret}`));
  assert.deepEqual(good.json(), { uid: person.uid, browser: false });
  assert.equal(good.headers["www-authenticate"], undefined);
  for (const headers of [
    basic(`${person.address}:${dav.secret}`),
    basic(`${person.address}:${person.password}`),
    basic("no colon"),
    { authorization: "Bearer x" },
    { authorization: "" },
    {},
  ] as Record<string, string>[]) {
    const refused = await send(headers);
    assert.equal(refused.statusCode, 401, JSON.stringify(headers));
    assert.match(String(refused.headers["www-authenticate"]), /^Basic realm=/);
  }
  const browser = await send({ "sec-fetch-mode": "cors" });
  assert.equal(browser.statusCode, 401);
  assert.equal(browser.headers["www-authenticate"], undefined);
  await service.close();
});
