import assert from "node:assert/strict";
import { test } from "node:test";
import { suggestPassword } from "./suggest-password.ts";

test("a suggested password has sixteen signs that are not mistaken for one another, and is never the same", () => {
  const some = Array.from({ length: 50 }, suggestPassword);
  for (const password of some) assert.match(password, /^[a-km-np-z2-9]{4}(-[a-km-np-z2-9]{4}){3}$/);
  assert.equal(new Set(some).size, 50);
});
