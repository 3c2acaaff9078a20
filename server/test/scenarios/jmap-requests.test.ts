import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Invocation, JmapSession } from "@bouquet/contract/jmap.ts";
import { jmapCapabilities } from "@bouquet/contract/jmap.ts";
import { openPortalSession, openServiceSession } from "../../src/domain/identity/open-session.ts";
import { JmapClient } from "../harness/jmap-client.ts";
import { startSuite, type TestSuite } from "../harness/start-suite.ts";
import { createTownHall, type TownPerson } from "../harness/town-hall.ts";
import { TestBrowser } from "../harness/web-suite.ts";

let suite: TestSuite;
let lea: TownPerson;
let client: JmapClient;
const all = Object.values(jmapCapabilities);

before(async () => {
  suite = await startSuite({ settings: { BOUQUET_MESSAGE_SIZE_LIMIT: "1MB" } });
  const town = await createTownHall(suite.domain, "Bourg-Fleuri", "bourg-fleuri.example");
  lea = await town.addPerson("Lea");
  client = await JmapClient.open(`http://127.0.0.1:${suite.port("http")}`, lea);
});
after(() => suite?.close());

async function problem(answer: Response): Promise<{ status: number; type: string; limit: string | undefined }> {
  assert.match(answer.headers.get("content-type") ?? "", /^application\/problem\+json/);
  const { type, limit } = (await answer.json()) as { type: string; limit?: string };
  return { status: answer.status, type: type.replace("urn:ietf:params:jmap:error:", ""), limit };
}

test("the session names the account, the limits and where to go", () => {
  const { session } = client;
  assert.equal(session.username, lea.address);
  assert.deepEqual(Object.keys(session.capabilities), all);
  assert.equal(session.capabilities[jmapCapabilities.core].maxCallsInRequest, 32);
  assert.equal(session.capabilities[jmapCapabilities.core].maxSizeUpload, 1_000_000);
  const account = session.accounts[client.accountId]!;
  assert.deepEqual([account.name, account.isPersonal, account.isReadOnly], ["Lea", true, false]);
  assert.ok(session.apiUrl.startsWith(client.origin));
});

test("who does not sign in gets 401 with a challenge, a browser without one", async () => {
  const program = await new TestBrowser(suite.port("http")).send(`${client.origin}/jmap/session`);
  assert.equal(program.status, 401);
  assert.match(String(program.headers["www-authenticate"]), /^Basic /);
  const wrong = new JmapClient(client.origin, { address: lea.address, appPassword: "x".repeat(24) });
  assert.equal((await fetch(`${client.origin}/jmap/session`, { headers: wrong.headers })).status, 401);
  const browser = await fetch(`${client.origin}/jmap/session`);
  assert.deepEqual([browser.status, browser.headers.get("www-authenticate")], [401, null]);
  for (const path of ["/jmap/nothing", "/jmap/api/x", "/jmap/download/a"]) {
    assert.equal((await fetch(client.origin + path, { headers: client.headers })).status, 404, path);
  }
});

test("malformed requests are refused as a whole, each with its type", async () => {
  const call = { using: all, methodCalls: [["Core/echo", {}, "a"]] };
  const cases: [string | Buffer | object, number, string, Record<string, string>?][] = [
    ["{", 400, "notJSON"],
    ["", 400, "notJSON"],
    [Buffer.from([0x22, 0xff, 0xfe, 0x22]), 400, "notJSON"],
    [call, 400, "notJSON", { "content-type": "text/plain" }],
    ["[]", 400, "notRequest"],
    ["null", 400, "notRequest"],
    [{ using: all }, 400, "notRequest"],
    [{ using: "x", methodCalls: [] }, 400, "notRequest"],
    [{ using: all, methodCalls: [["Core/echo", {}]] }, 400, "notRequest"],
    [{ using: all, methodCalls: [["Core/echo", [], "a"]] }, 400, "notRequest"],
    [{ using: all, methodCalls: [["Core/echo", {}, 1]] }, 400, "notRequest"],
    [{ ...call, createdIds: { a: 1 } }, 400, "notRequest"],
    [{ ...call, createdIds: { "a b": "c" } }, 400, "notRequest"],
    [{ ...call, using: [...all, "urn:example:nothing"] }, 400, "unknownCapability"],
  ];
  for (const [body, status, type, headers] of cases) {
    const found = await problem(await client.post(body, headers));
    assert.deepEqual([found.status, found.type], [status, type], JSON.stringify(body).slice(0, 80));
  }
});

test("too much is refused with the limit: calls, size, depth, values", async () => {
  const echo = (given: unknown) => ({ using: all, methodCalls: [["Core/echo", given, "a"]] });
  const many = { using: all, methodCalls: Array.from({ length: 33 }, () => ["Core/echo", {}, "a"]) };
  assert.deepEqual(await problem(await client.post(many)), { status: 400, type: "limit", limit: "maxCallsInRequest" });
  const large = await problem(await client.post(echo({ a: "x".repeat(10_000_001) })));
  assert.deepEqual([large.status, large.type, large.limit], [413, "limit", "maxSizeRequest"]);
  const deep = `{"using":[],"methodCalls":[["Core/echo",{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}},"a"]]}`;
  assert.equal((await problem(await client.post(deep))).type, "limit");
  const wide = `{"using":[],"methodCalls":[["Core/echo",{"a":[${"0,".repeat(1_000_000)}0]},"a"]]}`;
  assert.equal((await problem(await client.post(wide))).type, "limit");
  const ids = Array.from({ length: 501 }, (_, index) => `x${index}`);
  assert.equal(await client.failure("Email/get", { accountId: client.accountId, ids }), "requestTooLarge");
  assert.equal(await client.failure("Email/set", { accountId: client.accountId, destroy: ids }), "requestTooLarge");
});

test("references to references do not grow without end", async () => {
  const calls: Invocation[] = [["Core/echo", { a: Array.from({ length: 1_000 }, () => "x") }, "c0"]];
  for (let n = 1; n < 32; n++) {
    const before = { resultOf: `c${n - 1}`, name: "Core/echo", path: "" };
    calls.push(["Core/echo", { "#a": before, "#b": before }, `c${n}`]);
  }
  const { methodResponses } = await client.request(calls);
  assert.ok(methodResponses.some(([name, answer]) => name === "error" && answer.type === "requestTooLarge"));
});

test("keys that are names of JavaScript are only keys", async () => {
  const body = `{"using":${JSON.stringify(all)},"methodCalls":[
    ["Core/echo",{"__proto__":{"polluted":true},"constructor":1},"a"],
    ["Mailbox/set",{"accountId":"${client.accountId}","create":{"__proto__":{"name":"proto"},"constructor":{"name":""}}},"b"],
    ["__proto__",{},"c"],["constructor",{},"d"],["toString",{},"e"],
    ["Mailbox/get",{"accountId":"__proto__","ids":null},"f"],
    ["Mailbox/query",{"accountId":"${client.accountId}","filter":{"__proto__":1}},"g"],
    ["Mailbox/query",{"accountId":"${client.accountId}","sort":[{"property":"constructor"}]},"h"]
  ]}`;
  const answer = await client.post(body);
  const text = await answer.text();
  const types = (JSON.parse(text) as { methodResponses: Invocation[] }).methodResponses.map(
    ([name, given]) => given.type ?? name,
  );
  assert.deepEqual(types, [
    "Core/echo",
    "Mailbox/set",
    "unknownMethod",
    "unknownMethod",
    "unknownMethod",
    "accountNotFound",
    "unsupportedFilter",
    "unsupportedSort",
  ]);
  assert.match(text, /"created":\{"__proto__":\{"id":/);
  assert.equal(({} as { polluted?: boolean }).polluted, undefined);
});

test("a method needs its capability, and arguments of the right type", async () => {
  const { methodResponses } = await client.request([["Mailbox/get", { accountId: client.accountId, ids: null }, "a"]], {
    using: [jmapCapabilities.core],
  });
  assert.deepEqual(methodResponses, [["error", { type: "unknownMethod" }, "a"]]);
  const { accountId } = client;
  for (const [name, given, type] of [
    ["Mailbox/get", { ids: null }, "invalidArguments"],
    ["Mailbox/get", { accountId: 1, ids: null }, "invalidArguments"],
    ["Mailbox/get", { accountId, ids: "x" }, "invalidArguments"],
    ["Mailbox/get", { accountId, ids: [], properties: ["nothing"] }, "invalidArguments"],
    ["Mailbox/get", { accountId, ids: [], colour: "red" }, "invalidArguments"],
    ["Email/get", { accountId, ids: [], properties: ["header:From:asDate"] }, "invalidArguments"],
    ["Email/get", { accountId, ids: [], bodyProperties: ["nothing"] }, "invalidArguments"],
    ["Email/query", { accountId, filter: { operator: "XOR", conditions: [] } }, "invalidArguments"],
    ["Email/query", { accountId, filter: { before: "yesterday" } }, "invalidArguments"],
    ["Email/query", { accountId, filter: { colour: "red" } }, "unsupportedFilter"],
    ["Email/query", { accountId, filter: { header: ["X-Spam"] } }, "unsupportedFilter"],
    ["Email/query", { accountId, sort: [{ property: "colour" }] }, "unsupportedSort"],
    ["Email/query", { accountId, sort: [{ property: "hasKeyword" }] }, "invalidArguments"],
    ["Email/query", { accountId, sort: [{ property: "subject", collation: "i;klingon" }] }, "unsupportedSort"],
    ["Email/query", { accountId, anchor: "nothing" }, "anchorNotFound"],
    ["Email/query", { accountId, limit: -1 }, "invalidArguments"],
    ["Email/changes", { accountId, sinceState: "nonsense" }, "cannotCalculateChanges"],
    ["Email/changes", { accountId, sinceState: "0-0", maxChanges: 0 }, "invalidArguments"],
    ["Email/queryChanges", { accountId, sinceQueryState: "0-0" }, "cannotCalculateChanges"],
    ["Email/set", { accountId, create: { "a b": {} } }, "invalidArguments"],
    ["Email/set", { accountId, create: [] }, "invalidArguments"],
    ["Email/get", { accountId, "#ids": { resultOf: "c9", name: "x", path: "/" } }, "invalidResultReference"],
    ["Email/get", { accountId, ids: [], "#ids": { resultOf: "c9", name: "x", path: "/" } }, "invalidArguments"],
  ] as const) {
    assert.equal(await client.failure(name, given), type, `${name} ${JSON.stringify(given)}`);
  }
});

test("creation ids of one request are known to the next, and are told when asked for", async () => {
  const made = await client.request(
    [["Mailbox/set", { accountId: client.accountId, create: { box: { name: "Créée" } } }, "a"]],
    { createdIds: {} },
  );
  const { box } = made.createdIds!;
  const next = await client.request([["Mailbox/set", { accountId: client.accountId, destroy: ["#box"] }, "a"]], {
    createdIds: { box },
  });
  assert.deepEqual(next.methodResponses[0]![1].destroyed, [box]);
});

test("an upload beyond the limit is refused, whether it says its size or not, and leaves nothing", async () => {
  const url = client.session.uploadUrl.replace("{accountId}", client.accountId);
  const told = await fetch(url, { method: "POST", headers: client.headers, body: new Uint8Array(1_000_001) });
  assert.deepEqual(await problem(told), { status: 413, type: "limit", limit: "maxSizeUpload" });
  const pieces = new ReadableStream({
    start(controller) {
      for (let n = 0; n < 20; n++) controller.enqueue(new Uint8Array(100_000));
      controller.close();
    },
  });
  const streamed = await fetch(url, {
    method: "POST",
    headers: client.headers,
    body: pieces,
    duplex: "half",
  } as RequestInit);
  assert.deepEqual(await problem(streamed), { status: 413, type: "limit", limit: "maxSizeUpload" });
  const empty = await client.upload(new Uint8Array(), "text/plain");
  assert.equal(empty.size, 0);
});

test("a download says what the client asks for, but no page of ours: HTML and SVG are saved, in a sandbox", async () => {
  const { blobId } = await client.upload(Buffer.from("<script>alert(1)</script>"), "text/html");
  for (const type of ["text/html", "image/svg+xml", "application/xhtml+xml", "application/pdf", "x\r\ny: z"]) {
    const answer = await client.download(blobId, "a/b.html", type);
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get("content-disposition")!, /^attachment/);
    assert.match(answer.headers.get("content-security-policy")!, /default-src 'none'.*sandbox/);
    assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
  }
  const image = await client.download(blobId, "a.png", "image/png");
  assert.match(image.headers.get("content-disposition")!, /^inline/);
  assert.equal((await client.download(blobId, "x", "text/plain", { range: "bytes=100-" })).status, 416);
  for (const wrong of ["nothing", "__proto__", `${blobId}_1`, "..%2f..%2fetc"]) {
    assert.equal((await fetch(client.downloadUrl(wrong, "x", "text/plain"), { headers: client.headers })).status, 404);
  }
});

test("a browser comes with its session; a change needs the page's own origin and token", async () => {
  const { identity } = suite.domain;
  const traits = { remoteAddress: "127.0.0.1", userAgent: "test" };
  const portal = await openPortalSession(identity, lea.viewer, traits);
  const { familyId } = portal;
  const mail = await openServiceSession(identity, { uid: lea.uid, familyId, service: "mail", client: traits });
  const browser = new TestBrowser(suite.port("http"));
  const origin = suite.origins.mail;
  const cookie = { name: "bouquet", value: mail.token, path: "/" };
  browser.cookies.set(new URL(origin).hostname, new Map([["bouquet /", cookie]]));
  const session = await browser.send(`${origin}/jmap/session`);
  assert.equal(session.status, 200, session.body);
  const { apiUrl } = JSON.parse(session.body) as JmapSession;
  assert.equal(apiUrl, `${origin}/jmap/api`);
  const json = { using: all, methodCalls: [["Core/echo", { a: 1 }, "x"]] };
  const token = mail.csrfToken;
  for (const [headers, status] of [
    [{}, 403],
    [{ origin }, 403],
    [{ "x-bouquet-csrf": token }, 403],
    [{ origin: suite.origins.drive, "x-bouquet-csrf": token }, 403],
    [{ origin, "x-bouquet-csrf": token }, 200],
  ] as const) {
    const answer = await browser.send(apiUrl, { method: "POST", json, headers });
    assert.equal(answer.status, status, answer.body);
  }
});

test("nothing went wrong on the server meanwhile", () => {
  assert.deepEqual(
    suite.log.filter((line) => line["level"] === "error"),
    [],
  );
});
