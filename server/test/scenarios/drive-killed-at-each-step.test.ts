import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type OutgoingHttpHeaders, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { sql } from "kysely";
import { grantAccount } from "../../src/domain/access/grant-account.ts";
import { createPrincipalWithServices } from "../../src/domain/lifecycle/create-principal-with-services.ts";
import type { OpenedDomain } from "../../src/open-domain.ts";
import { openComputers } from "../harness/desktop-client.ts";
import { findDriveFaults, findOrphans } from "../harness/drive-invariants.ts";
import { prepareProgram, type RunningProgram } from "../harness/run-program.ts";
import { createTestDatabase, type TestDatabase } from "../harness/test-database.ts";
import { createTownHall, type TownPerson } from "../harness/town-hall.ts";
import { until } from "../harness/until.ts";

let directory: string;
let pointFile: string;
let database: TestDatabase;
let program: RunningProgram;
let domain: OpenedDomain;
let odile: TownPerson;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "bouquet-drive-killed-"));
  pointFile = join(directory, "point");
  database = await createTestDatabase();
  program = await prepareProgram({
    settings: {
      DATABASE_URL: database.connectionString,
      BOUQUET_ROLES: "web,jobs",
      // It deletes and moves most of what there is.
      BOUQUET_BRAKE_PERCENT: "100",
      BOUQUET_TEST_FAULT_POINT: pointFile,
    },
    imports: ["./server/test/programs/fault-points.ts"],
  });
  await program.start();
  domain = await program.openDomain();
  const hall = await createTownHall(domain, "Les Essarts", "essarts.example");
  odile = await hall.addPerson("Odile Martin");
  const team = await createPrincipalWithServices(domain.store, hall.organizationId, {
    ...{ kind: "team_folder", displayName: "Voirie", quotas: { mail: 0, files: 1e9 } },
  });
  await domain.store.transact((tx) => grantAccount(tx, team, odile.viewer, ["read", "write", "create", "delete"]));
});
after(async () => {
  const faults = domain ? await findDriveFaults(domain.store, domain.blobs) : [];
  await program?.kill("SIGTERM");
  const orphans = domain ? await findOrphans(domain.store, domain.blobs) : [];
  await domain?.close();
  await program?.remove();
  await database?.drop();
  await rm(directory, { recursive: true, force: true });
  assert.deepEqual([...faults, ...orphans], []);
});

interface Answer {
  status: number;
  body: Buffer;
}

/** @throws when the connection breaks */
function ask(method: string, path: string, headers: OutgoingHttpHeaders = {}, body?: Buffer): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const authorization = `Basic ${Buffer.from(`${odile.address}:${odile.appPassword}`).toString("base64")}`;
  const length = body ? { "content-length": body.length } : {};
  const options = { host: "127.0.0.1", port: program.ports.http, method, path, agent: false };
  const sent = request({ ...options, headers: { authorization, ...length, ...headers } }, (response) => {
    const chunks: Buffer[] = [];
    response.on("data", (chunk: Buffer) => chunks.push(chunk));
    response.on("end", () => resolve({ status: response.statusCode!, body: Buffer.concat(chunks) }));
    response.on("error", reject);
  });
  sent.on("error", reject);
  sent.end(body);
  return promise;
}

const file = (path: string): string => `/remote.php/dav/files/${odile.uid}${path}`;
const upload = (path: string): string => `/remote.php/dav/uploads/${odile.uid}/${path}`;

async function expect(status: number, ...request: Parameters<typeof ask>): Promise<Answer> {
  const answer = await ask(...request);
  assert.equal(answer.status, status, `${request[0]} ${request[1]}: ${answer.body}`);
  return answer;
}

/** On a busy machine a start may wait in vain for the database. */
async function startAgain(): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await program.start();
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}

/** Does what makes the program die at a point, and starts it again. */
async function dieAt(point: string, act: () => Promise<unknown>): Promise<void> {
  await rm(`${pointFile}.died`, { force: true });
  const died = once(program.process, "exit", { signal: AbortSignal.timeout(120_000) });
  await writeFile(pointFile, point);
  const acted = act().then(
    () => "answered",
    () => "broken",
  );
  await died.catch((error: unknown) => {
    throw new Error(`the program does not come to "${point}": ${program.output()}`, { cause: error });
  });
  assert.ok(existsSync(`${pointFile}.died`), `the program ended before "${point}": ${program.output()}`);
  await startAgain();
  assert.equal(await acted, "broken");
}

async function findFaults(): Promise<string[]> {
  return findDriveFaults(domain.store, domain.blobs);
}

/** A small blob is a row, a large one a file. */
const sizes = { small: 1_000, large: 300_000 } as const;

describe("killed in a PUT", () => {
  for (const size of ["small", "large"] as const) {
    for (const [point, isDone] of [
      ["before stageBytes", false],
      ["after stageBytes", false],
      ["after placeFiles", false],
      ["after storeFile", true],
    ] as const) {
      // What differs for a large one is where its bytes are until the commit.
      if (size === "large" && point !== "after stageBytes" && point !== "after storeFile") continue;
      test(`of a ${size} file, ${point}: ${isDone ? "it is there whole" : "all is as before"}, and it can be sent again`, async () => {
        const path = `/put ${size} ${point}.bin`.replaceAll(" ", "-");
        const [first, second] = [randomBytes(sizes[size]), randomBytes(sizes[size] + 1)];
        await dieAt(point, () => ask("PUT", file(path), {}, first));
        const made = await ask("GET", file(path));
        assert.equal(made.status, isDone ? 200 : 404);
        if (isDone) assert.deepEqual(made.body, first);
        assert.deepEqual(await findFaults(), []);
        await expect(isDone ? 204 : 201, "PUT", file(path), {}, first);
        if (size === "small") return;
        // The same over what is there.
        await dieAt(point, () => ask("PUT", file(path), {}, second));
        assert.deepEqual((await expect(200, "GET", file(path))).body, isDone ? second : first);
        assert.deepEqual(await findFaults(), []);
      });
    }
  }

  test("of many files at once: all or none", async () => {
    const bodyOf = (names: readonly string[]): Buffer => {
      const parts = names.map(
        (name) => `--b\r\nContent-Length: 5\r\nX-File-Path: /${name}\r\n\r\n${name.slice(0, 5)}\r\n`,
      );
      return Buffer.from(`${parts.join("")}--b--\r\n`);
    };
    const headers = { "content-type": "multipart/related; boundary=b" };
    for (const [point, status] of [
      ["after placeFiles", 404],
      ["after uploadMany", 200],
    ] as const) {
      const names = ["un", "deux", "trois"].map((name) => `${name}-${status}-${"x".repeat(5)}`);
      await dieAt(point, () => ask("POST", "/remote.php/dav/bulk", headers, bodyOf(names)));
      for (const name of names) await expect(status, "GET", file(`/${name}`));
      assert.deepEqual(await findFaults(), []);
    }
  });
});

describe("killed in an upload in pieces", () => {
  const pieces = [randomBytes(300_000), randomBytes(200_000)] as const;
  const whole = Buffer.concat(pieces);
  const move = (session: string, path: string): ReturnType<typeof ask> =>
    ask("MOVE", upload(`${session}/.file`), {
      destination: file(path),
      "oc-total-length": whole.length,
      "oc-checksum": `SHA1:${createHash("sha1").update(whole).digest("hex")}`,
    });
  const listPieces = async (session: string): Promise<number> =>
    [...(await expect(207, "PROPFIND", upload(session), { depth: "1" })).body.toString().matchAll(/\/\d{16}</g)].length;

  for (const [point, isDone] of [
    ["after stageBytes", false],
    ["after putChunk", true],
  ] as const) {
    test(`${point} of the second piece: what was acknowledged is there, and it goes on`, async () => {
      const session = `piece-${isDone}`;
      await expect(201, "MKCOL", upload(session), { "oc-total-length": whole.length });
      await expect(201, "PUT", upload(`${session}/${"0".repeat(16)}`), {}, pieces[0]);
      const second = upload(`${session}/${"1".padStart(16, "0")}`);
      await dieAt(point, () => ask("PUT", second, {}, pieces[1]));
      assert.equal(await listPieces(session), isDone ? 2 : 1);
      assert.deepEqual(await findFaults(), []);
      await expect(isDone ? 204 : 201, "PUT", second, {}, pieces[1]);
      assert.equal((await move(session, `/${session}.bin`)).status, 201);
      assert.deepEqual((await expect(200, "GET", file(`/${session}.bin`))).body, whole);
    });
  }

  for (const [point, isDone] of [
    ["before assembleUpload", false],
    ["before placeFiles", false],
    ["after placeFiles", false],
    ["after assembleUpload", true],
  ] as const) {
    test(`${point}: ${isDone ? "the file is there" : "the pieces are"}, whole`, async () => {
      const session = `${point.replace(" ", "-")}`;
      await expect(201, "MKCOL", upload(session), { "oc-total-length": whole.length });
      for (const [index, piece] of pieces.entries()) {
        await expect(201, "PUT", upload(`${session}/${String(index).padStart(16, "0")}`), {}, piece);
      }
      await dieAt(point, () => move(session, `/${session}.bin`));
      assert.deepEqual(await findFaults(), []);
      if (isDone) await expect(404, "PROPFIND", upload(session), { depth: "0" });
      else {
        await expect(404, "GET", file(`/${session}.bin`));
        assert.equal(await listPieces(session), 2);
        assert.equal((await move(session, `/${session}.bin`)).status, 201);
      }
      assert.deepEqual((await expect(200, "GET", file(`/${session}.bin`))).body, whole);
    });
  }
});

describe("killed while a tree of ten thousand files", () => {
  const countBeneath = async (path: string): Promise<number> => {
    const answer = await ask("PROPFIND", file(path), { depth: "0" });
    if (answer.status === 404) return 0;
    const names = path.split("/").filter(Boolean).map(decodeURIComponent);
    const row = await sql<{ tree_files: number }>`SELECT tree_files FROM drive_node
      WHERE name = ${names.at(-1)} AND state = 'live' AND kind = 'folder'`.execute(domain.store.read);
    return row.rows[0]!.tree_files;
  };

  test("is made", async () => {
    await expect(201, "MKCOL", file("/n1"));
    for (let n = 0; n < 10; n++) await expect(201, "PUT", file(`/n1/f${n}`), {}, Buffer.from(`contenu ${n}`));
    for (const level of [2, 3, 4]) {
      await expect(201, "MKCOL", file(`/n${level}`));
      for (let n = 0; n < 10; n++) {
        await expect(201, "COPY", file(`/n${level - 1}`), { destination: file(`/n${level}/${n}`) });
      }
    }
    assert.equal(await countBeneath("/n4"), 10_000);
    await expect(201, "MKCOL", file("/ailleurs"));
  });

  for (const [what, destination] of [
    ["is moved", "/ailleurs/n4"],
    ["is moved to a team folder", "/Voirie/n4"],
  ] as const) {
    test(what, async () => {
      const source = what === "is moved" ? "/n4" : "/ailleurs/n4";
      for (const point of ["before moveNode", "after touchAncestors"]) {
        await dieAt(point, () => ask("MOVE", file(source), { destination: file(destination) }));
        await expect(404, "PROPFIND", file(destination), { depth: "0" });
        assert.equal(await countBeneath(source), 10_000);
        assert.deepEqual(await findFaults(), []);
      }
      await dieAt("after moveNode", () => ask("MOVE", file(source), { destination: file(destination) }));
      await expect(404, "PROPFIND", file(source), { depth: "0" });
      assert.equal(await countBeneath(destination), 10_000);
      assert.equal((await expect(200, "GET", file(`${destination}/3/4/5/f6`))).body.toString(), "contenu 6");
      assert.deepEqual(await findFaults(), []);
    });
  }

  test("is deleted and restored", async () => {
    const path = "/Voirie/n4";
    await dieAt("after touchAncestors", () => ask("DELETE", file(path)));
    assert.equal(await countBeneath(path), 10_000);
    await dieAt("after trashNode", () => ask("DELETE", file(path)));
    await expect(404, "PROPFIND", file(path), { depth: "0" });
    assert.deepEqual(await findFaults(), []);
    const trash = `/remote.php/dav/trashbin/${odile.uid}`;
    const listing = (await expect(207, "PROPFIND", `${trash}/trash`, { depth: "1" })).body.toString();
    const item = /<d:href>([^<]*\/trash\/n4\.d\d+\/)</.exec(listing)![1]!;
    const restore = () => ask("MOVE", item, { destination: `${trash}/restore/n4` });
    await dieAt("after touchAncestors", restore);
    await expect(404, "PROPFIND", file(path), { depth: "0" });
    await expect(207, "PROPFIND", item, { depth: "0" });
    assert.deepEqual(await findFaults(), []);
    await dieAt("after restoreNode", restore);
    assert.equal(await countBeneath(path), 10_000);
    await expect(404, "PROPFIND", item, { depth: "0" });
    assert.deepEqual(await findFaults(), []);
  });

  test("is purged: what is left goes the next time, and nothing else does", async () => {
    await expect(204, "DELETE", file("/Voirie/n4"));
    await expect(201, "PUT", file("/témoin.txt".replace("é", "%C3%A9")), {}, Buffer.from("reste"));
    await sql`UPDATE drive_node SET state = 'deleted', removed_at = now() - interval '1 year' WHERE name = 'n4' AND state = 'trashed'`.execute(
      domain.store.read,
    );
    await sql`UPDATE quota q SET used_bytes = used_bytes - n.tree_bytes FROM drive_node n
      WHERE n.name = 'n4' AND n.state = 'deleted' AND q.account_id = n.account_id AND q.area = 'files'`.execute(
      domain.store.read,
    );
    const countNodes = async (): Promise<number> =>
      (await sql<{ count: number }>`SELECT count(*) AS count FROM drive_node`.execute(domain.store.read)).rows[0]!
        .count;
    const whole = await countNodes();
    const purge = () => sql`SELECT graphile_worker.add_job('purge-expired')`.execute(domain.store.read);
    await purge();
    await until(
      "some of it is purged",
      async () => (await countNodes()) < whole,
      () => program.output(),
    );
    await program.kill("SIGKILL");
    const middle = await countNodes();
    await startAgain();
    await purge();
    await until(
      "all of it is purged",
      async () => (await countNodes()) <= whole - 11_111,
      () => program.output(),
    );
    assert.ok(middle >= whole - 11_111);
    assert.equal((await expect(200, "GET", file("/t%C3%A9moin.txt"))).body.toString(), "reste");
    await expect(200, "GET", file("/n3/1/2/f3"));
  });
});

test("killed in the middle of a piece, while the desktop client sends: the client goes on with it", async () => {
  await expect(201, "MKCOL", file("/ordinateur"));
  const computers = await openComputers();
  try {
    const client = await computers.add(`http://127.0.0.1:${program.ports.http}`, odile, "ordinateur");
    const content = randomBytes(40_000_000);
    await writeFile(client.path("long.bin"), content);
    // All else that there is stays where it is.
    const { ended } = client.begin({ upLimit: 8_000, arguments: ["--path", "/ordinateur"] });
    const countPieces = sql<{ count: number }>`SELECT count(*) AS count FROM upload_chunk`;
    await until("a piece has come", async () => (await countPieces.execute(domain.store.read)).rows[0]!.count > 0);
    await delay(300);
    await program.kill("SIGKILL");
    assert.notEqual((await ended).code, 0);
    await startAgain();
    assert.deepEqual(await findFaults(), []);
    await until("the file comes", async () => (await client.sync({ arguments: ["--path", "/ordinateur"] })).code === 0);
    assert.ok((await expect(200, "GET", file("/ordinateur/long.bin"))).body.equals(content));
    assert.equal((await countPieces.execute(domain.store.read)).rows[0]!.count, 0);
  } finally {
    await computers.remove();
  }
});

test("killed -9 at any moment of many writes at once: what was acknowledged is there, whole", async () => {
  for (let round = 0; round < 3; round++) {
    const acknowledged = new Map<string, Buffer>();
    let isDead = false;
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      for (let n = 0; !isDead; n++) {
        const path = `/course-${round}-${writer}-${n % 5}`;
        const content = randomBytes(n % 2 === 0 ? 500 : 100_000);
        try {
          const { status } = await ask("PUT", file(path), {}, content);
          assert.ok(status === 201 || status === 204, String(status));
          acknowledged.set(path, content);
        } catch {
          // It may be there or not: what it says now is nobody's promise.
          acknowledged.delete(path);
          if (isDead) return;
          await delay(10);
        }
      }
    });
    await until("some are written", () => acknowledged.size >= 8);
    await program.kill("SIGKILL");
    isDead = true;
    await Promise.all(writers);
    await startAgain();
    for (const [path, content] of acknowledged) {
      assert.deepEqual((await expect(200, "GET", file(path))).body, content, path);
    }
    assert.deepEqual(await findFaults(), []);
  }
});
