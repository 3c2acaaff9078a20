import assert from "node:assert/strict";
import { test } from "node:test";
import { readFailure, statusOf } from "./read-reply.ts";

test("an enhanced code counts only when its class is that of the reply", () => {
  assert.equal(statusOf("550 5.1.1 No"), "5.1.1");
  assert.equal(statusOf("550-5.7.26 a\n550 5.7.26 b"), "5.7.26");
  for (const reply of ["550 No", "550 4.1.1 x", "250 5.1.1 x", "550 5.1 x", "", "5.1.1", "550 5.1.1.1 x"]) {
    assert.equal(statusOf(reply), undefined, reply);
  }
});

for (const [response, expected] of [
  ["550 No such user", [true, "5.1.1"]],
  ["552 Too much", [true, "5.2.2"]],
  ["554 Rejected", [true, "5.0.0"]],
  ["503 Bad sequence", [false, "4.0.0"]],
  ["450 Later", [false, "4.0.0"]],
  ["421 4.7.0 Slow down", [false, "4.7.0"]],
] as const) {
  test(`"${response}" is ${expected[0] ? "final" : "for now"} with ${expected[1]}`, () => {
    const { isPermanent, status } = readFailure({ response, responseCode: Number(response.slice(0, 3)), message: "x" });
    assert.deepEqual([isPermanent, status], expected);
  });
}

test("whatever else is thrown is for now, and its text one line of at most 500 characters", () => {
  for (const error of [
    new Error(`a\r\nb${"c".repeat(1_000)}`),
    {},
    Object.assign(new Error("x"), { code: "ESOCKET", originalCode: "ECONNREFUSED" }),
  ]) {
    const failure = readFailure(error);
    assert.equal(failure.isPermanent, false);
    assert.match(failure.status, /^4\.\d\.\d$/);
    assert.ok(failure.reply.length <= 500 && !/[\r\n]/.test(failure.reply));
  }
});
