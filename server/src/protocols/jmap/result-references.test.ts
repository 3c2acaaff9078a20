import assert from "node:assert/strict";
import { test } from "node:test";
import type { Invocation } from "@bouquet/contract/jmap.ts";
import { MethodFailure } from "./jmap-errors.ts";
import { resolveReferences } from "./result-references.ts";

const responses: Invocation[] = [
  ["Email/query", { ids: ["a", "b"], "x/y~z": 1 }, "c0"],
  [
    "Email/get",
    {
      list: [
        { threadId: "t1", emailIds: ["a", "b"] },
        { threadId: "t2", emailIds: [] },
      ],
    },
    "c1",
  ],
  ["error", { type: "serverFail" }, "c2"],
];

function resolve(path: string, name = "Email/get", resultOf = "c1", values = 1_000): unknown {
  return resolveReferences({ "#x": { resultOf, name, path }, y: 1 }, responses, { values }).x;
}

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof MethodFailure);
    return error.body.type;
  }
  return "none";
}

test("a path leads through objects and arrays, with its escapes", () => {
  assert.deepEqual(resolve("/ids", "Email/query", "c0"), ["a", "b"]);
  assert.equal(resolve("/ids/1", "Email/query", "c0"), "b");
  assert.equal(resolve("/x~1y~0z", "Email/query", "c0"), 1);
  assert.equal((resolve("", "Email/query", "c0") as { ids: string[] }).ids.length, 2);
});

test("a star maps over an array and joins the arrays that come out", () => {
  assert.deepEqual(resolve("/list/*/threadId"), ["t1", "t2"]);
  assert.deepEqual(resolve("/list/*/emailIds"), ["a", "b"]);
  assert.deepEqual(resolve("/list/*/emailIds/*"), ["a", "b"]);
});

test("what leads nowhere is an invalid reference", () => {
  for (const path of [
    "/nothing",
    "/list/2",
    "/list/-",
    "/list/01",
    "/list/0/__proto__",
    "/constructor",
    "list",
    "/*",
  ]) {
    assert.equal(
      refusal(() => resolve(path)),
      "invalidResultReference",
      path,
    );
  }
  assert.equal(
    refusal(() => resolve("/list", "Email/query")),
    "invalidResultReference",
  );
  assert.equal(
    refusal(() => resolve("/list", "Email/get", "c9")),
    "invalidResultReference",
  );
  assert.equal(
    refusal(() => resolve("/type", "Email/get", "c2")),
    "invalidResultReference",
  );
  for (const value of [null, "c1", [], { resultOf: "c1" }, { resultOf: "c1", name: "x", path: 1 }]) {
    assert.equal(
      refusal(() => resolveReferences({ "#x": value }, responses, { values: 10 })),
      "invalidResultReference",
    );
  }
});

test("an argument given twice is refused, and what references bring in is counted", () => {
  const reference = { resultOf: "c0", name: "Email/query", path: "/ids" };
  assert.equal(
    refusal(() => resolveReferences({ ids: [], "#ids": reference }, responses, { values: 10 })),
    "invalidArguments",
  );
  const budget = { values: 5 };
  resolveReferences({ "#ids": reference }, responses, budget);
  assert.equal(budget.values, 2);
  assert.equal(
    refusal(() => resolveReferences({ "#ids": reference }, responses, budget)),
    "requestTooLarge",
  );
});
