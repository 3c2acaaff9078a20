import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { sql } from "kysely";
import { makeIdentity, makeOrganization, makePerson, type TestPerson } from "../../../test/harness/identity-suite.ts";
import { openTestStore, type TestStore } from "../../../test/harness/test-database.ts";
import { startWebSuite, TestBrowser, type WebSuite } from "../../../test/harness/web-suite.ts";
import { grantAccount } from "../../domain/access/grant-account.ts";
import { DomainError } from "../../domain/errors.ts";
import { listAppPasswords, revokeAppPassword } from "../../domain/identity/app-passwords.ts";
import { authenticateBearer } from "../../domain/identity/authenticate-bearer.ts";
import type { IdentityDeps } from "../../domain/identity/identity-deps.ts";
import { mailProgramClientId } from "./clients.ts";

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
  suite = await startWebSuite(identity);
});
after(async () => {
  await suite.close();
  await database.close();
});

const redirect = "http://127.0.0.1:49152/";
const portal = (path: string) => suite.settings.origins.portal + path;

interface Tokens {
  access_token: string;
  refresh_token: string;
  scope: string;
}

async function signedInBrowser(): Promise<TestBrowser> {
  const browser = new TestBrowser(suite.port);
  await signIn(browser);
  return browser;
}

/** @returns where the portal goes on to */
async function signIn(browser: TestBrowser, interaction?: string): Promise<string> {
  const answer = await browser.send(portal("/api/sign-in"), {
    method: "POST",
    headers: { origin: suite.settings.origins.portal },
    json: { login: person.address, password: person.password, ...(interaction !== undefined && { interaction }) },
  });
  assert.equal(answer.status, 200, answer.body);
  return portal(JSON.parse(answer.body).redirect);
}

async function ask(form: Record<string, string>): Promise<{ status: number; body: Tokens }> {
  const answer = await new TestBrowser(suite.port).send(`${suite.issuer.identifier}/token`, {
    method: "POST",
    form: new URLSearchParams({ client_id: mailProgramClientId, ...form }).toString(),
  });
  return { status: answer.status, body: JSON.parse(answer.body) };
}

/** As a mail program does: the browser is shown the portal, where the person signs in; the code comes back to a port of loopback. */
async function signInProgram(scope = "openid mail", browser?: TestBrowser): Promise<Tokens> {
  const verifier = randomBytes(32).toString("base64url");
  const query = new URLSearchParams({
    response_type: "code",
    client_id: mailProgramClientId,
    redirect_uri: redirect,
    scope,
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
  });
  const using = browser ?? new TestBrowser(suite.port);
  let url = `${suite.issuer.identifier}/auth?${query}`;
  for (let hop = 0; hop < 10 && !url.startsWith(redirect); hop++) {
    const answer = await using.send(url);
    assert.ok(answer.location, `${answer.status} ${answer.body.slice(0, 300)}`);
    const interaction = new URL(answer.location, url).searchParams.get("interaction");
    url = interaction === null ? answer.location : await signIn(using, interaction);
  }
  const code = new URL(url).searchParams.get("code");
  assert.ok(code, url);
  const answer = await ask({ grant_type: "authorization_code", code, code_verifier: verifier, redirect_uri: redirect });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
}

const enter = (token: string, changes: { scope?: "imap" | "smtp"; login?: string } = {}) =>
  authenticateBearer(identity, { token, scope: "smtp", login: "", remoteAddress: "192.0.2.1", ...changes });

const isWrong = (error: unknown) => error instanceof DomainError && error.code === "wrong_credentials";

test("a mail program gets a token by the portal, which opens IMAP and submission for its person only", async () => {
  const { access_token: token } = await signInProgram();
  for (const scope of ["imap", "smtp"] as const) {
    const { viewer } = await enter(token, { scope, login: person.address });
    assert.equal(viewer.principalId, person.principalId);
  }
  await assert.rejects(enter(token, { login: colleague.address }), isWrong);
  // A shared mailbox, or somebody who lets them, is opened as a login of its own.
  await identity.store.transact((tx) => grantAccount(tx, colleague, person, ["read"]));
  const opened = await enter(token, { login: colleague.address });
  assert.deepEqual([opened.viewer.principalId, opened.openedAccountId], [person.principalId, colleague.accountId]);
  await identity.store.transact((tx) => grantAccount(tx, colleague, person, []));
  await assert.rejects(enter(token, { login: colleague.address }), isWrong);
  await assert.rejects(enter(`${token}x`), isWrong);
  await assert.rejects(enter("'; SELECT 1; --------------------"), isWrong);
});

test("a link alone, in a browser that is signed in, lets no program in: the password is asked for", async () => {
  const browser = await signedInBrowser();
  await identity.store.transact((tx) =>
    sql`UPDATE session SET signed_in_at = signed_in_at - interval '1 minute' WHERE principal_id = ${person.principalId}`.execute(
      tx,
    ),
  );
  const query = new URLSearchParams({
    response_type: "code",
    client_id: mailProgramClientId,
    redirect_uri: redirect,
    scope: "openid mail",
    code_challenge: createHash("sha256").update("x".repeat(43)).digest("base64url"),
    code_challenge_method: "S256",
  });
  const { url } = await browser.open(`${suite.issuer.identifier}/auth?${query}`);
  assert.match(url, /\/sign-in\?interaction=/);
});

test("a token for one protocol does not open another", async () => {
  const { access_token: token } = await signInProgram("openid imap");
  await enter(token, { scope: "imap" });
  await assert.rejects(enter(token, { scope: "smtp" }), isWrong);
});

test("the token is refreshed after the browser has signed out", async () => {
  const browser = await signedInBrowser();
  const { refresh_token: refreshToken } = await signInProgram("openid mail", browser);
  const { csrf } = JSON.parse((await browser.send(portal("/api/session"))).body);
  const out = await browser.send(portal("/api/sign-out"), {
    method: "POST",
    headers: { origin: suite.settings.origins.portal, "x-bouquet-csrf": csrf },
  });
  assert.ok(out.status < 300, out.body);
  const again = await ask({ grant_type: "refresh_token", refresh_token: refreshToken });
  assert.equal(again.status, 200, JSON.stringify(again.body));
  await enter(again.body.access_token);
});

test("the program stands among the app passwords, and revoking it there ends its tokens", async () => {
  const before = new Set((await listAppPasswords(identity.store.read, person)).map((each) => each.id));
  const { access_token: token, refresh_token: refreshToken } = await signInProgram();
  const [made] = (await listAppPasswords(identity.store.read, person)).filter((each) => !before.has(each.id));
  assert.equal((await enter(token)).appPasswordId, made!.id);
  await revokeAppPassword(identity, person, made!.id);
  await assert.rejects(enter(token), isWrong);
  assert.equal((await ask({ grant_type: "refresh_token", refresh_token: refreshToken })).status, 400);
});
