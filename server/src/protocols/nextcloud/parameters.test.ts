import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { test } from "node:test";
import { DomainError } from "../../domain/errors.ts";
import { readParameters } from "./parameters.ts";

function request(options: { method?: string; url?: string; type?: string; body?: string | Buffer; length?: number }) {
  const { method = "POST", url = "/x", type, body = "", length } = options;
  const headers = {
    ...(type !== undefined && { "content-type": type }),
    ...(length !== undefined && { "content-length": String(length) }),
  };
  return Object.assign(Readable.from([Buffer.from(body)]), { method, url, headers }) as unknown as IncomingMessage;
}
const form = "application/x-www-form-urlencoded; charset=utf-8";
const refused = (code: string) => (error: unknown) => error instanceof DomainError && error.code === code;

test("the query and the body are read together, and the body wins", async () => {
  const found = await readParameters(request({ url: "/x?a=1&b=2&c=caf%C3%A9+noir#d=3", type: form, body: "b=3" }));
  assert.deepEqual(
    [found.text("a"), found.text("b"), found.text("c"), found.text("d")],
    ["1", "3", "café noir", undefined],
  );
});

test("JSON gives numbers, flags and lists; what is no object gives nothing", async () => {
  const json = { type: "application/json" };
  const body = JSON.stringify({ n: 12, yes: true, no: false, none: null, list: ["a", 2], deep: { a: 1 } });
  const found = await readParameters(request({ ...json, body }));
  assert.equal(found.integer("n"), 12);
  assert.deepEqual([found.flag("yes"), found.flag("no"), found.flag("none")], [true, false, undefined]);
  assert.deepEqual(found.list("list"), ["a", "2"]);
  assert.throws(() => found.text("deep"), refused("invalid"));
  assert.throws(() => found.list("deep"), refused("invalid"));
  assert.deepEqual(found.raw("deep"), { a: 1 });
  for (const odd of ["[1]", "1", "null", '"x"']) {
    assert.equal((await readParameters(request({ ...json, body: odd }))).has("0"), false);
  }
  await assert.rejects(readParameters(request({ ...json, body: "{" })), refused("invalid"));
});

test("names with brackets are lists; of a name that comes twice the last counts", async () => {
  const found = await readParameters(request({ type: form, body: "ids[]=1&ids[]=2&k[0]=x&a=1&a=2&lone=z" }));
  assert.deepEqual([found.list("ids"), found.list("k"), found.text("a")], [["1", "2"], ["x"], "2"]);
  assert.deepEqual([found.list("lone"), found.list("nothing")], [["z"], []]);
  assert.equal(found.has("__proto__"), false);
});

test("a number is digits only, and not more than fit", async () => {
  const found = await readParameters(request({ type: form, body: "a=12&b=1e3&c=&d=99999999999999999999&e=-5&f=0x1" }));
  assert.equal(found.integer("a"), 12);
  assert.equal(found.integer("e"), -5);
  assert.equal(found.integer("c"), undefined);
  for (const name of ["b", "d", "f"]) assert.throws(() => found.integer(name), refused("invalid"), name);
});

test("bodies that are too large or hold too many parameters are refused, others' types are left alone", async () => {
  await assert.rejects(readParameters(request({ type: form, body: "x".repeat(300_000) })), refused("too_large"));
  await assert.rejects(readParameters(request({ type: form, length: 10_000_000 })), refused("too_large"));
  const many = Array.from({ length: 1_001 }, (_, i) => `a${i}=1`).join("&");
  await assert.rejects(readParameters(request({ type: form, body: many })), refused("invalid"));
  const other = await readParameters(request({ type: "text/plain", body: "a=1" }));
  assert.equal(other.has("a"), false);
  const get = await readParameters(request({ method: "GET", type: form, body: "a=1" }));
  assert.equal(get.has("a"), false);
});
