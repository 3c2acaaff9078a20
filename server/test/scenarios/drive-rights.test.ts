import assert from "node:assert/strict";
import type { OutgoingHttpHeaders } from "node:http";
import { after, before, test } from "node:test";
import { sql } from "kysely";
import type { Right } from "../../src/domain/access/account-access.ts";
import { grantAccount } from "../../src/domain/access/grant-account.ts";
import { createFolder } from "../../src/domain/drive/create-folder.ts";
import type { DriveDeps } from "../../src/domain/drive/model.ts";
import { openDrive } from "../../src/domain/drive/open-drive.ts";
import { readRootId } from "../../src/domain/drive/read-root-id.ts";
import { uploadFile } from "../../src/domain/drive/upload-file.ts";
import { addGroupMembers } from "../../src/domain/identity/add-group-members.ts";
import { createPrincipalWithServices } from "../../src/domain/lifecycle/create-principal-with-services.ts";
import { endShare } from "../../src/domain/sharing/change-share.ts";
import { createShareLink } from "../../src/domain/sharing/create-share-link.ts";
import type { LinkRight, SharingDeps } from "../../src/domain/sharing/model.ts";
import type { Share } from "../../src/domain/sharing/share.ts";
import { shareNode } from "../../src/domain/sharing/share-node.ts";
import { revokeShareLink } from "../../src/domain/sharing/update-share-link.ts";
import { type DavSuite, startDavSuite } from "../harness/dav-suite.ts";
import { createTownHall, type TownHall, type TownPerson } from "../harness/town-hall.ts";

/*
 * Every method of WebDAV and every call of the sharing API, times every kind of share and every role, across organizations too: what
 * the table says is allowed works, everything else is refused and leaves what is shared as it was.
 */

let dav: DavSuite;
let other: TownHall;
let deps: DriveDeps & SharingDeps;
let owner: TownPerson;
let colleague: TownPerson;
let stranger: TownPerson;
let abroad: TownPerson;
let farStranger: TownPerson;
let third: TownPerson;
let group: { organizationId: string; principalId: string };
let team: { organizationId: string; accountId: string; principalId: string };
let count = 0;

before(async () => {
  dav = await startDavSuite({ settings: { BOUQUET_SHARING_ACROSS_ORGANIZATIONS: "all" } });
  deps = { ...dav.domain, sharing: { acrossOrganizations: "all" } };
  owner = await dav.addPerson("Odile Maire");
  stranger = await dav.addPerson("Serge Voisin");
  third = await dav.addPerson("Tania Tiers");
  other = await createTownHall(dav.domain, "Val-Perdu", "val.example");
  farStranger = await other.addPerson("Fabien Loin");
  group = await createPrincipalWithServices(deps.store, dav.hall.organizationId, {
    kind: "group",
    displayName: "Conseil",
    address: "conseil@bourg.example",
    quotas: { mail: 0, files: 0 },
  });
  team = await createPrincipalWithServices(deps.store, dav.hall.organizationId, {
    kind: "team_folder",
    displayName: "Équipe",
    quotas: { mail: 0, files: 1e9 },
  });
});
after(() => dav?.close());

/** Those who receive see nothing but what this role is given. */
async function renewPeople(): Promise<void> {
  const letters = [...String(++count)].map((digit) => "abcdefghij"[Number(digit)]).join("");
  colleague = await dav.addPerson(`Colin ${letters}`);
  abroad = await other.addPerson(`Agathe ${letters}`);
  await deps.store.transact((tx) => addGroupMembers(tx, group, [colleague.principalId]));
}

/** Who comes, what was given to them, and what of it holds. */
interface Role {
  readonly name: string;
  readonly way: "owner" | "user" | "group" | "team" | "abroad" | "link" | "stranger";
  readonly rights: readonly Right[];
  readonly isAbroad?: boolean;
  /** It held once. */
  readonly ended?: "revoked" | "expired";
  readonly isViewOnly?: boolean;
  readonly lacksPassword?: boolean;
}

const full: readonly Right[] = ["read", "write", "create", "delete", "share"];
const edit: readonly Right[] = ["read", "write", "create", "delete"];
const degrees: readonly (readonly [string, readonly Right[]])[] = [
  ["read", ["read"]],
  ["read and create", ["read", "create"]],
  ["read and write", ["read", "write"]],
  ["read and delete", ["read", "delete"]],
  ["read and share", ["read", "share"]],
  ["edit", edit],
  ["full", full],
];
const roles: readonly Role[] = [
  { name: "owner", way: "owner", rights: full },
  ...degrees.map(([name, rights]) => ({ name: `user, ${name}`, way: "user" as const, rights })),
  { name: "group, read", way: "group", rights: ["read"] },
  { name: "group, full", way: "group", rights: full },
  ...degrees.slice(0, 4).map(([name, rights]) => ({ name: `team folder, ${name}`, way: "team" as const, rights })),
  { name: "team folder, full", way: "team", rights: full },
  { name: "abroad, read", way: "abroad", rights: ["read"] },
  { name: "abroad, full", way: "abroad", rights: full },
  { name: "link, view", way: "link", rights: ["read"] },
  { name: "link, view only", way: "link", rights: ["read"], isViewOnly: true },
  { name: "link, read and create", way: "link", rights: ["read", "create"] },
  { name: "link, edit", way: "link", rights: edit },
  { name: "link, file request", way: "link", rights: ["create"] },
  { name: "link, without its password", way: "link", rights: edit, lacksPassword: true },
  { name: "link, revoked", way: "link", rights: edit, ended: "revoked" },
  { name: "link, expired", way: "link", rights: edit, ended: "expired" },
  { name: "user, revoked", way: "user", rights: full, ended: "revoked" },
  { name: "user, expired", way: "user", rights: full, ended: "expired" },
  { name: "abroad, revoked", way: "abroad", rights: full, ended: "revoked" },
  { name: "stranger of the organization", way: "stranger", rights: [] },
  { name: "stranger of another organization", way: "stranger", rights: [], isAbroad: true },
];

/** What is shared, made anew for each try. */
interface Scene {
  readonly person: TownPerson | undefined;
  /** URL path of what is shared, as they see it. */
  readonly base: string;
  /** As they see it from their root, for the sharing API. */
  readonly path: string;
  readonly folderId: string;
  readonly ownersLink: number;
  readonly thirdsShare: number;
  readonly headers: OutgoingHttpHeaders;
}

async function openScene(role: Role): Promise<Scene> {
  const name = `P${++count}`;
  const place = role.way === "team" ? await teamAccess(role) : owner.access;
  const parentId = await readRootId(deps.store.read, place);
  const folder = await createFolder(deps, place, { parentId, name });
  for (const file of ["a.txt", "b.txt"]) {
    await uploadFile(deps, place, { folderId: folder.id, name: file }, Buffer.from(`${file} of ${name}`));
  }
  await createFolder(deps, place, { parentId: folder.id, name: "sub" });
  const sharer = { ...place, viewer: owner.viewer };
  const link = await createShareLink(deps, sharer, folder.id);
  const thirds = await shareNode(deps, sharer, folder.id, third, { rights: new Set(["read"]) });
  const scene = { folderId: folder.id, ownersLink: link.number, thirdsShare: thirds.number, headers: {} };
  const asPerson = async (person: TownPerson, path: string): Promise<Scene> => ({
    ...scene,
    person,
    base: dav.filesOf(person, encodeURI(path)),
    path,
  });
  const end = async (share: Share): Promise<void> => {
    if (role.ended === "revoked") await endShare(deps, owner.viewer, share.number);
    if (role.ended === "expired") await expire(share.grantId);
  };
  const person = role.way === "abroad" || role.isAbroad ? abroad : colleague;
  switch (role.way) {
    case "owner":
      return asPerson(owner, `/${name}`);
    case "team":
      return asPerson(colleague, `/Équipe/${name}`);
    case "stranger":
      return asPerson(role.isAbroad ? farStranger : stranger, `/${name}`);
    case "user":
    case "group":
    case "abroad": {
      const grantee = role.way === "group" ? group : person;
      const share = await shareNode(deps, sharer, folder.id, grantee, { rights: new Set(role.rights) });
      await openDrive(deps, person.viewer);
      await end(share);
      return asPerson(person, `/${name}`);
    }
    case "link": {
      const password = role.lacksPassword ? { password: "cloche-barrage" } : {};
      const made = await createShareLink(deps, sharer, folder.id, {
        rights: new Set(role.rights as LinkRight[]),
        mayDownload: !role.isViewOnly,
        ...password,
      });
      if (role.ended === "revoked") await revokeShareLink(deps, owner.viewer, made.id);
      if (role.ended === "expired") {
        await deps.store.transact((tx) =>
          sql`UPDATE share_link SET expires_at = now() - interval '1 second' WHERE id = ${made.id}`.execute(tx),
        );
      }
      const base = `/public.php/dav/files/${made.token}`;
      return { ...scene, person: undefined, base, path: `/${name}`, headers: { "x-nc-nickname": "Paul" } };
    }
  }
}

/** The rights of the role on the team folder, and those of its keeper, who makes what is in it. */
async function teamAccess(role: Role) {
  await deps.store.transact(async (tx) => {
    await grantAccount(tx, team, owner, [...full, "manage"]);
    await grantAccount(tx, team, colleague, role.rights);
  });
  return { ...team, rights: new Set<Right>([...full, "manage"]), viewer: owner.viewer };
}

async function expire(grantId: string): Promise<void> {
  await deps.store.transact(async (tx) => {
    await sql`UPDATE grant_given SET expires_at = now() - interval '1 second' WHERE id = ${grantId}`.execute(tx);
    await sql`UPDATE grant_received SET expires_at = now() - interval '1 second' WHERE grant_id = ${grantId}`.execute(
      tx,
    );
  });
}

/** Names, content and properties beneath the shared folder, and with whom it is shared. */
async function stateOf({ folderId }: Scene): Promise<string> {
  const { rows } = await sql<{ line: string }>`
    WITH RECURSIVE tree AS (
      SELECT n.*, '' AS path FROM drive_node n WHERE n.id = ${folderId}::uuid
      UNION ALL
      SELECT n.*, t.path || '/' || n.name FROM tree t JOIN drive_node n ON n.organization_id = t.organization_id AND n.parent_id = t.id
        AND n.state = 'live'
    )
    SELECT path || ' ' || coalesce(version_id::text, 'folder') || ' '
      || (SELECT count(*) FROM node_property p WHERE p.node_id = tree.id)
      || (SELECT count(*) FROM node_lock l WHERE l.node_id = tree.id) AS line FROM tree
    UNION ALL
    SELECT 'grant ' || g.grantee_id || ' ' || array_to_string(g.rights, ',') FROM grant_given g JOIN tree ON g.collection_id = tree.id
    UNION ALL
    SELECT 'link ' || l.id || ' ' || coalesce(l.label, '') || coalesce(l.revoked_at::text, '') FROM share_link l JOIN tree ON l.node_id = tree.id
    ORDER BY line`.execute(deps.store.read);
  return rows.map((row) => row.line).join("\n");
}

/** One try. `needs` are the rights without which it is refused; `person`: outside people have no such thing. */
interface Try {
  readonly name: string;
  readonly needs: readonly Right[];
  readonly changes: boolean;
  readonly persons?: true;
  /** Takes bytes: not by a link that only shows. */
  readonly takes?: true;
  /** Only of who looks after the whole space. */
  readonly managers?: true;
  readonly run: (scene: Scene) => Promise<number>;
}

const ask =
  (method: string, path: string, headers: OutgoingHttpHeaders = {}, body?: string) =>
  async (scene: Scene): Promise<number> =>
    (await dav.ask(scene.person, method, `${scene.base}${path}`, { ...scene.headers, ...headers }, body)).status;
const to =
  (method: "MOVE" | "COPY", from: string, path: string, headers: OutgoingHttpHeaders = {}) =>
  (scene: Scene): Promise<number> =>
    ask(method, from, { destination: `${scene.base}${path}`, ...headers })(scene);
const ocs =
  (method: string, path: string | ((scene: Scene) => string), form?: (scene: Scene) => Record<string, string>) =>
  async (scene: Scene): Promise<number> => {
    const where = typeof path === "string" ? path : path(scene);
    const url = `/ocs/v2.php/apps/files_sharing/api/v1${where}${where.includes("?") ? "&" : "?"}format=json`;
    const headers = { "ocs-apirequest": "true", "content-type": "application/x-www-form-urlencoded" };
    const body = form && new URLSearchParams(form(scene)).toString();
    return (await dav.ask(scene.person, method, url, headers, body)).status;
  };
const pathOf = (scene: Scene) => encodeURIComponent(scene.path);
const patch =
  '<d:propertyupdate xmlns:d="DAV:" xmlns:x="urn:x"><d:set><d:prop><x:color>green</x:color></d:prop></d:set></d:propertyupdate>';
const lock =
  '<d:lockinfo xmlns:d="DAV:"><d:lockscope><d:exclusive/></d:lockscope><d:locktype><d:write/></d:locktype></d:lockinfo>';
const favorites =
  '<oc:filter-files xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:prop><d:getetag/></d:prop><oc:filter-rules><oc:favorite>1</oc:favorite></oc:filter-rules></oc:filter-files>';

const tries: readonly Try[] = [
  { name: "PROPFIND", needs: ["read"], changes: false, run: ask("PROPFIND", "/", { depth: "1" }) },
  { name: "PROPFIND of a file", needs: ["read"], changes: false, run: ask("PROPFIND", "/a.txt", { depth: "0" }) },
  { name: "GET", needs: ["read"], changes: false, takes: true, run: ask("GET", "/a.txt") },
  {
    name: "GET of a range",
    needs: ["read"],
    changes: false,
    takes: true,
    run: ask("GET", "/a.txt", { range: "bytes=1-2" }),
  },
  { name: "HEAD", needs: ["read"], changes: false, takes: true, run: ask("HEAD", "/a.txt") },
  { name: "PUT over a file", needs: ["read", "write"], changes: true, run: ask("PUT", "/a.txt", {}, "new") },
  { name: "PUT of a new file", needs: ["create"], changes: true, run: ask("PUT", "/new.txt", {}, "new") },
  { name: "PUT in a folder", needs: ["read", "create"], changes: true, run: ask("PUT", "/sub/new.txt", {}, "new") },
  { name: "MKCOL", needs: ["read", "create"], changes: true, run: ask("MKCOL", "/folder") },
  { name: "DELETE of a file", needs: ["read", "delete"], changes: true, run: ask("DELETE", "/a.txt") },
  { name: "DELETE of a folder", needs: ["read", "delete"], changes: true, run: ask("DELETE", "/sub") },
  { name: "MOVE to another name", needs: ["read", "write"], changes: true, run: to("MOVE", "/a.txt", "/c.txt") },
  {
    name: "MOVE to another folder",
    needs: ["read", "write", "delete", "create"],
    changes: true,
    run: to("MOVE", "/a.txt", "/sub/a.txt"),
  },
  { name: "MOVE over a file", needs: ["read", "write", "delete"], changes: true, run: to("MOVE", "/a.txt", "/b.txt") },
  { name: "COPY", needs: ["read", "create"], changes: true, takes: true, run: to("COPY", "/a.txt", "/c.txt") },
  {
    name: "COPY over a file",
    needs: ["read", "create", "delete"],
    changes: true,
    takes: true,
    run: to("COPY", "/a.txt", "/b.txt"),
  },
  { name: "PROPPATCH", needs: ["read", "write"], changes: true, run: ask("PROPPATCH", "/a.txt", {}, patch) },
  { name: "LOCK", needs: ["read", "write"], changes: true, persons: true, run: ask("LOCK", "/a.txt", {}, lock) },
  { name: "REPORT", needs: ["read"], changes: false, persons: true, run: ask("REPORT", "/", {}, favorites) },
  {
    name: "listing of shares",
    needs: ["read"],
    changes: false,
    persons: true,
    run: ocs("GET", (scene) => `/shares?path=${pathOf(scene)}`),
  },
  {
    name: "sharing with somebody",
    needs: ["read", "share"],
    changes: true,
    persons: true,
    run: ocs("POST", "/shares", (scene) => ({
      path: scene.path,
      shareType: "0",
      shareWith: stranger.uid,
      permissions: "1",
    })),
  },
  {
    name: "making a link",
    needs: ["read", "share"],
    changes: true,
    persons: true,
    run: ocs("POST", "/shares", (scene) => ({ path: scene.path, shareType: "3" })),
  },
  {
    name: "reading the link of the owner",
    needs: ["read", "share"],
    changes: false,
    persons: true,
    managers: true,
    run: ocs("GET", (scene) => `/shares/${scene.ownersLink}`),
  },
  {
    name: "changing the link of the owner",
    needs: ["read", "share"],
    changes: true,
    persons: true,
    managers: true,
    run: ocs(
      "PUT",
      (scene) => `/shares/${scene.ownersLink}`,
      () => ({ label: "x" }),
    ),
  },
  {
    name: "ending the link of the owner",
    needs: ["read", "share"],
    changes: true,
    persons: true,
    managers: true,
    run: ocs("DELETE", (scene) => `/shares/${scene.ownersLink}`),
  },
  {
    name: "changing the share of a third person",
    needs: ["read", "share"],
    changes: true,
    persons: true,
    managers: true,
    run: ocs(
      "PUT",
      (scene) => `/shares/${scene.thirdsShare}`,
      () => ({ permissions: "3" }),
    ),
  },
  {
    name: "ending the share of a third person",
    needs: ["read", "share"],
    changes: true,
    persons: true,
    managers: true,
    run: ocs("DELETE", (scene) => `/shares/${scene.thirdsShare}`),
  },
];

function isAllowed(role: Role, each: Try): boolean {
  if (role.ended || role.lacksPassword) return false;
  if (role.way === "link" && each.persons) return false;
  if (role.isViewOnly && each.takes) return false;
  if (each.managers && role.way !== "owner" && role.way !== "team") return false;
  // Whatever is sent by a file request is a new file, in the folder of its sender.
  if (role.name === "link, file request" && each.name.startsWith("PUT")) return true;
  return each.needs.every((right) => role.rights.includes(right));
}

for (const role of roles) {
  test(`${role.name}: each method and call`, async () => {
    const wrong: string[] = [];
    await renewPeople();
    // What only reads is tried on the same.
    const read = await openScene(role);
    for (const each of tries) {
      const scene = each.changes ? await openScene(role) : read;
      const before = await stateOf(scene);
      const status = await each.run(scene);
      const hasChanged = before !== (await stateOf(scene));
      const isDone = status >= 200 && status < 300;
      const isRefused = [401, 403, 404, 405, 409].includes(status);
      const allowed = isAllowed(role, each);
      const isRight = allowed ? isDone && hasChanged === each.changes : isRefused && !hasChanged;
      if (isRight) continue;
      const said = `${status}${hasChanged ? ", and it was done" : ", and nothing was done"}`;
      wrong.push(`${each.name} is ${allowed ? "allowed" : "not allowed"}: ${said}`);
    }
    assert.deepEqual(wrong, []);
  });
}

test("what is shared leads nowhere else: no path, no copy, no number reaches beside it", async () => {
  await renewPeople();
  const name = `Q${++count}`;
  const parentId = await readRootId(deps.store.read, owner.access);
  const folder = await createFolder(deps, owner.access, { parentId, name });
  const secret = await uploadFile(
    deps,
    owner.access,
    { folderId: parentId, name: `${name}.txt` },
    Buffer.from("secret"),
  );
  await shareNode(deps, owner.access, folder.id, colleague, { rights: new Set(full) });
  const { token } = await createShareLink(deps, owner.access, folder.id, {
    rights: new Set(["read", "write", "create", "delete"]),
  });
  for (const path of [`/../${name}.txt`, `/%2e%2e/${name}.txt`, `/..%2f${name}.txt`, `/sub/../../${name}.txt`]) {
    for (const [person, base] of [
      [colleague, dav.filesOf(colleague, `/${name}`)],
      [undefined, `/public.php/dav/files/${token}`],
    ] as const) {
      for (const method of ["GET", "PROPFIND", "DELETE"]) {
        const { status, body } = await dav.ask(person, method, `${base}${path}`, { depth: "0" });
        assert.ok(status >= 400 && status < 500, `${method} ${path} ${status}`);
        assert.ok(!body.includes("secret"));
      }
    }
  }
  const theirs = dav.filesOf(colleague, `/${name}.txt`);
  const owners = dav.filesOf(owner, `/${name}.txt`);
  for (const path of [theirs, owners]) {
    assert.ok([403, 404].includes((await dav.ask(colleague, "GET", path)).status));
    const copied = await dav.ask(colleague, "COPY", path, { destination: dav.filesOf(colleague, "/taken.txt") });
    assert.ok([403, 404].includes(copied.status));
  }
  const page = await dav.ask(undefined, "GET", `/s/${token}/api/files/${secret.node.id}/content`, {
    host: new URL(dav.suite.origins.drive).host,
  });
  assert.equal(page.status, 404);
});
