import assert from "node:assert/strict";
import { test } from "node:test";
import { inversePatch, keywordPath, patchEmail } from "./patch-email.ts";

const email = { mailboxIds: { inbox: true as const }, keywords: { $seen: true as const } };

test("A move takes a message out of one mailbox and puts it in another, and its inverse brings it back", () => {
  const patch = { "mailboxIds/inbox": null, "mailboxIds/archive": true };
  const moved = patchEmail(email, patch);
  assert.deepEqual(moved.mailboxIds, { archive: true });
  assert.deepEqual(patchEmail(moved, inversePatch(email, patch)).mailboxIds, { inbox: true });
});

test("The original is not touched", () => {
  patchEmail(email, { "keywords/$flagged": true, "keywords/$seen": null });
  assert.deepEqual(email.keywords, { $seen: true });
});

test("Setting what is already set is undone by setting it", () => {
  assert.deepEqual(inversePatch(email, { "keywords/$seen": true }), { "keywords/$seen": true });
});

test("Keywords with slashes and tildes go through the pointer whole", () => {
  const path = keywordPath("a/b~c");
  assert.equal(path, "keywords/a~1b~0c");
  assert.deepEqual(patchEmail(email, { [path]: true }).keywords, { $seen: true, "a/b~c": true });
});

test("Pointers to anything else are left to the server", () => {
  assert.deepEqual(patchEmail(email, { subject: "x", "__proto__/y": true }), email);
  assert.deepEqual(inversePatch(email, { subject: "x" }), {});
});
