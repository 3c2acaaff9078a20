import assert from "node:assert/strict";
import { test } from "node:test";
import { readCookies, writeCookie } from "./cookies.ts";

test("cookies are read by name; of two with one name the first counts, and junk is passed over", () => {
  const cookies = readCookies("a=1; b=x=y ;junk;=z; a=2;  c=");
  assert.deepEqual(
    [...cookies],
    [
      ["a", "1"],
      ["b", "x=y"],
      ["", "z"],
      ["c", ""],
    ],
  );
  assert.equal(readCookies(undefined).size, 0);
});

test("names of the object's prototype are names like others", () => {
  assert.equal(readCookies("__proto__=x; constructor=y").get("__proto__"), "x");
  assert.equal(readCookies("").get("constructor"), undefined);
});

test("a cookie is host-only, out of reach of scripts, and Secure when asked", () => {
  assert.equal(
    writeCookie("__Host-bouquet", "v", { secure: true, maxAgeSeconds: 60 }),
    "__Host-bouquet=v; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure",
  );
  assert.equal(
    writeCookie("x", "", { secure: false, maxAgeSeconds: 0, path: "/a" }),
    "x=; Path=/a; Max-Age=0; HttpOnly; SameSite=Lax",
  );
});
