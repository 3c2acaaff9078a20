import assert from "node:assert/strict";
import { test } from "node:test";
import { DomainError } from "../../domain/errors.ts";
import { BadSyntax, UnknownCharset } from "../../formats/imap-syntax/bad-syntax.ts";
import { Refusal } from "./refusal.ts";
import { translateError } from "./translate-error.ts";

test("What the domain refuses is a NO with the code of RFC 5530", () => {
  const code = (error: DomainError) => translateError(error).code;
  assert.equal(code(new DomainError("over_quota", "full")), "OVERQUOTA");
  assert.equal(code(new DomainError("not_found", "no")), "NONEXISTENT");
  assert.equal(code(new DomainError("storage_full", "disk")), "UNAVAILABLE");
  assert.equal(code(new DomainError("wrong_credentials", "no")), "AUTHENTICATIONFAILED");
  assert.equal(code(new DomainError("state_mismatch", "no")), undefined);
  assert.equal(translateError(new DomainError("forbidden", "no")).condition, "NO");
});

test("Bad syntax is BAD, an unknown charset names those that are known, a refusal keeps its code", () => {
  assert.equal(translateError(new BadSyntax("x")).condition, "BAD");
  assert.equal(translateError(new UnknownCharset("x")).code, "BADCHARSET (US-ASCII UTF-8)");
  assert.equal(translateError(new Refusal("x", "TRYCREATE")).code, "TRYCREATE");
});

test("A bug of ours is told without its details and is to be logged", () => {
  const { text, code, unexpected } = translateError(new TypeError("password=hunter2"));
  assert.doesNotMatch(text, /hunter2/);
  assert.equal(code, "SERVERBUG");
  assert.equal(unexpected, true);
});
