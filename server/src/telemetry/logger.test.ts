import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogger, type LogSettings } from "./logger.ts";

function logInto(settings: Partial<LogSettings> = {}) {
  const lines: string[] = [];
  const log = createLogger({ level: "info", format: "json", ...settings }, { write: (line) => lines.push(line) });
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? "{}") as Record<string, unknown> };
}

test("secrets are not written, however deep or spelled, and what was given is not changed", () => {
  const { log, lines } = logInto();
  const details = {
    password: "S1",
    headers: { Authorization: "Basic S2", cookie: "sid=S3", "set-cookie": ["sid=S4"] },
    request: { body: [{ token: "S5", refresh_token: "S6", newPassword: { value: "S7" } }] },
    a: { b: { c: { clientSecret: "S8" } } },
  };
  log.info(details, "signed in");
  assert.doesNotMatch(lines.join(""), /S[1-8]/);
  assert.equal(lines.join("").match(/\[redacted\]/g)?.length, 8);
  assert.equal(details.headers.cookie, "sid=S3");
});

test("what is too deep to be looked at is not written, and a circle ends", () => {
  const { log, lines } = logInto();
  const circle: Record<string, unknown> = { word: "fine" };
  circle.self = circle;
  log.info({ a: { b: { c: { d: { e: { f: { password: "S1" } } } } } }, circle }, "odd");
  assert.doesNotMatch(lines.join(""), /S1/);
  assert.match(lines.join(""), /\[too deep\]/);
});

test("an error keeps its name, code and cause and loses fields that may hold data", () => {
  const { log, last } = logInto();
  const cause = Object.assign(new Error("duplicate key"), {
    code: "23505",
    detail: "Key (address)=(a@b) exists",
    table: "x",
  });
  log.error({ error: new Error("not delivered", { cause }) }, "failed");
  const { error } = last() as { error: { message: string; stack: string; cause: Record<string, unknown> } };
  assert.equal(error.message, "not delivered");
  assert.match(error.stack, /logger\.test\.ts/);
  assert.deepEqual(
    { ...error.cause, stack: undefined },
    { name: "Error", message: "duplicate key", errorCode: "23505", stack: undefined },
  );
});

test("what is below the level is not written", () => {
  const { log, lines } = logInto({ level: "warn" });
  log.info("quiet");
  log.warn("heard");
  assert.equal(lines.length, 1);
});

test("lines of an area carry its name", () => {
  const { log, last } = logInto();
  log.area("imap").info({ connection: 7 }, "opened");
  assert.deepEqual(
    { ...last(), time: undefined },
    { level: "info", time: undefined, area: "imap", connection: 7, msg: "opened" },
  );
});

test("text lines are readable and a stranger cannot forge one", () => {
  const { log, lines } = logInto({ format: "text" });
  log.area("smtp").warn({ sender: "x\n12:00:00.000 INFO  all is well\u001b[2J" }, "refused");
  assert.equal(lines.length, 1);
  assert.match(lines[0]!, /^\d\d:\d\d:\d\d\.\d{3} WARN {2}smtp: refused sender=x\\n12:00:00\.000 INFO/);
  assert.equal(lines[0]!.indexOf("\n"), lines[0]!.length - 1);
  assert.doesNotMatch(lines[0]!, /\u001b/);
});

test("a secret is hidden in text lines as in JSON", () => {
  const { log, lines } = logInto({ format: "text" });
  log.info({ user: { password: "S1" } }, "signed in");
  assert.doesNotMatch(lines[0]!, /S1/);
});
