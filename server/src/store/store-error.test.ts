import assert from "node:assert/strict";
import { test } from "node:test";
import pg from "pg";
import { asStoreError, StoreError } from "./store-error.ts";

function kindOf(error: unknown): string | undefined {
  const known = asStoreError(error);
  return known instanceof StoreError ? known.kind : undefined;
}

test("a server whose Unix socket is gone is unavailable, a file that is missing is not", async () => {
  const client = new pg.Client({ host: "/nonexistent/socket", user: "x", database: "x" });
  const error = await client.connect().catch((thrown: unknown) => thrown);
  assert.equal(kindOf(error), "unavailable");
  assert.equal(kindOf(Object.assign(new Error("ENOENT"), { code: "ENOENT", syscall: "open" })), undefined);
});

test("a full disk is told from a server that does not answer, and both from bugs", () => {
  const coded = (code: string) => Object.assign(new Error(code), { code });
  assert.deepEqual(["53100", "ENOSPC", "EDQUOT"].map(coded).map(kindOf), ["full", "full", "full"]);
  assert.deepEqual(["57P01", "57P03", "ECONNREFUSED"].map(coded).map(kindOf), Array(3).fill("unavailable"));
  assert.equal(kindOf(new Error("Connection terminated unexpectedly")), "unavailable");
  assert.deepEqual(
    [kindOf(coded("42703")), kindOf(new TypeError("x")), kindOf("x")],
    [undefined, undefined, undefined],
  );
});
