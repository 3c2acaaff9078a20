import assert from "node:assert/strict";
import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { test } from "node:test";
import { sql } from "kysely";
import { readRootId } from "../../src/domain/drive/read-root-id.ts";
import { openPortalSession, openServiceSession } from "../../src/domain/identity/open-session.ts";
import { besiege, longestBlock } from "../harness/hostile.ts";

const siege = besiege(signIn);
let session: Record<string, string>;
let root: string;

async function signIn(): Promise<void> {
  const { identity, store } = siege.suite.domain;
  const client = { remoteAddress: "127.0.0.1", userAgent: undefined };
  const { familyId } = await openPortalSession(identity, siege.lea.viewer, client);
  const { uid } = siege.lea;
  const { token, csrfToken } = await openServiceSession(identity, { uid, familyId, service: "drive", client });
  session = { cookie: `bouquet=${token}`, "x-bouquet-csrf": csrfToken, origin: siege.suite.origins.drive };
  root = await readRootId(store.read, siege.lea);
}

interface Answer {
  status: number;
  headers: IncomingMessage["headers"];
  body: Buffer;
  text: string;
}

/** To the drive's host, the path as it stands. */
async function send(
  method: string,
  path: string,
  options: {
    headers?: Record<string, string | string[]>;
    body?: string | Buffer | object;
    service?: "portal" | "mail" | "drive";
  } = {},
): Promise<Answer> {
  const { body, headers = session, service = "drive" } = options;
  const isJson = body !== undefined && typeof body !== "string" && !Buffer.isBuffer(body);
  const bytes = body === undefined ? undefined : isJson ? JSON.stringify(body) : (body as string | Buffer);
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const sent = httpRequest(
    {
      host: "127.0.0.1",
      port: siege.suite.port("http"),
      method,
      path,
      headers: {
        host: new URL(siege.suite.origins[service]).host,
        ...(isJson && { "content-type": "application/json" }),
        ...(bytes !== undefined && { "content-length": String(Buffer.byteLength(bytes)) }),
        ...headers,
      },
    },
    (response) => {
      const chunks: Buffer[] = [];
      response.on("error", reject);
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const whole = Buffer.concat(chunks);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: whole, text: whole.toString() });
      });
    },
  );
  sent.on("error", reject);
  sent.end(bytes);
  return promise;
}

/** The answer as soon as its head is there. */
async function fetchEvents(): Promise<IncomingMessage> {
  const { host } = new URL(siege.suite.origins.drive);
  const port = siege.suite.port("http");
  const sent = httpRequest({ host: "127.0.0.1", port, path: "/api/events", headers: { ...session, host } }).end();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  response.on("error", () => {});
  return response;
}

const put = (name: string, content = "contenu", query = "onConflict=rename") =>
  send("PUT", `/api/drive/folders/${root}/files/${name}?${query}`, {
    body: content,
    headers: { ...session, "content-type": "text/plain" },
  });
const json = (answer: Answer) => JSON.parse(answer.text);

/** Names as they would stand in a JSON body, and what may become of them. */
const names = [
  "..",
  ".",
  "../x",
  "..\\x",
  "a/b",
  "a\\b",
  "/etc/passwd",
  "C:\\x",
  "nul\u0000x",
  "tab\tx",
  "line\r\nSet-Cookie: x=y",
  "\u202Egpj.exe",
  "a\u200Bb",
  "\ud800",
  "e\u0301".repeat(60),
  "\u{1F468}\u200D\u{1F469}".repeat(30),
  "x".repeat(255),
  "x".repeat(256),
  "x".repeat(100_000),
  "é".repeat(255),
  " ",
  "",
  "…",
  "CON",
  "<script>alert(1)</script>.html",
  "'; DROP TABLE drive_node; --",
  "%2e%2e%2f",
  "%00",
  "a\u2044b",
  "a\uFF0Fb",
  "__proto__",
  "constructor",
];

test("no name leads out of its folder: uploaded, renamed, created, zipped", async () => {
  const made: string[] = [];
  for (const name of names) {
    const path = encodeURIComponent(name.toWellFormed());
    for (const answer of [
      await put(path),
      await send("POST", `/api/drive/folders/${root}/folders`, { body: { name, onConflict: "rename" } }),
    ]) {
      assert.ok(
        [201, 400, 404, 409, 413, 414, 431].includes(answer.status),
        `${JSON.stringify(name.slice(0, 40))}: ${answer.status} ${answer.text.slice(0, 200)}`,
      );
      if (answer.status !== 201) continue;
      const node = json(answer);
      assert.ok(!/[/\0]|^\.{1,2}$/.test(node.name), JSON.stringify(node.name));
      assert.ok(Buffer.byteLength(node.name) <= 1_000, "a name longer than others can store");
      made.push(node.id);
    }
  }
  const victim = json(await put("victim.txt")).id;
  for (const name of names) {
    const { status } = await send("PATCH", `/api/drive/nodes/${victim}`, { body: { name } });
    assert.ok([200, 400, 409, 413].includes(status), `rename to ${JSON.stringify(name.slice(0, 40))}: ${status}`);
  }
  const archive = await send("GET", `/api/drive/archive?ids=${made.slice(0, 60).join(",")}`);
  assert.equal(archive.status, 200, archive.text.slice(0, 200));
  // Central directory entries: no absolute path, no way up, no backslash that Windows takes for a separator.
  const zip = archive.body.toString("latin1");
  const entries = [...zip.matchAll(/PK\x01\x02[\s\S]{42}/g)].map(({ index }) => {
    const length = archive.body.readUInt16LE(index + 28);
    return archive.body.subarray(index + 46, index + 46 + length).toString();
  });
  assert.ok(entries.length >= made.slice(0, 60).length - 1, `${entries.length} entries`);
  for (const entry of entries) assert.ok(!/^\/|(^|[/\\])\.\.([/\\]|$)|\0|\\/.test(entry), JSON.stringify(entry));
  await siege.assertWell();
});

test("paths of the address lead nowhere but to routes", async () => {
  for (const path of [
    "/../../etc/passwd",
    "/..%2f..%2fetc%2fpasswd",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/assets/..%5c..%5cpackage.json",
    "/assets/%00",
    "/assets/../../../package.json",
    "//etc/passwd",
    "/%",
    "/%ff%fe",
    "/s/../api/session",
    "/s/x/..%2fapi/info",
    `/${"a/".repeat(3_000)}`,
    `/api/drive/nodes/${"a".repeat(5_000)}`,
    "/api/drive/nodes/..%2f..",
    "/api/drive/nodes/%00",
    "/api/drive/files/%27%3b--/content",
    "/api/drive/search?text=%00&accountId=%00",
    "/api/drive/archive?ids=%00,..,../..",
  ]) {
    const { status, text } = await send("GET", path);
    assert.ok([200, 400, 404, 414, 503].includes(status), `${path.slice(0, 60)}: ${status} ${text.slice(0, 200)}`);
    assert.doesNotMatch(text, /root:|"workspaces"|at .*\.ts:\d+/, path);
  }
  await siege.assertWell();
});

test("what comes before any sign-in takes anything without falling over", async () => {
  const odd = ["%00", "%ff", "..%2f", "x".repeat(900), "%F0%9F%98%80", "'--", "__proto__", "[object%20Object]"];
  for (const each of odd) {
    for (const path of [
      `/interaction/${each}`,
      `/sign-in?interaction=${each}`,
      `/api/password-reset/${each}`,
      `/oidc/${each}`,
      `/oidc/auth?client_id=${each}&response_type=code&scope=openid&redirect_uri=${each}&state=${each}&nonce=${each}`,
      `/oidc/auth?client_id=${each}&client_id=${each}`,
      `/oidc/auth/${each}`,
      `/oidc/me?access_token=${each}`,
    ]) {
      const { status, text } = await send("GET", path, { service: "portal", headers: {} });
      assert.ok(status < 500 || status === 503, `${path}: ${status} ${text.slice(0, 300)}`);
    }
    for (const path of [`/sign-in?return=${each}`, `/auth/callback?code=${each}&state=${each}&iss=${each}`]) {
      for (const service of ["mail", "drive"] as const) {
        const { status, headers } = await send("GET", path, { service, headers: {} });
        assert.ok(status < 500, `${path}: ${status}`);
        if (headers.location) assert.ok(headers.location.startsWith(siege.suite.origins.portal), headers.location);
      }
    }
    for (const body of [
      `grant_type=authorization_code&code=${each}`,
      `grant_type=${each}`,
      each,
      "=&=&=&",
      "a".repeat(200_000),
    ]) {
      const { status, text } = await send("POST", "/oidc/token", {
        service: "portal",
        headers: { "content-type": "application/x-www-form-urlencoded", authorization: `Basic ${each}` },
        body,
      });
      assert.ok(status >= 400 && status < 500, `${body.slice(0, 60)}: ${status} ${text.slice(0, 300)}`);
    }
    const typed = decodeURIComponent(each === "%ff" ? "x" : each);
    const answer = await send("POST", "/api/sign-in", {
      service: "portal",
      headers: { origin: siege.suite.origins.portal, "content-type": "application/json" },
      body: JSON.stringify({ login: typed, password: typed }),
    });
    assert.ok([400, 401, 429].includes(answer.status), `${each}: ${answer.status} ${answer.text}`);
  }
  await siege.assertWell();
});

test("what people upload is never a page of ours", async () => {
  const page = "<script>fetch('/api/session')</script>";
  for (const [name, type] of [
    ["x.html", "text/html"],
    ["x.svg", "image/svg+xml"],
    ["x.xhtml", "application/xhtml+xml"],
    ["x.xml", "text/xml"],
    ["x.pdf", "application/pdf"],
    ["x.png", "text/html;charset=utf-7\u0080"],
    ["x", "multipart/x-mixed-replace"],
  ] as const) {
    const made = await send("PUT", `/api/drive/folders/${root}/files/${name}?onConflict=rename`, {
      body: page,
      headers: { ...session, "content-type": type.replace("\u0080", "") },
    });
    assert.equal(made.status, 201, made.text);
    for (const disposition of ["inline", "attachment"]) {
      const { headers } = await send("GET", `/api/drive/files/${json(made).id}/content?disposition=${disposition}`);
      // Only what is certainly a picture is shown: the type follows the name, and is not guessed again.
      const shown = headers["content-type"] === "image/png" ? /^(inline|attachment)/ : /^attachment/;
      assert.match(String(headers["content-disposition"]), shown, `${name} ${type}`);
      assert.match(String(headers["content-security-policy"]), /default-src 'none'.*sandbox/);
      assert.equal(headers["x-content-type-options"], "nosniff");
    }
  }
  await siege.assertWell();
});

test("another site changes nothing, whatever it sends and however it dresses it", async () => {
  const { cookie } = session as { cookie: string };
  const token = session["x-bouquet-csrf"]!;
  const own = siege.suite.origins.drive;
  const folders = `/api/drive/folders/${root}/folders`;
  const body = { name: "forged" };
  const attacks: [headers: Record<string, string | string[]>, body?: string | object][] = [
    [{ cookie }],
    [{ cookie, origin: "null", "x-bouquet-csrf": token }],
    [{ cookie, origin: siege.suite.origins.mail, "x-bouquet-csrf": token }],
    [{ cookie, origin: siege.suite.origins.portal, "x-bouquet-csrf": token }],
    [{ cookie, origin: `${own}.evil.example`, "x-bouquet-csrf": token }],
    [{ cookie, origin: own.toUpperCase(), "x-bouquet-csrf": token }],
    [{ cookie, "x-bouquet-csrf": token }],
    [{ cookie, referer: `${own}/`, "x-bouquet-csrf": token }],
    [{ cookie, origin: own }],
    [{ cookie, origin: own, "x-bouquet-csrf": "" }],
    [{ cookie, origin: own, "x-bouquet-csrf": `${token}x` }],
    [{ cookie, origin: own, "x-bouquet-csrf": token.slice(0, -1) }],
    [{ cookie, origin: own, "x-bouquet-csrf": [token, token] }],
    [{ cookie, origin: own, "content-type": "text/plain" }, JSON.stringify(body)],
    [{ cookie, origin: own, "content-type": "application/x-www-form-urlencoded" }, "parentId=x&name=y&csrf=1"],
    [{ cookie, origin: own, "x-http-method-override": "POST", "x-original-method": "GET" }],
  ];
  const count = async () =>
    (await sql<{ n: number }>`SELECT count(*) AS n FROM drive_node`.execute(siege.suite.domain.store.read)).rows[0]!.n;
  const before = await count();
  for (const [headers, given] of attacks) {
    const { status } = await send("POST", folders, { headers, body: given ?? body });
    assert.ok(status === 403, `${JSON.stringify(headers)}: ${status}`);
  }
  for (const path of [`${folders}?_method=POST&name=x`, "/api/drive/trash/empty"]) {
    const headers = { cookie, "x-http-method-override": "POST", "x-method-override": "POST" };
    assert.ok((await send("GET", path, { headers })).status >= 400);
  }
  const cross = await send("OPTIONS", folders, {
    headers: { origin: "https://evil.example", "access-control-request-method": "POST" },
  });
  assert.equal(cross.headers["access-control-allow-origin"], undefined);
  assert.equal(await count(), before);
  assert.equal((await send("POST", folders, { body })).status, 201);
  await siege.assertWell();
});

test("JSON that is a bomb, or no object at all, is refused at once", async () => {
  const bodies = [
    "[".repeat(500_000),
    `{"name":${"[".repeat(100_000)}${"]".repeat(100_000)}}`,
    '{"__proto__":{"name":"x"},"ids":[]}',
    '{"constructor":{"prototype":{}},"name":"x"}',
    `{"name":"${"x".repeat(1_100_000)}"}`,
    "null",
    "1e999",
    '"x"',
    "\u0000",
    "{}",
    `{"ids":[${Array.from({ length: 60_000 }, () => '"x"').join(",")}]}`,
  ];
  for (const body of bodies) {
    for (const path of [`/api/drive/folders/${root}/folders`, "/api/drive/nodes/trash"]) {
      const blocked = await longestBlock(async () => {
        const { status } = await send("POST", path, {
          body,
          headers: { ...session, "content-type": "application/json" },
        });
        assert.ok([400, 413].includes(status), `${path} ${body.slice(0, 30)}: ${status}`);
      });
      assert.ok(blocked < 3_000, `${Math.round(blocked)} ms for ${body.slice(0, 30)}`);
    }
  }
  await siege.assertWell();
});

test("a share link that is damaged, ended or guessed tells nothing", async () => {
  const made = json(await put("partage.txt", "Quetzal"));
  const link = json(
    await send("POST", `/api/drive/nodes/${made.id}/links`, { body: { label: "x", password: "violet-tuile-93" } }),
  );
  const token = String(link.url).split("/s/")[1]!;
  const visit = (path: string, headers: Record<string, string> = {}) => send("GET", path, { headers });
  const own = { origin: siege.suite.origins.drive, "content-type": "application/json" };
  const flipped = token.slice(0, -1) + (token.endsWith("A") ? "B" : "A");
  for (const each of [
    flipped,
    token.slice(0, -1),
    `${token}x`,
    `${token.toLowerCase()}_`,
    "%00",
    "..",
    "x".repeat(900),
  ]) {
    for (const what of ["info", `files/${made.id}/content`, "archive", `folders/${made.id}`]) {
      const { status, text } = await visit(`/s/${each}/api/${what}`);
      assert.ok([400, 404, 414, 429].includes(status), `${each.slice(0, 20)} ${what}: ${status}`);
      assert.doesNotMatch(text, /Quetzal|partage/);
    }
  }
  const locked = await visit(`/s/${token}/api/info`);
  assert.equal(json(locked).state, "locked");
  assert.doesNotMatch(locked.text, /partage/);
  for (const proof of ["", "x", "99999999999.", `99999999999.${"A".repeat(43)}`, `-1.${"A".repeat(43)}`]) {
    const { status } = await visit(`/s/${token}/api/files/${made.id}/content`, { cookie: `bouquet-share=${proof}` });
    assert.equal(status, 401, proof);
  }
  const crossSite = await send("POST", `/s/${token}/api/unlock`, {
    headers: { ...own, origin: "https://evil.example" },
    body: '{"password":"violet-tuile-93"}',
  });
  assert.equal(crossSite.status, 403);
  const unlocked = await send("POST", `/s/${token}/api/unlock`, {
    headers: own,
    body: '{"password":"violet-tuile-93"}',
  });
  assert.equal(unlocked.status, 204, unlocked.text);
  const cookie = String(unlocked.headers["set-cookie"]);
  assert.match(cookie, /HttpOnly; SameSite=Lax/);
  const proof = cookie.split(";")[0]!;
  assert.equal((await visit(`/s/${token}/api/files/${made.id}/content`, { cookie: proof })).text, "Quetzal");
  const stranger = json(await put("autre.txt", "Quetzal secret")).id;
  for (const id of [stranger, root, "00000000-0000-0000-0000-000000000000", "x"]) {
    for (const what of [`files/${id}/content`, `folders/${id}`, `archive?ids=${id}`]) {
      const { status, text } = await visit(`/s/${token}/api/${what}`, { cookie: proof });
      assert.equal(status, 404, what);
      assert.doesNotMatch(text, /Quetzal/);
    }
  }
  assert.equal((await send("DELETE", `/api/drive/links/${link.id}`)).status, 204);
  const ended = await visit(`/s/${token}/api/files/${made.id}/content`, { cookie: proof });
  assert.equal(ended.status, 410);
  assert.equal(json(ended).reason, "revoked");
  await siege.assertWell();
});

test("wrong passwords of a link and of a person are slowed down", async () => {
  const made = json(await put("garde.txt"));
  const link = json(await send("POST", `/api/drive/nodes/${made.id}/links`, { body: { password: "violet-tuile-93" } }));
  const token = String(link.url).split("/s/")[1]!;
  const headers = { origin: siege.suite.origins.drive, "content-type": "application/json" };
  const statuses: number[] = [];
  for (let attempt = 0; attempt < 8; attempt++) {
    statuses.push(
      (await send("POST", `/s/${token}/api/unlock`, { headers, body: `{"password":"wrong-${attempt}"}` })).status,
    );
  }
  assert.deepEqual([statuses[0], statuses.at(-1)], [401, 429]);
  const signIns: number[] = [];
  for (let attempt = 0; attempt < 8; attempt++) {
    const answer = await send("POST", "/api/sign-in", {
      service: "portal",
      headers: { origin: siege.suite.origins.portal, "content-type": "application/json" },
      body: JSON.stringify({ login: siege.lea.address, password: `wrong-${attempt}` }),
    });
    signIns.push(answer.status);
    if (answer.status === 429) assert.ok(Number(answer.headers["retry-after"]) > 0);
  }
  assert.deepEqual([signIns[0], signIns.at(-1)], [401, 429]);
  await siege.assertWell();
});

test("one sign-in has a few event streams, also when they are asked for at once", async () => {
  const ask = () => fetchEvents();
  const answers = await Promise.all(Array.from({ length: 45 }, ask));
  const statuses = answers.map((each) => each.statusCode);
  assert.equal(statuses.filter((status) => status === 200).length, 30, statuses.join(" "));
  assert.equal(statuses.filter((status) => status === 429).length, 15);
  for (const each of answers) each.destroy();
  let again = await ask();
  for (; again.statusCode === 429; again = await ask()) again.destroy();
  assert.equal(again.statusCode, 200);
  again.destroy();
  await siege.assertWell();
});

test("who vanishes in the middle of an upload leaves no file, and who sends slowly holds up nobody", async () => {
  const list = async () =>
    json(await send("GET", `/api/drive/folders/${root}`)).nodes.map((node: { name: string }) => node.name);
  const before = await list();
  const head = (length: string) =>
    `PUT /api/drive/folders/${root}/files/coupe.bin HTTP/1.1\r\nhost: ${new URL(siege.suite.origins.drive).host}\r\ncookie: ${session.cookie}\r\nx-bouquet-csrf: ${session["x-bouquet-csrf"]}\r\norigin: ${session.origin}\r\n${length}\r\n\r\n`;
  for (const [length, body] of [
    ["content-length: 10000000", "x".repeat(2_000_000)],
    ["content-length: 10", ""],
    ["transfer-encoding: chunked", "5\r\nabcde\r\n"],
    ["transfer-encoding: chunked", "FFFFFFFFFFFFFFFFF\r\n"],
    ["transfer-encoding: chunked", "zz\r\n"],
  ] as const) {
    const socket = await siege.connectHttp();
    socket.write(head(length));
    socket.write(body);
    const closed = new Promise((resolve) => socket.once("close", resolve));
    setImmediate(() => socket.resetAndDestroy());
    await closed;
  }
  const slow = await Promise.all(Array.from({ length: 200 }, () => siege.connectHttp()));
  for (const [index, socket] of slow.entries())
    socket.write(["GET / HT", head("content-length: 100"), "POST"][index % 3]!);
  const idle = await Promise.all([...Array(50)].map((_, n) => siege.connect(n % 2 ? "imap" : "smtp")));
  for (const client of idle) client.send("a LOG");
  await siege.assertWell();
  assert.deepEqual(await list(), before);
  for (const socket of slow) socket.destroy();
  for (const client of idle) client.destroy();
  await siege.assertWell();
});
