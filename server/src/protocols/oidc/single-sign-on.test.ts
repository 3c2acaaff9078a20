import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { makeIdentity, makeOrganization, makePerson, type TestPerson } from "../../../test/harness/identity-suite.ts";
import { openTestStore, type TestStore } from "../../../test/harness/test-database.ts";
import { startWebSuite, TestBrowser, type WebSuite } from "../../../test/harness/web-suite.ts";
import type { IdentityDeps } from "../../domain/identity/identity-deps.ts";
import { revokeOtherSignIns } from "../../domain/identity/revoke-sessions.ts";
import { openStore } from "../../store/database.ts";
import { serviceClient } from "./clients.ts";

let database: TestStore;
let identity: IdentityDeps;
let suite: WebSuite;
let person: TestPerson;
let colleague: TestPerson;

before(async () => {
  database = await openTestStore();
  identity = await makeIdentity(database.store);
  const organization = await makeOrganization(database.store);
  person = await makePerson(database.store, organization);
  colleague = await makePerson(database.store, organization, { displayName: "Paul Ferrand" });
  suite = await startWebSuite(identity, {
    clients: () => [
      {
        client_id: "editor",
        client_secret: "an-editor-of-documents-of-the-operator",
        redirect_uris: ["http://editor.example/back"],
        scope: "openid profile email",
        response_types: ["code"],
        grant_types: ["authorization_code"],
      },
    ],
  });
});
after(async () => {
  await suite.close();
  await database.close();
});

const on = (service: "portal" | "mail" | "drive", path: string) => suite.settings.origins[service] + path;
const newBrowser = () => new TestBrowser(suite.port);

async function signInAtPage(browser: TestBrowser, page: string, who: TestPerson = person) {
  const interaction = new URL(page).searchParams.get("interaction");
  const answer = await browser.send(on("portal", "/api/sign-in"), {
    method: "POST",
    headers: { origin: suite.settings.origins.portal },
    json: { login: who.address, password: who.password, ...(interaction && { interaction }) },
  });
  assert.equal(answer.status, 200, answer.body);
  return new URL(JSON.parse(answer.body).redirect, on("portal", "/")).href;
}

async function sessionOn(browser: TestBrowser, service: "portal" | "mail" | "drive") {
  const answer = await browser.send(on(service, "/api/session"));
  return answer.status === 200 ? JSON.parse(answer.body) : undefined;
}

async function signedInOnMail(who = person) {
  const browser = newBrowser();
  const page = await browser.open(on("mail", "/sign-in?return=/inbox"));
  const back = await browser.open(await signInAtPage(browser, page.url, who));
  assert.equal(back.url, on("mail", "/inbox"));
  return browser;
}

test("whoever opens the webmail signs in at the portal once and comes back to the page they wanted", async () => {
  const browser = newBrowser();
  assert.equal(await sessionOn(browser, "mail"), undefined);
  const page = await browser.open(on("mail", "/sign-in?return=/inbox/42%3Fx"));
  assert.match(page.url, /^http:\/\/portail\.localhost:\d+\/sign-in\?interaction=/);
  const end = await browser.open(await signInAtPage(browser, page.url));
  assert.equal(end.url, on("mail", "/inbox/42?x"));
  assert.equal((await sessionOn(browser, "mail")).person.address, person.address);
  assert.equal((await sessionOn(browser, "portal")).person.address, person.address);
});

test("the other services then open without asking again", async () => {
  const browser = await signedInOnMail();
  browser.visited.length = 0;
  const end = await browser.open(on("drive", "/sign-in?return=/files"));
  assert.equal(end.url, on("drive", "/files"));
  assert.ok(!browser.visited.some((url) => url.includes("/sign-in?interaction")));
  const [portal, mail, drive] = [
    await sessionOn(browser, "portal"),
    await sessionOn(browser, "mail"),
    await sessionOn(browser, "drive"),
  ];
  assert.equal(mail.sessionId, portal.sessionId);
  assert.equal(drive.sessionId, portal.sessionId);
  assert.notEqual(mail.csrf, drive.csrf);
});

test("whoever is signed in at the portal already opens a service without being asked", async () => {
  const browser = newBrowser();
  await signInAtPage(browser, on("portal", "/sign-in"));
  const end = await browser.open(on("drive", "/sign-in?return=/"));
  assert.equal(end.url, on("drive", "/"));
  assert.ok(await sessionOn(browser, "drive"));
});

test("signing out of the webmail signs out of the portal and the drive, and the next visit asks again", async () => {
  const browser = await signedInOnMail();
  await browser.open(on("drive", "/sign-in?return=/"));
  const { csrf } = await sessionOn(browser, "mail");
  const out = await browser.send(on("mail", "/api/sign-out"), {
    method: "POST",
    headers: { origin: suite.settings.origins.mail, "x-bouquet-csrf": csrf },
  });
  assert.equal(JSON.parse(out.body).redirect, on("portal", "/sign-in"));
  for (const service of ["portal", "mail", "drive"] as const)
    assert.equal(await sessionOn(browser, service), undefined);
  const page = await browser.open(on("drive", "/sign-in"));
  assert.match(page.url, /\/sign-in\?interaction=/, "the provider forgot too");
  // Someone else at the same computer gets their own sessions.
  await browser.open(await signInAtPage(browser, page.url, colleague));
  assert.equal((await sessionOn(browser, "drive")).person.address, colleague.address);
});

test("a sign-in revoked from elsewhere is not brought back by the provider's own session", async () => {
  const browser = await signedInOnMail();
  await revokeOtherSignIns(database.store, person, "00000000-0000-7000-8000-000000000000");
  assert.equal(await sessionOn(browser, "mail"), undefined);
  const page = await browser.open(on("mail", "/sign-in"));
  assert.match(page.url, /\/sign-in\?interaction=/);
});

test("the provider's session is worth nothing without the portal's", async () => {
  const browser = await signedInOnMail();
  browser.cookies.get("portail.localhost")!.delete("bouquet /");
  const page = await browser.open(on("drive", "/sign-in"));
  assert.match(page.url, /\/sign-in\?interaction=/);
  // And when another person then signs in, they are who signs in.
  const end = await browser.open(await signInAtPage(browser, page.url, colleague));
  assert.equal(end.url, on("drive", "/"));
  assert.equal((await sessionOn(browser, "drive")).person.address, colleague.address);
});

test("two tabs that ask at once both arrive where they wanted", async () => {
  const browser = newBrowser();
  const mailPage = await browser.open(on("mail", "/sign-in?return=/a"));
  const drivePage = await browser.open(on("drive", "/sign-in?return=/b"));
  assert.equal((await browser.open(await signInAtPage(browser, mailPage.url))).url, on("mail", "/a"));
  const driveInteraction = new URL(drivePage.url).searchParams.get("interaction");
  assert.equal((await browser.open(on("portal", `/interaction/${driveInteraction}`))).url, on("drive", "/b"));
});

test("two copies of the program behind one address serve one sign-in together", async () => {
  const other = await startWebSuite(identity, { origins: suite.settings.origins });
  try {
    const browser = newBrowser();
    const copies = [suite.port, other.port];
    let turn = 0;
    const send = browser.send.bind(browser);
    browser.send = (...args) => {
      browser.port = copies[turn++ % 2]!;
      return send(...args);
    };
    const page = await browser.open(on("mail", "/sign-in?return=/x"));
    const end = await browser.open(await signInAtPage(browser, page.url));
    assert.equal(end.url, on("mail", "/x"));
    assert.ok(await sessionOn(browser, "mail"));
    assert.ok(await sessionOn(browser, "mail"));
  } finally {
    await other.close();
  }
});

test("going back leads to a path of the service and nowhere else", async () => {
  const browser = await signedInOnMail();
  for (const evil of [
    "//evil.example",
    "https://evil.example/",
    "/\\evil.example",
    "/%09//evil.example",
    "javascript:alert(1)",
    "\\\\evil",
  ]) {
    const answer = await browser.send(on("mail", `/sign-in?return=${encodeURIComponent(evil)}`));
    assert.equal(new URL(answer.location!).origin, suite.settings.origins.mail, evil);
  }
  const twice = await browser.send(on("mail", "/sign-in?return=/a&return=//evil.example"));
  assert.equal(new URL(twice.location!).origin, suite.settings.origins.mail);
});

/** The redirect to the callback, not followed: what an attacker would want. */
async function callbackAddress(browser: TestBrowser): Promise<string> {
  let url = on("mail", "/sign-in?return=/");
  for (let hop = 0; hop < 10; hop++) {
    const { location } = await browser.send(url);
    assert.ok(location);
    if (location.includes("/auth/callback")) return location;
    url = location;
  }
  throw new Error("no callback");
}

test("a code is worth one exchange, in the browser that asked for it", async () => {
  const browser = newBrowser();
  await signInAtPage(browser, on("portal", "/sign-in"));
  const callback = await callbackAddress(browser);
  const flowCookies = new Map(browser.cookies.get("mail.localhost"));

  const attacker = newBrowser();
  const stolen = await attacker.send(callback);
  assert.equal(stolen.status, 410, "no flow cookie");
  assert.equal(attacker.cookies.get("mail.localhost")!.size, 0);

  const first = await browser.send(callback);
  assert.equal(first.status, 303);
  assert.ok(await sessionOn(browser, "mail"));
  browser.cookies.set("mail.localhost", flowCookies);
  const again = await browser.send(callback);
  assert.equal(again.status, 401);
  assert.equal(await sessionOn(browser, "mail"), undefined);
});

test("a changed state, issuer or flow cookie ends in a page, not in a session", async () => {
  const browser = newBrowser();
  await signInAtPage(browser, on("portal", "/sign-in"));
  for (const spoil of [
    (url: URL) => url.searchParams.set("state", randomBytes(32).toString("base64url")),
    (url: URL) => url.searchParams.set("iss", "http://evil.example/oidc"),
    (url: URL) => url.searchParams.delete("iss"),
    (url: URL) => url.searchParams.set("code", "x"),
    (url: URL) => url.searchParams.delete("code"),
    (_url: URL) => {
      for (const cookie of browser.cookies.get("mail.localhost")!.values())
        cookie.value = `${cookie.value.slice(0, -2)}AA`;
    },
  ]) {
    const url = new URL(await callbackAddress(browser));
    spoil(url);
    const answer = await browser.send(url.href);
    assert.ok(answer.status === 401 || answer.status === 410, String(answer.status));
    assert.match(answer.body, /La connexion n’a pas abouti/);
    assert.equal(await sessionOn(browser, "mail"), undefined);
  }
});

async function authorize(browser: TestBrowser, parameters: Record<string, string>) {
  const query = new URLSearchParams({
    response_type: "code",
    client_id: "editor",
    redirect_uri: "http://editor.example/back",
    scope: "openid profile email",
    state: "s",
    nonce: "n",
    ...parameters,
  });
  let url = `${suite.issuer.identifier}/auth?${query}`;
  for (let hop = 0; hop < 10; hop++) {
    const answer = await browser.send(url);
    if (answer.location === undefined || answer.location.startsWith("http://editor.example/")) return answer;
    url = answer.location;
  }
  throw new Error("no end");
}

const challengeOf = (verifier: string) => createHash("sha256").update(verifier).digest("base64url");

async function exchange(code: string, verifier: string, credentials = "editor:an-editor-of-documents-of-the-operator") {
  return newBrowser().send(`${suite.issuer.identifier}/token`, {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from(credentials).toString("base64")}` },
    form: new URLSearchParams({
      grant_type: "authorization_code",
      code,
      code_verifier: verifier,
      redirect_uri: "http://editor.example/back",
    }).toString(),
  });
}

test("another program signs people in with a code, PKCE and its secret, and learns no more than it asked", async () => {
  const browser = newBrowser();
  await signInAtPage(browser, on("portal", "/sign-in"));
  const verifier = randomBytes(32).toString("base64url");
  const pkce = { code_challenge: challengeOf(verifier), code_challenge_method: "S256" };
  const codeOf = async () => new URL((await authorize(browser, pkce)).location!).searchParams.get("code")!;

  const wrongVerifier = await exchange(await codeOf(), randomBytes(32).toString("base64url"));
  assert.equal(wrongVerifier.status, 400);
  assert.equal(JSON.parse(wrongVerifier.body).error, "invalid_grant");
  assert.equal((await exchange(await codeOf(), verifier, "editor:wrong")).status, 401);
  const mailSecret = serviceClient("mail", identity.secrets, suite.settings);
  assert.equal(
    (await exchange(await codeOf(), verifier, `${mailSecret.id}:${mailSecret.secret}`)).status,
    400,
    "another client",
  );

  const code = await codeOf();
  const [one, two] = await Promise.all([exchange(code, verifier), exchange(code, verifier)]);
  assert.deepEqual([one.status, two.status].sort(), [200, 400], "of two at once one wins");
  const won = JSON.parse((one.status === 200 ? one : two).body);
  const claims = JSON.parse(Buffer.from(won.id_token.split(".")[1], "base64url").toString());
  assert.equal(claims.sub, person.uid);
  assert.equal(claims.email, person.address);
  assert.equal(claims.nonce, "n");
  assert.equal(claims.bouquet_family, undefined);
});

test("without PKCE, to an unknown address, or for a scope of ours, the provider refuses", async () => {
  const browser = newBrowser();
  await signInAtPage(browser, on("portal", "/sign-in"));
  const pkce = { code_challenge: challengeOf("x".repeat(43)), code_challenge_method: "S256" };
  const without = await authorize(browser, {});
  assert.equal(new URL(without.location!).searchParams.get("error"), "invalid_request");
  const plain = await authorize(browser, { code_challenge: "x".repeat(43), code_challenge_method: "plain" });
  assert.equal(new URL(plain.location!).searchParams.get("error"), "invalid_request");
  const elsewhere = await authorize(browser, { ...pkce, redirect_uri: "http://evil.example/back" });
  assert.equal(elsewhere.status, 400);
  assert.equal(elsewhere.location, undefined);
  const ours = await authorize(browser, { ...pkce, scope: "openid bouquet" });
  assert.equal(new URL(ours.location!).searchParams.get("error"), "invalid_scope");
});

test("a token of the provider ends with the sign-in that gave it", async () => {
  const browser = newBrowser();
  await signInAtPage(browser, on("portal", "/sign-in"));
  const verifier = randomBytes(32).toString("base64url");
  const pkce = { code_challenge: challengeOf(verifier), code_challenge_method: "S256" };
  const code = new URL((await authorize(browser, pkce)).location!).searchParams.get("code")!;
  const { access_token: token } = JSON.parse((await exchange(code, verifier)).body);
  const userinfo = () =>
    newBrowser().send(`${suite.issuer.identifier}/me`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal(JSON.parse((await userinfo()).body).name, "Nadia Kessler");
  const unused = new URL((await authorize(browser, pkce)).location!).searchParams.get("code")!;
  const { csrf } = await sessionOn(browser, "portal");
  await browser.send(on("portal", "/api/sign-out"), {
    method: "POST",
    headers: { origin: suite.settings.origins.portal, "x-bouquet-csrf": csrf },
  });
  assert.equal((await userinfo()).status, 401);
  assert.equal((await exchange(unused, verifier)).status, 400);
});

test("the interaction of another browser is not finished by ours, and one that is over is told so", async () => {
  const victim = newBrowser();
  const page = await victim.open(on("mail", "/sign-in?return=/"));
  const uid = new URL(page.url).searchParams.get("interaction")!;
  const attacker = newBrowser();
  const next = await signInAtPage(attacker, page.url, colleague);
  assert.equal((await attacker.open(next)).url, on("portal", "/"), "without its cookie it leads home");
  // The victim's interaction still waits, for the victim.
  assert.equal((await victim.open(await signInAtPage(victim, page.url))).url, on("mail", "/"));
  assert.equal((await sessionOn(victim, "mail")).person.address, person.address);
  const late = await attacker.send(on("portal", "/api/sign-in"), {
    method: "POST",
    headers: { origin: suite.settings.origins.portal },
    json: { login: person.address, password: person.password, interaction: uid },
  });
  assert.equal(late.status, 410);
  assert.equal(JSON.parse(late.body).code, "gone");
});

test("discovery names addresses of the configuration whatever headers say, and signing keys without their secrets", async () => {
  const browser = newBrowser();
  const { body } = await browser.send(`${suite.issuer.identifier}/.well-known/openid-configuration`, {
    headers: { "x-forwarded-host": "evil.example", "x-forwarded-proto": "https" },
  });
  const found = JSON.parse(body);
  assert.equal(found.issuer, suite.issuer.identifier);
  assert.equal(found.authorization_endpoint, `${suite.issuer.identifier}/auth`);
  assert.equal(found.token_endpoint, `${suite.issuer.identifier}/token`);
  const { keys } = JSON.parse((await browser.send(found.jwks_uri)).body);
  assert.deepEqual(keys.map((key: { alg: string }) => key.alg).sort(), ["ES256", "RS256"]);
  assert.ok(keys.every((key: object) => !("d" in key) && !("p" in key)));
});

test("with the database down, signing in to a service ends in a page that says so and how to reach support", async () => {
  const store = await openStore({
    connectionString: "postgres://nobody@127.0.0.1:1/none",
    maxConnections: 1,
    onConnectionError: () => {},
  });
  const down = await startWebSuite({ store, secrets: identity.secrets });
  try {
    const browser = new TestBrowser(down.port);
    const page = await browser.open(`${down.settings.origins.mail}/sign-in`);
    assert.ok(page.status >= 500, String(page.status));
    assert.match(page.body, /ne répond pas pour le moment/);
    assert.match(page.body, /02 61 91 12 34/);
    assert.doesNotMatch(page.body, /ECONNREFUSED|127\.0\.0\.1:1/);
  } finally {
    await down.close();
    await store.close();
  }
});

test("errors of the provider are pages that quote nothing they were sent", async () => {
  const browser = newBrowser();
  const evil = encodeURIComponent("<script>alert(1)</script>");
  for (const query of [
    `client_id=${evil}`,
    `client_id=editor&redirect_uri=${evil}&response_type=code`,
    `error=${evil}`,
  ]) {
    const { body, headers } = await browser.send(`${suite.issuer.identifier}/auth?${query}`);
    assert.doesNotMatch(body, /<script/);
    assert.match(String(headers["content-security-policy"]), /script-src 'self'/);
  }
  const nowhere = await browser.send(`${suite.issuer.identifier}/nothing`);
  assert.equal(nowhere.status, 404);
});

test("behind a proxy that ends TLS every cookie is Secure and cannot be set by a sibling host", async () => {
  const origins = {
    portal: "https://portail.bocage.example",
    mail: "https://mail.bocage.example",
    drive: "https://drive.bocage.example",
  };
  const secure = await startWebSuite(identity, { origins });
  try {
    const browser = new TestBrowser(secure.port);
    const set: string[] = [];
    const send = browser.send.bind(browser);
    browser.send = async (...args) => {
      const answer = await send(...args);
      set.push(...(answer.headers["set-cookie"] ?? []));
      return answer;
    };
    const page = await browser.open(`${origins.mail}/sign-in?return=/inbox`);
    const interaction = new URL(page.url).searchParams.get("interaction");
    const entered = await browser.send(`${origins.portal}/api/sign-in`, {
      method: "POST",
      headers: { origin: origins.portal },
      json: { login: person.address, password: person.password, interaction },
    });
    const end = await browser.open(origins.portal + JSON.parse(entered.body).redirect);
    assert.equal(end.url, `${origins.mail}/inbox`);
    assert.match(String(end.headers["strict-transport-security"]), /max-age/);
    assert.ok(set.length >= 6);
    for (const cookie of set) {
      const [name = ""] = cookie.split("=");
      assert.match(cookie, /; secure/i, name);
      assert.match(cookie, /; httponly/i, name);
      assert.match(cookie, /; samesite=lax/i, name);
      assert.doesNotMatch(cookie, /; domain/i, name);
      const wanted = / path=\/(;|$)/i.test(cookie) ? /^__Host-/ : /^__Secure-/;
      assert.match(name, wanted);
    }
    assert.ok([...browser.cookies.get("mail.bocage.example")!.keys()].includes("__Host-bouquet /"));
  } finally {
    await secure.close();
  }
});
