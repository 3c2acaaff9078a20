import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import sharp from "sharp";
import { type DriveSuite, openDriveSuite } from "../../../../test/harness/drive-suite.ts";
import type { Person } from "../../../../test/harness/drive-world.ts";

let suite: DriveSuite;
let anne: Person;
let paul: Person;

before(async () => {
  suite = await openDriveSuite();
  const organizationId = await suite.world.organization("Bourg-Fleuri");
  anne = await suite.world.person(organizationId, "anne", 10_000_000);
  paul = await suite.world.person(organizationId, "paul");
});
after(() => suite?.close());

async function put(name: string, bytes: Buffer): Promise<{ id: string; versionId: string }> {
  const path = `/api/drive/folders/${anne.rootId}/files/${name}`;
  const response = await suite.call("PUT", path, await suite.signIn(anne), bytes);
  assert.equal(response.status, 201);
  return (await response.json()) as { id: string; versionId: string };
}

const photo = (): Promise<Buffer> =>
  sharp({ create: { width: 900, height: 600, channels: 3, background: "#225533" } })
    .jpeg()
    .toBuffer();

test("the picture of a file comes in the form that is asked, and is kept by its version", async () => {
  const { id, versionId } = await put("a.jpg", await photo());
  const headers = await suite.signIn(anne);
  const path = `/api/drive/files/${id}/preview?variant=small_square&version=${versionId}`;
  const first = await suite.call("GET", path, headers);
  assert.equal(first.status, 200);
  assert.equal(first.headers.get("content-type"), "image/jpeg");
  assert.match(first.headers.get("content-security-policy")!, /sandbox/);
  const { width, height } = await sharp(Buffer.from(await first.arrayBuffer())).metadata();
  assert.deepEqual([width, height], [256, 256]);
  const etag = first.headers.get("etag")!;
  assert.equal((await suite.call("GET", path, { ...headers, "if-none-match": etag })).status, 304);
  const head = await suite.call("HEAD", path, headers);
  assert.deepEqual([head.status, head.headers.get("content-length")], [200, first.headers.get("content-length")]);
});

test("a file without a picture is nothing wrong: the page shows its icon", async () => {
  const headers = await suite.signIn(anne);
  for (const [name, bytes] of [
    ["tool.bin", Buffer.from("bytes")],
    ["broken.jpg", (await photo()).subarray(0, 300)],
    ["film.mp4", Buffer.from("no program draws it here")],
    ["empty.txt", Buffer.alloc(0)],
  ] as const) {
    const { id } = await put(name, bytes);
    const response = await suite.call("GET", `/api/drive/files/${id}/preview`, headers);
    assert.equal(response.status, 204, name);
  }
  assert.equal((await suite.call("GET", `/api/drive/files/${anne.rootId}/preview`, headers)).status, 409);
});

test("nobody sees the picture of what they may not read", async () => {
  const { id } = await put("mine.jpg", await photo());
  const path = `/api/drive/files/${id}/preview`;
  assert.equal((await suite.call("GET", path, await suite.signIn(paul))).status, 404);
  assert.equal((await suite.call("GET", path)).status, 401);
  const { id: other, versionId } = await put("other.jpg", await photo());
  assert.notEqual(other, id);
  // A version of another file.
  const crossed = `/api/drive/files/${id}/preview?version=${versionId}`;
  assert.equal((await suite.call("GET", crossed, await suite.signIn(anne))).status, 404);
});
