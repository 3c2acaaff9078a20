import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openTestStore, type TestStore } from "../../../test/harness/test-database.ts";
import { loadServerSecrets } from "./server-secrets.ts";

let database: TestStore;
before(async () => {
  database = await openTestStore();
});
after(() => database.close());

test("copies that start together end with the same keys, and so does the next start", async () => {
  const [one, two] = await Promise.all([loadServerSecrets(database.store), loadServerSecrets(database.store)]);
  const later = await loadServerSecrets(database.store);
  for (const other of [two, later]) {
    assert.deepEqual(other.hashToken("a", "token"), one.hashToken("a", "token"));
    assert.deepEqual(other.cookieKeys, one.cookieKeys);
    assert.deepEqual(other.signingKeys, one.signingKeys);
  }
  assert.deepEqual(one.signingKeys.map((key) => key.alg).sort(), ["ES256", "RS256"]);
});

test("a token hashed for one purpose is not found under another", async () => {
  const secrets = await loadServerSecrets(database.store);
  assert.notDeepEqual(secrets.hashToken("session", "x"), secrets.hashToken("share-link", "x"));
  assert.notEqual(secrets.derive("oidc-client a"), secrets.derive("oidc-client b"));
});

test("what was sealed opens for its purpose only, and not when a byte is changed or missing", async () => {
  const secrets = await loadServerSecrets(database.store);
  const sealed = secrets.seal("dkim", "une clé privée");
  assert.equal(secrets.open("dkim", sealed)!.toString(), "une clé privée");
  assert.ok(!sealed.includes("une clé"));
  assert.notDeepEqual(secrets.seal("dkim", "une clé privée"), sealed, "never twice the same");
  assert.equal(secrets.open("share", sealed), undefined);
  for (let at = 0; at < sealed.length; at++) {
    const changed = Buffer.from(sealed);
    changed[at]! ^= 1;
    assert.equal(secrets.open("dkim", changed), undefined);
    assert.equal(secrets.open("dkim", sealed.subarray(0, at)), undefined);
  }
});
