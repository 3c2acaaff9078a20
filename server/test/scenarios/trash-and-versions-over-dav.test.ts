import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { sql } from "kysely";
import { grantAccount } from "../../src/domain/access/grant-account.ts";
import { createPrincipalWithServices } from "../../src/domain/lifecycle/create-principal-with-services.ts";
import { type DavSuite, startDavSuite } from "../harness/dav-suite.ts";
import type { TownPerson } from "../harness/town-hall.ts";

let dav: DavSuite;
let odile: TownPerson;
let marc: TownPerson;
before(async () => {
  dav = await startDavSuite();
  [odile, marc] = await Promise.all([dav.addPerson("Odile Martin"), dav.addPerson("Marc Petit")]);
});
after(() => dav?.close());

const trashOf = (person: TownPerson, path = ""): string => `/remote.php/dav/trashbin/${person.uid}${path}`;
const versionsOf = (person: TownPerson, path = ""): string => `/remote.php/dav/versions/${person.uid}${path}`;

async function put(person: TownPerson, path: string, content: string): Promise<number> {
  const answer = await dav.ask(person, "PUT", dav.filesOf(person, encodeURI(path)), {}, content);
  assert.ok(answer.status === 201 || answer.status === 204, answer.body);
  return Number.parseInt(answer.headers["oc-fileid"]!, 10);
}

async function expect(status: number, person: TownPerson, method: string, path: string, headers = {}, body?: string) {
  const answer = await dav.ask(person, method, path, headers, body);
  assert.equal(answer.status, status, `${method} ${path}: ${answer.body}`);
  return answer;
}

const trashProperties = `<d:propfind xmlns:d="DAV:" xmlns:nc="http://nextcloud.org/ns" xmlns:oc="http://owncloud.org/ns"><d:prop>
  <nc:trashbin-filename/><nc:trashbin-original-location/><nc:trashbin-deletion-time/><nc:trashbin-deleted-by-id/>
  <d:getcontentlength/><oc:size/><oc:fileid/></d:prop></d:propfind>`;

interface Item {
  href: string;
  name: string;
  location: string;
  time: number;
  by: string;
  size: number;
  fileId: number;
}

async function listTrash(person: TownPerson): Promise<Item[]> {
  const answer = await expect(207, person, "PROPFIND", trashOf(person, "/trash"), { depth: "1" }, trashProperties);
  return answer.body
    .split("<d:response>")
    .slice(2)
    .map((response) => {
      const read = (tag: string): string => new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(response)?.[1] ?? "";
      return {
        href: read("d:href"),
        name: read("nc:trashbin-filename"),
        location: read("nc:trashbin-original-location"),
        time: Number(read("nc:trashbin-deletion-time")),
        by: read("nc:trashbin-deleted-by-id"),
        size: Number(read("oc:size")),
        fileId: Number(read("oc:fileid")),
      };
    });
}

const restoring = (person: TownPerson) => ({ destination: `${dav.base}${trashOf(person, "/restore/x")}` });

describe("the trash over WebDAV", () => {
  test("tells where things were, and gives them back", async () => {
    await expect(201, odile, "MKCOL", dav.filesOf(odile, "/dossier"));
    await expect(201, odile, "MKCOL", dav.filesOf(odile, "/dossier/sous"));
    const fileId = await put(odile, "/dossier/sous/été.txt", "contenu");
    await put(odile, "/seul.txt", "seul");
    await expect(204, odile, "DELETE", dav.filesOf(odile, "/dossier/sous"));
    await expect(204, odile, "DELETE", dav.filesOf(odile, "/seul.txt"));
    const [first, second, ...others] = await listTrash(odile);
    assert.equal(others.length, 0);
    assert.deepEqual([first?.name, first?.location, first?.size, first?.by], ["seul.txt", "seul.txt", 4, odile.uid]);
    assert.deepEqual([second?.name, second?.location, second?.size], ["sous", "dossier/sous", 7]);
    assert.match(second!.href, /\/trash\/sous\.d\d{10}\/$/);
    assert.equal(first!.href, `${trashOf(odile, "/trash")}/seul.txt.d${first!.time}`);
    // What it holds can be looked at.
    const inside = await expect(207, odile, "PROPFIND", second!.href, { depth: "1" });
    assert.match(inside.body, /%C3%A9t%C3%A9\.txt/);
    const read = await expect(200, odile, "GET", `${second!.href}%C3%A9t%C3%A9.txt`);
    assert.equal(read.body, "contenu");
    assert.equal((await expect(200, odile, "GET", first!.href)).body, "seul");
    for (const item of [first!, second!]) await expect(201, odile, "MOVE", item.href, restoring(odile));
    const back = await expect(200, odile, "GET", dav.filesOf(odile, "/dossier/sous/%C3%A9t%C3%A9.txt"));
    assert.equal(Number.parseInt(back.headers["oc-fileid"]!, 10), fileId);
    assert.deepEqual(await listTrash(odile), []);
    await expect(404, odile, "MOVE", first!.href, restoring(odile));
  });

  test("gives back and lets go of single things beneath a folder", async () => {
    await expect(201, odile, "MKCOL", dav.filesOf(odile, "/classeur"));
    const fileId = await put(odile, "/classeur/à garder.txt", "gardé");
    await put(odile, "/classeur/à jeter.txt", "jeté");
    await expect(204, odile, "DELETE", dav.filesOf(odile, "/classeur"));
    const [folder] = await listTrash(odile);
    const inside = (name: string) => `${folder!.href}${encodeURIComponent(name)}`;
    const properties = await expect(207, odile, "PROPFIND", inside("à garder.txt"), { depth: "0" }, trashProperties);
    assert.match(properties.body, /original-location>classeur\/à garder\.txt</);
    const moved = await expect(201, odile, "MOVE", inside("à garder.txt"), restoring(odile));
    assert.equal(Number.parseInt(moved.headers["oc-fileid"]!, 10), fileId);
    assert.equal((await expect(200, odile, "GET", dav.filesOf(odile, "/%C3%A0%20garder.txt"))).body, "gardé");
    await expect(204, odile, "DELETE", inside("à jeter.txt"));
    for (const name of ["à garder.txt", "à jeter.txt"]) await expect(404, odile, "GET", inside(name));
    assert.deepEqual(
      (await listTrash(odile)).map(({ name, size }) => [name, size]),
      [["classeur", 0]],
    );
    await expect(204, odile, "DELETE", folder!.href);
  });

  test("gives a name to each, whatever else went there in the same second", async () => {
    for (const content of ["un", "deux"]) {
      await put(odile, "/même.txt", content);
      await expect(204, odile, "DELETE", dav.filesOf(odile, "/m%C3%AAme.txt"));
    }
    await sql`UPDATE drive_node SET removed_at = to_timestamp(1700000000.5) WHERE account_id = ${odile.accountId} AND state = 'trashed'`.execute(
      dav.domain.store.read,
    );
    const items = await listTrash(odile);
    assert.equal(new Set(items.map(({ href }) => href)).size, 2);
    const contents = await Promise.all(items.map(async ({ href }) => (await expect(200, odile, "GET", href)).body));
    assert.deepEqual(contents.sort(), ["deux", "un"]);
    // The name that means neither means nothing.
    await expect(404, odile, "DELETE", trashOf(odile, "/trash/m%C3%AAme.txt.d1700000000"));
    await expect(204, odile, "DELETE", items[0]!.href);
    assert.deepEqual(
      (await listTrash(odile)).map(({ fileId }) => fileId),
      [items[1]!.fileId],
    );
  });

  test("is emptied, one by one or whole; what leaves it stays recoverable", async () => {
    await put(odile, "/a.txt", "a");
    await put(odile, "/b.txt", "b");
    for (const path of ["/a.txt", "/b.txt"]) await expect(204, odile, "DELETE", dav.filesOf(odile, path));
    const a = (await listTrash(odile)).find(({ name }) => name === "a.txt")!;
    await expect(204, odile, "DELETE", a.href);
    await expect(404, odile, "GET", a.href);
    await expect(204, odile, "DELETE", trashOf(odile, "/trash"));
    assert.deepEqual(await listTrash(odile), []);
    const states = await sql<{
      state: string;
    }>`SELECT DISTINCT state FROM drive_node WHERE account_id = ${odile.accountId}
      AND name IN ('a.txt', 'b.txt')`.execute(dav.domain.store.read);
    assert.deepEqual(states.rows, [{ state: "deleted" }]);
  });

  test("is nobody else's, and takes nothing in", async () => {
    await put(odile, "/privé.txt", "p");
    await expect(204, odile, "DELETE", dav.filesOf(odile, "/priv%C3%A9.txt"));
    const [item] = await listTrash(odile);
    await expect(404, marc, "PROPFIND", trashOf(odile, "/trash"), { depth: "1" });
    await expect(404, marc, "GET", item!.href);
    await expect(404, marc, "GET", item!.href.replace(odile.uid, marc.uid));
    await expect(405, odile, "PUT", trashOf(odile, "/trash/x"), {}, "x");
    await expect(405, odile, "MKCOL", trashOf(odile, "/trash/x"));
    await expect(403, odile, "MOVE", item!.href, { destination: trashOf(odile, "/trash/y") });
    await expect(403, odile, "MOVE", item!.href, { destination: dav.filesOf(odile, "/y") });
    await expect(403, odile, "PROPFIND", trashOf(odile, "/trash"), { depth: "infinity" });
  });

  test("shows what was deleted from a team folder to those who may delete there", async () => {
    const { store } = dav.domain;
    const team = await createPrincipalWithServices(store, dav.hall.organizationId, {
      ...{ kind: "team_folder", displayName: "Voirie", quotas: { mail: 0, files: 1e6 } },
    });
    await store.transact(async (tx) => {
      await grantAccount(tx, team, odile.viewer, ["read", "write", "create", "delete"]);
      await grantAccount(tx, team, marc.viewer, ["read", "write", "create"]);
    });
    await put(marc, "/Voirie/rue.txt", "rue");
    await expect(403, marc, "DELETE", dav.filesOf(marc, "/Voirie/rue.txt"));
    await expect(204, odile, "DELETE", dav.filesOf(odile, "/Voirie/rue.txt"));
    assert.deepEqual(await listTrash(marc), []);
    const item = (await listTrash(odile)).find(({ name }) => name === "rue.txt");
    assert.equal(item?.location, "Voirie/rue.txt");
    // To empty one's own trash leaves that of others.
    await expect(204, odile, "DELETE", trashOf(odile, "/trash"));
    await expect(201, odile, "MOVE", item!.href, restoring(odile));
    assert.equal((await expect(200, marc, "GET", dav.filesOf(marc, "/Voirie/rue.txt"))).body, "rue");
  });
});

describe("versions over WebDAV", () => {
  async function listOf(person: TownPerson, fileId: number) {
    const body = `<d:propfind xmlns:d="DAV:" xmlns:nc="http://nextcloud.org/ns"><d:prop><d:getcontentlength/><nc:version-label/><nc:version-author/></d:prop></d:propfind>`;
    const answer = await expect(
      207,
      person,
      "PROPFIND",
      versionsOf(person, `/versions/${fileId}`),
      { depth: "1" },
      body,
    );
    return answer.body
      .split("<d:response>")
      .slice(2)
      .map((response) => ({
        href: /<d:href>([^<]*)</.exec(response)![1]!,
        length: Number(/<d:getcontentlength>(\d+)</.exec(response)?.[1]),
        label: /<nc:version-label>([^<]*)</.exec(response)?.[1] ?? "",
      }));
  }

  test("are listed, read, named, restored and taken away", async () => {
    const fileId = await put(odile, "/rapport.txt", "un");
    await put(odile, "/rapport.txt", "deux");
    await put(odile, "/rapport.txt", "trois");
    const all = await listOf(odile, fileId);
    assert.deepEqual(
      all.map(({ length }) => length),
      [5, 4, 2],
    );
    assert.equal(new Set(all.map(({ href }) => href)).size, 3);
    const [current, , oldest] = all;
    assert.equal((await expect(200, odile, "GET", oldest!.href)).body, "un");
    const patch = (label: string): string =>
      `<d:propertyupdate xmlns:d="DAV:" xmlns:nc="http://nextcloud.org/ns"><d:set><d:prop><nc:version-label>${label}</nc:version-label></d:prop></d:set></d:propertyupdate>`;
    await expect(207, odile, "PROPPATCH", oldest!.href, {}, patch("Premier &amp; bon"));
    assert.equal((await listOf(odile, fileId))[2]?.label, "Premier &amp; bon");
    const destination = versionsOf(odile, "/restore/target");
    await expect(201, odile, "MOVE", oldest!.href, { destination });
    assert.equal((await expect(200, odile, "GET", dav.filesOf(odile, "/rapport.txt"))).body, "un");
    assert.equal((await listOf(odile, fileId)).length, 4);
    await expect(204, odile, "DELETE", current!.href);
    const left = await listOf(odile, fileId);
    assert.deepEqual(
      left.map(({ length }) => length),
      [2, 4, 2],
    );
    await expect(403, odile, "DELETE", left[0]!.href);
    // Taken from the list, and recoverable all the same.
    const kept = await sql<{ count: number }>`SELECT count(*) AS count FROM file_version v
      JOIN blob_reference r ON r.owner_id = v.id AND r.kind = 'file_version' JOIN drive_node n ON n.id = v.node_id
      WHERE n.file_id = ${fileId}`.execute(dav.domain.store.read);
    assert.equal(kept.rows[0]!.count, 4);
  });

  test("are those of files that the viewer sees", async () => {
    const fileId = await put(odile, "/à-moi.txt", "x");
    await expect(404, marc, "PROPFIND", versionsOf(marc, `/versions/${fileId}`), { depth: "1" });
    await expect(404, marc, "PROPFIND", versionsOf(odile, `/versions/${fileId}`), { depth: "1" });
    for (const path of ["/versions/0", "/versions/x", "/versions/99999999999", "/versions/1/2/3", "/autre"]) {
      await expect(404, odile, "PROPFIND", versionsOf(odile, path), { depth: "0" });
    }
    const [version] = await listOf(odile, fileId);
    await expect(403, odile, "MOVE", version!.href, { destination: dav.filesOf(odile, "/copie.txt") });
    await expect(405, odile, "PUT", version!.href, {}, "x");
  });
});
