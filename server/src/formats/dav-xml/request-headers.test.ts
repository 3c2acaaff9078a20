import assert from "node:assert/strict";
import { test } from "node:test";
import {
  parseDepth,
  parseLockToken,
  parseOverwrite,
  parsePreferences,
  parseReference,
  parseTimeout,
} from "./request-headers.ts";

test("Depth is one of three words, or what the method takes it for", () => {
  assert.deepEqual(
    ["0", "1", "infinity", "Infinity", " 1 ", undefined].map((each) => parseDepth(each, "infinity")),
    [...["0", "1", "infinity", "infinity", "1", "infinity"]],
  );
  for (const bad of ["2", "", "-1", "1,noroot", "infinite"]) assert.equal(parseDepth(bad, "0"), undefined, bad);
});

test("Overwrite is T unless it says F", () => {
  assert.deepEqual(["T", "F", "f", undefined].map(parseOverwrite), [true, false, false, true]);
  for (const bad of ["", "yes", "0"]) assert.equal(parseOverwrite(bad), undefined);
});

test("a Destination is a path or a URI of this host, and stays encoded", () => {
  const host = "drive.example:8080";
  for (const [header, path] of [
    ["/remote.php/dav/files/a/b%20c", "/remote.php/dav/files/a/b%20c"],
    ["http://drive.example:8080/a/%2e%2e/b", "/a/%2e%2e/b"],
    ["HTTP://DRIVE.EXAMPLE:8080/a", "/a"],
    ["https://drive.example:8080/a?x#y", "/a"],
    ["http://drive.example:8080", "/"],
    ["/a?b", "/a"],
  ] as const) {
    assert.equal(parseReference(header, host), path, header);
  }
  for (const bad of [
    "",
    "a/b",
    "//other.example/a",
    "http://other.example/a",
    "http://u:p@drive.example:8080/a",
    "ftp://drive.example:8080/a",
    "http:///a",
  ]) {
    assert.equal(parseReference(bad, host), undefined, bad);
  }
  assert.equal(parseReference("https://drive.example:443/a", "drive.example"), "/a");
});

test("of several timeouts the first that is understood counts", () => {
  assert.equal(parseTimeout("Infinite, Second-4100000000"), Number.POSITIVE_INFINITY);
  assert.equal(parseTimeout("Extend-1, Second-60"), 60);
  assert.equal(parseTimeout("second-3600"), 3_600);
  for (const none of [undefined, "", "Second-", "Second--1", "Second-99999999999", "60"]) {
    assert.equal(parseTimeout(none), undefined, String(none));
  }
});

test("a Lock-Token is one URI in angle brackets", () => {
  assert.equal(parseLockToken(" <opaquelocktoken:a-b> "), "opaquelocktoken:a-b");
  for (const bad of [undefined, "", "opaquelocktoken:a", "<>", "<a> <b>", "<a b>", `<${"a".repeat(501)}>`]) {
    assert.equal(parseLockToken(bad), undefined, String(bad));
  }
});

test("preferences are found among others, in both spellings", () => {
  assert.deepEqual(parsePreferences("respond-async, return=minimal, depth-noroot", undefined), {
    noRoot: true,
    return: "minimal",
  });
  assert.equal(parsePreferences(undefined, "t").return, "minimal");
  assert.equal(parsePreferences("return=representation", undefined).return, "representation");
  assert.deepEqual(parsePreferences(undefined, "f"), { noRoot: false });
});
