import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import {
  BatchResult,
  DriveNode,
  FileVersions,
  FolderListing,
  FoundNodes,
  NodeDetails,
  ShareLink,
  ShareLinkList,
  SpaceList,
  TrashListing,
} from "@bouquet/contract/drive.ts";
import type { Static, TSchema } from "typebox";
import { Value } from "typebox/value";
import { type DriveSuite, openDriveSuite } from "../../../../test/harness/drive-suite.ts";
import type { Person } from "../../../../test/harness/drive-world.ts";
import { until } from "../../../../test/harness/until.ts";

let suite: DriveSuite;
let organizationId: string;
let anne: Person;
let headers: Record<string, string>;
let count = 0;

before(async () => {
  suite = await openDriveSuite();
  organizationId = await suite.world.organization("Bourg-Fleuri");
});
after(() => suite.close());
beforeEach(async () => {
  anne = await suite.world.person(organizationId, `anne${++count}`);
  headers = await suite.signIn(anne);
});

const call = (method: string, path: string, body?: unknown, extra: Record<string, string> = {}): Promise<Response> =>
  suite.call(method, path, { ...headers, ...extra }, body);

/** The body, once it is known to be what the contract says. */
async function answer<T extends TSchema>(schema: T, response: Response, status = 200): Promise<Static<T>> {
  const body: unknown = await response.json();
  assert.equal(response.status, status, JSON.stringify(body));
  const [error] = Value.Errors(schema, body);
  assert.ok(!error, JSON.stringify(error));
  return body as Static<T>;
}

async function refusal(response: Response): Promise<[status: number, code: string, reason?: string]> {
  const { code, reason } = (await response.json()) as { code: string; reason?: string };
  return reason === undefined ? [response.status, code] : [response.status, code, reason];
}

const put = (name: string, body: string | Uint8Array, query = "", folderId = anne.rootId): Promise<Response> =>
  call("PUT", `/api/drive/folders/${folderId}/files/${encodeURIComponent(name)}${query}`, body);
const upload = async (name: string, body: string, folderId = anne.rootId) =>
  answer(DriveNode, await put(name, body, "", folderId), 201);
const storedFiles = async (): Promise<string[]> =>
  (await readdir(suite.world.blobDirectory, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

test("a person works through the drive: every answer is what the contract says", async () => {
  const { spaces } = await answer(SpaceList, await call("GET", "/api/drive/spaces"));
  assert.deepEqual(
    spaces.map((space) => [space.rootId, space.isOwn, space.permissions.canShare]),
    [[anne.rootId, true, true]],
  );
  const root = `/api/drive/folders/${anne.rootId}`;
  const folder = await answer(DriveNode, await call("POST", `${root}/folders`, { name: "Conseil" }), 201);
  const file = await upload("Délibération.pdf", "texte", folder.id);
  assert.equal(file.contentType, "application/pdf");
  const listing = await answer(
    FolderListing,
    await call("GET", `/api/drive/folders/${folder.id}?sort=modified&direction=desc&limit=10`),
  );
  assert.deepEqual(listing.nodes, [file]);
  const renamed = await answer(DriveNode, await call("PATCH", `/api/drive/nodes/${file.id}`, { name: "D.pdf" }));
  assert.equal(renamed.name, "D.pdf");
  const copy = await answer(
    BatchResult,
    await call("POST", "/api/drive/nodes/copy", { ids: [file.id], folderId: folder.id, onConflict: "rename" }),
  );
  assert.equal(copy.results[0]!.node!.name, "D (2).pdf");
  const moved = await answer(
    BatchResult,
    await call("POST", "/api/drive/nodes/move", { ids: [file.id, folder.id], folderId: folder.id }),
  );
  assert.deepEqual(
    moved.results.map((result) => result.error?.reason),
    [undefined, "into_itself"],
  );
  const link = await answer(ShareLink, await call("POST", `/api/drive/nodes/${folder.id}/links`, { label: "x" }), 201);
  assert.ok(link.url!.startsWith(`${suite.origin}/s/`));
  const details = await answer(NodeDetails, await call("GET", `/api/drive/nodes/${folder.id}`));
  assert.equal(details.links[0]!.url, link.url);
  assert.equal(details.node.linkCount, 1);
  const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
  const changed = await answer(
    ShareLink,
    await call("PATCH", `/api/drive/links/${link.id}`, { expiresAt, password: "bocage-2026" }),
  );
  assert.equal(changed.hasPassword, true);
  assert.equal(changed.expiresAt, expiresAt);
  assert.equal(changed.label, "x");
  assert.equal((await answer(ShareLinkList, await call("GET", "/api/drive/links"))).links.length, 1);
  assert.equal((await call("DELETE", `/api/drive/links/${link.id}`)).status, 204);
  assert.deepEqual(await answer(ShareLinkList, await call("GET", `/api/drive/nodes/${folder.id}/links`)), {
    links: [],
  });
  const found = await answer(FoundNodes, await call("GET", "/api/drive/search?q=d%20(2)"));
  assert.deepEqual(found.nodes[0]!.path, ["Conseil"]);
  assert.equal((await answer(FoundNodes, await call("GET", "/api/drive/recent"))).nodes.length, 2);
  await answer(DriveNode, await put("D.pdf", "second", "?onConflict=replace", folder.id), 201);
  const { versions } = await answer(FileVersions, await call("GET", `/api/drive/files/${file.id}/versions`));
  await answer(DriveNode, await call("POST", `/api/drive/files/${file.id}/versions/${versions[1]!.id}/restore`));
  assert.equal(await (await call("GET", `/api/drive/files/${file.id}/content`)).text(), "texte");
  await answer(BatchResult, await call("POST", "/api/drive/nodes/trash", { ids: [file.id, folder.id, file.id] }));
  const trash = await answer(TrashListing, await call("GET", `/api/drive/trash?accountId=${anne.access.accountId}`));
  assert.deepEqual(trash.nodes.map((each) => each.node.name).sort(), ["Conseil", "D.pdf"]);
  assert.equal(trash.usage.trash, 10);
  await answer(BatchResult, await call("POST", "/api/drive/trash/restore", { ids: [folder.id] }));
  await answer(BatchResult, await call("POST", "/api/drive/trash/delete", { ids: [file.id] }));
  assert.equal((await call("POST", "/api/drive/trash/empty", { accountId: anne.access.accountId })).status, 204);
  const usage = (await (await call("GET", `/api/drive/usage?accountId=${anne.access.accountId}`)).json()) as {
    used: number;
  };
  assert.equal(usage.used, 5);
});

test("a folder that did not change is answered 304", async () => {
  const path = `/api/drive/folders/${anne.rootId}`;
  const first = await call("GET", path);
  const etag = first.headers.get("etag")!;
  assert.equal((await answer(FolderListing, first)).state, etag);
  assert.equal((await call("GET", path, undefined, { "if-none-match": etag })).status, 304);
  await upload("f", "x");
  assert.equal((await call("GET", path, undefined, { "if-none-match": etag })).status, 200);
});

describe("an upload", () => {
  test("is refused by its announced length before a byte is read, and leaves nothing", async () => {
    const files = await storedFiles();
    const [head, received] = await new Promise<[string, number]>((resolve, reject) => {
      const socket = connect(suite.port, "127.0.0.1", () => {
        const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
        socket.write(
          `PUT /api/drive/folders/${anne.rootId}/files/big HTTP/1.1\r\nhost: x\r\n${lines.join("")}content-length: 5000000000\r\n\r\n`,
        );
      });
      socket.once("error", reject).once("data", (data) => {
        resolve([data.toString(), socket.bytesWritten]);
        socket.destroy();
      });
    });
    assert.match(head, /^HTTP\/1\.1 507 /);
    assert.match(head, /"code":"over_quota"/);
    assert.ok(received < 2_000);
    assert.deepEqual(await storedFiles(), files);
  });

  test("of unknown length is refused when it passes the room that is left, and leaves nothing", async () => {
    const files = await storedFiles();
    let sent = 0;
    const body = new ReadableStream({
      pull(controller) {
        if (sent >= 4_000_000) return controller.close();
        sent += 65_536;
        controller.enqueue(new Uint8Array(65_536));
      },
    });
    const response = await fetch(`http://127.0.0.1:${suite.port}/api/drive/folders/${anne.rootId}/files/big`, {
      method: "PUT",
      headers,
      body,
      duplex: "half",
    } as RequestInit);
    assert.deepEqual(await refusal(response), [507, "over_quota"]);
    assert.deepEqual(await storedFiles(), files);
    await suite.world.checkBooks(anne);
  });

  test("that its sender cuts leaves nothing", async () => {
    const files = await storedFiles();
    const request = httpRequest({
      port: suite.port,
      method: "PUT",
      path: `/api/drive/folders/${anne.rootId}/files/cut`,
      headers: { ...headers, "content-length": "900000" },
    });
    const ended = new Promise<void>((resolve) => request.on("error", () => resolve()));
    request.write(Buffer.alloc(200_000));
    await until("the upload is under way", async () => (await storedFiles()).length > files.length);
    request.destroy();
    await ended;
    await until("what came of it is gone", async () => (await storedFiles()).length === files.length);
    const listing = await answer(FolderListing, await call("GET", `/api/drive/folders/${anne.rootId}`));
    assert.deepEqual(listing.nodes, []);
    assert.deepEqual(await storedFiles(), files);
    await suite.world.checkBooks(anne);
  });

  test("with Expect: 100-continue is asked for, or refused before it is sent", async () => {
    const send = (length: number): Promise<[status: number | undefined, wasAskedFor: boolean]> =>
      new Promise((resolve, reject) => {
        let wasAskedFor = false;
        const request = httpRequest({
          port: suite.port,
          method: "PUT",
          path: `/api/drive/folders/${anne.rootId}/files/expected%20${length}`,
          headers: { ...headers, "content-length": String(length), expect: "100-continue" },
        });
        request.once("continue", () => {
          wasAskedFor = true;
          request.end(Buffer.alloc(length));
        });
        request.once("response", (response) => {
          resolve([response.resume().statusCode, wasAskedFor]);
          if (!wasAskedFor) request.destroy();
        });
        request.once("error", reject);
        request.flushHeaders();
      });
    assert.deepEqual(await send(100_000), [201, true]);
    assert.deepEqual(await send(2_000_000_000), [507, false]);
  });

  test("ten at once of one name make ten files, each whole and counted", async () => {
    const bodies = Array.from({ length: 10 }, (_, index) => String(index).repeat(70_000 + index));
    const responses = await Promise.all(bodies.map((body) => put("plan.pdf", body, "?onConflict=rename")));
    const nodes = await Promise.all(responses.map((response) => answer(DriveNode, response, 201)));
    assert.equal(new Set(nodes.map((node) => node.name)).size, 10);
    for (const [index, node] of nodes.entries()) {
      assert.equal(await (await call("GET", `/api/drive/files/${node.id}/content`)).text(), bodies[index]);
    }
    await suite.world.checkBooks(anne);
  });

  test("ten at once of one name are refused but for one, or are versions of one, as asked", async () => {
    const statuses = await Promise.all(
      Array.from({ length: 10 }, async (_, index) => (await put("a.txt", `${index}`)).status),
    );
    assert.deepEqual(statuses.sort(), [201, ...Array(9).fill(409)]);
    const replaced = await Promise.all(
      Array.from({ length: 10 }, async (_, index) =>
        answer(DriveNode, await put("a.txt", `v${index}`, "?onConflict=replace"), 201),
      ),
    );
    assert.equal(new Set(replaced.map((node) => node.id)).size, 1);
    const { versions } = await answer(FileVersions, await call("GET", `/api/drive/files/${replaced[0]!.id}/versions`));
    assert.equal(versions.length, 11);
    await suite.world.checkBooks(anne);
  });

  test("many at once never pass the quota, to the byte", async () => {
    const statuses = await Promise.all(
      Array.from({ length: 12 }, async (_, index) => (await put(`f${index}`, "x".repeat(100_000))).status),
    );
    assert.equal(statuses.filter((status) => status === 201).length, 10);
    assert.equal(statuses.filter((status) => status === 507).length, 2);
    assert.deepEqual(await refusal(await put("one", "x")), [507, "over_quota"]);
    assert.equal((await put("none", "")).status, 201);
    await suite.world.checkBooks(anne);
  });

  test("takes any name that is a name, and no other", async () => {
    const folder = async () =>
      (await answer(FolderListing, await call("GET", `/api/drive/folders/${anne.rootId}`))).nodes.map(
        (node) => node.name,
      );
    const path = (encoded: string): string => `/api/drive/folders/${anne.rootId}/files/${encoded}`;
    for (const [encoded, reason] of [
      ["%2e%2e%2f%2e%2e%2fetc%2fpasswd", "name_forbidden"],
      ["a%2Fb", "name_forbidden"],
      ["a%00b", "name_forbidden"],
      ["a%0Ab", "name_forbidden"],
      ["%7F", "name_forbidden"],
      ["%20", "name_empty"],
      ["x".repeat(256), "name_too_long"],
      [encodeURIComponent("é".repeat(128)), "name_too_long"],
    ] as const) {
      assert.deepEqual(await refusal(await call("PUT", path(encoded), "x")), [400, "bad_request", reason], encoded);
    }
    // fetch would resolve the dots itself.
    for (const target of [path(".."), path("%2e%2e"), path("."), path("%ff"), path("")]) {
      const status = await new Promise<number>((resolve, reject) => {
        const request = httpRequest({
          port: suite.port,
          method: "PUT",
          path: target,
          headers: { ...headers, "content-length": "1" },
        });
        request.once("response", (response) => resolve(response.resume().statusCode!)).once("error", reject);
        request.end("x");
      });
      assert.ok(status === 400 || status === 404, `${target}: ${status}`);
    }
    assert.deepEqual(await folder(), []);
    const kept = [
      "CON",
      "...",
      "a\u202Egpj.exe",
      "é".repeat(127),
      "x".repeat(255),
      "C:\\x",
      "-rf *",
      "'; DROP TABLE",
      "👩‍🌾",
    ];
    for (const name of kept) assert.equal((await upload(name, "x")).name, name);
    assert.deepEqual((await folder()).sort(), [...kept].sort());
  });

  test("keeps the file's own date, and refuses what is none", async () => {
    const node = await answer(DriveNode, await put("old", "x", "?modifiedAt=2001-02-03T04:05:06.789Z"), 201);
    assert.equal(node.modifiedAt, "2001-02-03T04:05:06.789Z");
    assert.deepEqual(await refusal(await put("b", "x", "?modifiedAt=yesterday")), [400, "bad_request"]);
    assert.deepEqual(await refusal(await put("b", "x", "?onConflict=burn")), [400, "bad_request"]);
  });
});

describe("a download", () => {
  const text = "0123456789".repeat(10_000);

  test("gives the ranges of RFC 9110, whole answers for what it does not know, and 416 beyond the end", async () => {
    const node = await upload("f.bin", text);
    const path = `/api/drive/files/${node.id}/content`;
    const etag = `"${node.versionId}"`;
    const modified = new Date(Math.floor(Date.parse(node.modifiedAt) / 1000) * 1000).toUTCString();
    const size = text.length;
    const cases: [Record<string, string>, status: number, contentRange: string | null, body: string][] = [
      [{}, 200, null, text],
      [{ range: "bytes=0-9" }, 206, `bytes 0-9/${size}`, "0123456789"],
      [{ range: "bytes=99990-" }, 206, `bytes 99990-99999/${size}`, "0123456789"],
      [{ range: "bytes=-3" }, 206, `bytes 99997-99999/${size}`, "789"],
      [{ range: "bytes=99999-200000" }, 206, `bytes 99999-99999/${size}`, "9"],
      [{ range: "bytes=-200000" }, 206, `bytes 0-99999/${size}`, text],
      [{ range: "bytes=100000-" }, 416, `bytes */${size}`, ""],
      [{ range: "bytes=-0" }, 416, `bytes */${size}`, ""],
      [{ range: "bytes=5-2" }, 200, null, text],
      [{ range: "bytes=a-b" }, 200, null, text],
      [{ range: "bytes=-" }, 200, null, text],
      [{ range: "lines=0-9" }, 200, null, text],
      [{ range: "bytes=0-1,5-6" }, 200, null, text],
      [{ range: "bytes=0-9", "if-range": etag }, 206, `bytes 0-9/${size}`, "0123456789"],
      [{ range: "bytes=0-9", "if-range": modified }, 206, `bytes 0-9/${size}`, "0123456789"],
      [{ range: "bytes=0-9", "if-range": '"another"' }, 200, null, text],
      [{ range: "bytes=0-9", "if-range": `W/${etag}` }, 200, null, text],
      [{ range: "bytes=0-9", "if-range": new Date(0).toUTCString() }, 200, null, text],
      [{ "if-none-match": etag }, 304, null, ""],
      [{ "if-none-match": `"a", W/${etag}` }, 304, null, ""],
      [{ "if-none-match": '"another"' }, 200, null, text],
      [{ "if-modified-since": modified }, 304, null, ""],
      [{ "if-modified-since": "nonsense" }, 200, null, text],
    ];
    for (const [extra, status, contentRange, body] of cases) {
      const response = await call("GET", path, undefined, extra);
      assert.equal(response.status, status, JSON.stringify(extra));
      assert.equal(response.headers.get("content-range"), contentRange);
      assert.equal(response.headers.get("etag"), etag);
      assert.ok((await response.text()) === body, JSON.stringify(extra));
    }
    const head = await call("HEAD", path, undefined, { range: "bytes=0-9" });
    assert.equal(head.headers.get("content-length"), "10");
    const empty = await upload("empty", "");
    assert.equal((await call("GET", `/api/drive/files/${empty.id}/content`)).status, 200);
    const none = await call("GET", `/api/drive/files/${empty.id}/content`, undefined, { range: "bytes=0-" });
    assert.equal(none.status, 416);
  });

  test("is never a page of ours, whatever was uploaded", async () => {
    for (const name of ["page.html", "image.svg", "doc.xml", "script.js", "doc.pdf", "photo.png", "note.txt"]) {
      const node = await upload(name, "<script>alert(1)</script>");
      const response = await call("GET", `/api/drive/files/${node.id}/content?disposition=inline`);
      assert.match(response.headers.get("content-security-policy")!, /(^|; )sandbox$/);
      assert.equal(response.headers.get("x-content-type-options"), "nosniff");
      const disposition = response.headers.get("content-disposition")!;
      assert.equal(disposition.startsWith("inline"), name === "photo.png" || name === "note.txt", name);
    }
  });

  test("gives the name in both forms, and tricks nobody", async () => {
    for (const [name, expected] of [
      ["rapport.pdf", 'attachment; filename="rapport.pdf"'],
      ["été (1).pdf", "attachment; filename=\"ete (1).pdf\"; filename*=UTF-8''%C3%A9t%C3%A9%20%281%29.pdf"],
      ['a"b.txt', "attachment; filename=\"a_b.txt\"; filename*=UTF-8''a%22b.txt"],
      ["a\u202Etxt.exe", "attachment; filename=\"a_txt.exe\"; filename*=UTF-8''a%E2%80%AEtxt.exe"],
      ["100%25.txt", "attachment; filename=\"100_25.txt\"; filename*=UTF-8''100%2525.txt"],
    ] as const) {
      const node = await upload(name, "x");
      const response = await call("GET", `/api/drive/files/${node.id}/content`);
      assert.equal(response.headers.get("content-disposition"), expected);
    }
  });
});

test("without a session, a token or the right origin nothing is done", async () => {
  const node = await upload("f", "x");
  const {
    cookie,
    origin,
    "x-bouquet-csrf": token,
  } = headers as { cookie: string; origin: string; "x-bouquet-csrf": string };
  const path = `/api/drive/folders/${anne.rootId}/files/g`;
  assert.deepEqual(await refusal(await suite.call("PUT", path, {}, "x")), [401, "unauthenticated"]);
  assert.deepEqual(await refusal(await suite.call("PUT", path, { cookie, origin }, "x")), [403, "csrf"]);
  const evil = { cookie, origin: "http://mail.localhost:8080", "x-bouquet-csrf": token };
  assert.deepEqual(await refusal(await suite.call("PUT", path, evil, "x")), [403, "csrf"]);
  for (const path of [
    `/api/drive/files/${node.id}/content`,
    `/api/drive/archive?ids=${node.id}`,
    "/api/drive/spaces",
  ]) {
    assert.deepEqual(await refusal(await suite.call("GET", path)), [401, "unauthenticated"]);
  }
});

test("a person of another organization gets nothing by any id, on any route", async () => {
  const folder = await suite.world.put(anne, "f", "secret");
  const link = await answer(ShareLink, await call("POST", `/api/drive/nodes/${folder.id}/links`, {}), 201);
  const accountId = anne.access.accountId;
  const paul = await suite.world.person(await suite.world.organization("Voisine"), "paul");
  headers = await suite.signIn(paul);
  const mine = await suite.world.put(paul, "mine", "x");
  const ids = [folder.id];
  for (const [method, path, body] of [
    ["GET", `/api/drive/folders/${anne.rootId}`],
    ["GET", `/api/drive/nodes/${folder.id}`],
    ["GET", `/api/drive/nodes/${folder.id}/links`],
    ["GET", `/api/drive/files/${folder.id}/content`],
    ["GET", `/api/drive/files/${mine.id}/content?version=${folder.versionId}`],
    ["GET", `/api/drive/files/${folder.id}/versions`],
    ["GET", `/api/drive/archive?ids=${mine.id},${folder.id}`],
    ["GET", `/api/drive/usage?accountId=${accountId}`],
    ["GET", `/api/drive/trash?accountId=${accountId}`],
    ["GET", `/api/drive/search?q=f&accountId=${accountId}`],
    ["POST", `/api/drive/folders/${anne.rootId}/folders`, { name: "x" }],
    ["PUT", `/api/drive/folders/${anne.rootId}/files/x`, "x"],
    ["PATCH", `/api/drive/nodes/${folder.id}`, { name: "x" }],
    ["POST", "/api/drive/nodes/move", { ids: [mine.id], folderId: anne.rootId }],
    ["POST", "/api/drive/nodes/copy", { ids: [mine.id], folderId: anne.rootId }],
    ["POST", `/api/drive/nodes/${folder.id}/links`, {}],
    ["POST", `/api/drive/files/${folder.id}/versions/${folder.versionId}/restore`],
    ["PATCH", `/api/drive/links/${link.id}`, { label: "x" }],
    ["DELETE", `/api/drive/links/${link.id}`],
    ["POST", "/api/drive/trash/empty", { accountId }],
  ] as const) {
    assert.deepEqual(await refusal(await call(method, path, body)), [404, "not_found"], `${method} ${path}`);
  }
  for (const [path, body] of [
    ["nodes/move", { ids, folderId: paul.rootId }],
    ["nodes/copy", { ids, folderId: paul.rootId }],
    ["nodes/trash", { ids }],
    ["trash/restore", { ids }],
    ["trash/delete", { ids }],
  ] as const) {
    const { results } = await answer(BatchResult, await call("POST", `/api/drive/${path}`, body));
    assert.equal(results[0]!.error!.code, "not_found", path);
  }
  assert.deepEqual(await answer(ShareLinkList, await call("GET", "/api/drive/links")), { links: [] });
});
