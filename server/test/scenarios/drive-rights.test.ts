import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createFolder } from "../../src/domain/drive/create-folder.ts";
import { readRootId } from "../../src/domain/drive/read-root-id.ts";
import { uploadFile } from "../../src/domain/drive/upload-file.ts";
import { createShareLink } from "../../src/domain/sharing/create-share-link.ts";
import { shareNode } from "../../src/domain/sharing/share-node.ts";
import { browserCalls } from "./drive-rights/browser-calls.ts";
import { type Call, client } from "./drive-rights/call.ts";
import { davCalls } from "./drive-rights/dav-calls.ts";
import { linkCalls } from "./drive-rights/link-calls.ts";
import { ocsCalls } from "./drive-rights/ocs-calls.ts";
import { isAllowed, linkHolders, people, type Role } from "./drive-rights/roles.ts";
import { beside, canonical, personal } from "./drive-rights/routes.ts";
import { extras, type Holder, makeScene, openHolder, type Scene, stateOf } from "./drive-rights/scene.ts";
import { RightsWorld, secret } from "./drive-rights/world.ts";

/*
 * Every method of WebDAV, every call of the client API, every route of the page and of links, times every kind of share and every role,
 * across organizations too: what `isAllowed` says of a call is possible works, everything else is refused, leaves what is shared as it
 * was and tells nothing of it. An address that the program answers and that is not in the table makes this fail.
 */

const personCalls: readonly Call[] = [...davCalls, ...ocsCalls, ...browserCalls];
let world: RightsWorld;

before(async () => {
  world = await RightsWorld.open();
});
after(() => world?.close());

/** Tries one call. @returns what is wrong with what came of it */
async function tryCall(holder: Holder, shared: Scene, call: Call): Promise<string | undefined> {
  const allowed = isAllowed(holder.role, call.need);
  // What is refused changes nothing: one scene is enough for all of it.
  const isSpoiling = call.does === "changes" && allowed;
  const scene = isSpoiling ? await makeScene(holder, call.extras ?? []) : shared;
  const before = isSpoiling ? await stateOf(scene) : "";
  const { status, body } = await call.run(scene);
  const hasChanged = isSpoiling && before !== (await stateOf(scene));
  const isDone = (status >= 200 && status < 300) || status === 304 || (status === 303 && call.does === "finds");
  const isRefused = [401, 403, 404, 405, 409, 410, 412, 423].includes(status);
  const said = `${call.route} ${call.name}: ${status}`;
  if (!allowed && body.includes(secret)) return `${said}, and it told what is in a file`;
  if (call.does === "finds") {
    const shows = isDone && body.includes(call.shows?.(scene) ?? scene.holder.root.name);
    const isRight = shows === allowed && (isDone || isRefused);
    return isRight ? undefined : `${said}, and ${shows ? "shows it" : "does not show it"}`;
  }
  if (allowed ? isDone && hasChanged === isSpoiling : isRefused) return undefined;
  return `${said}, though it is ${allowed ? "allowed" : "not allowed"}: ${body.slice(0, 200)}`;
}

for (const [roles, calls] of [
  [people, personCalls],
  [linkHolders, linkCalls],
] as const) {
  describe("each method and call", { concurrency: 3 }, () => {
    for (const role of roles) test(role.name, () => tryAll(role, callsFor(role, calls)));
  });
}

/** A password costs a tenth of a second each time: of each route, one use is tried with it. */
function callsFor(role: Role, calls: readonly Call[]): readonly Call[] {
  if (role.link?.password !== "given") return calls;
  return [...new Map(calls.toReversed().map((call) => [call.route, call])).values()];
}

async function tryAll(role: Role, calls: readonly Call[]): Promise<void> {
  const holder = await openHolder(world, role);
  const shared = await makeScene(holder, extras);
  let state = await stateOf(shared);
  const wrong: string[] = [];
  let unchecked: Call[] = [];
  const check = async (): Promise<void> => {
    const now = await stateOf(shared);
    const names = unchecked.map(({ route, name }) => `${route} ${name}`).join(", ");
    if (now !== state) wrong.push(`One of these changed something: ${names}\n${state}\nbecame\n${now}`);
    unchecked = [];
  };
  // What a file request sends goes beside the scenes.
  const isRequest = role.way === "link" && !role.rights.includes("read");
  for (const call of calls) {
    const spreads = isAllowed(role, call.need) && call.does === "changes" && (isRequest || call.goesFurther);
    if (spreads || unchecked.length === 12) await check();
    const fault = await tryCall(holder, shared, call);
    if (fault !== undefined) wrong.push(fault);
    if (spreads) state = await stateOf(shared);
    else unchecked.push(call);
  }
  await check();
  assert.ok(wrong.length === 0, wrong.join("\n"));
}

test("every address that the program answers is in the table, or is said to be beside it", () => {
  const routes = new Set([...world.clientRoutes, ...world.browserRoutes].map(canonical));
  const tried = new Set([...personCalls, ...linkCalls].map((call) => call.route));
  const known = new Set(Object.values(beside).flat());
  const isDavMethod = (route: string) => /^[A-Z]+ \/(remote|public)\.php\//.test(route);
  const unknown = [...routes].filter(
    (route) =>
      !tried.has(route) &&
      !known.has(route) &&
      !personal.test(route) &&
      !isDavMethod(route) &&
      !/^(HEAD|OPTIONS) /.test(route),
  );
  assert.deepEqual(unknown, [], "say in drive-rights/ who may call this");
  const gone = [...tried, ...known].filter((route) => !routes.has(route));
  assert.deepEqual(gone, [], "this is not answered any more");
});

test("a method of WebDAV that is not in the table is refused, to the owner too, and changes nothing", async () => {
  const holder = await openHolder(world, people[0]!);
  const scene = await makeScene(holder, extras);
  const tried = new Set(
    [...personCalls, ...Object.values(beside).flat()].map((each) => (typeof each === "string" ? each : each.route)),
  );
  const { owner } = holder;
  const { fileId } = scene.files["a.txt"];
  const tree = (name: string, rest: string) => `/remote.php/dav/${name}/${owner.uid}${rest}`;
  const addresses: Record<string, string> = {
    "/remote.php/dav": "/remote.php/dav/",
    "/remote.php/dav/files/*": tree("files", `${encodeURI(scene.path)}/a.txt`),
    "/remote.php/dav/uploads/*": tree("uploads", "/nothing/00001"),
    "/remote.php/dav/trashbin/*": tree("trashbin", `/trash/${scene.trashed!.name}`),
    "/remote.php/dav/versions/*": tree("versions", `/versions/${fileId}/${scene.version!.second}`),
    "/remote.php/dav/comments/files": `/remote.php/dav/comments/files/${fileId}/${scene.comment}`,
    "/remote.php/dav/systemtags": `/remote.php/dav/systemtags/${world.tagNumber}`,
    "/remote.php/dav/systemtags-relations/files": `/remote.php/dav/systemtags-relations/files/${fileId}/${world.tagNumber}`,
    "/remote.php/direct/*": `/remote.php/direct/${"x".repeat(64)}`,
  };
  const bodies: Record<string, string> = {
    PROPPATCH:
      '<d:propertyupdate xmlns:d="DAV:" xmlns:x="x"><d:set><d:prop><x:x>1</x:x></d:prop></d:set></d:propertyupdate>',
    REPORT:
      '<d:sync-collection xmlns:d="DAV:"><d:sync-token/><d:sync-level>1</d:sync-level><d:prop/></d:sync-collection>',
    LOCK: '<d:lockinfo xmlns:d="DAV:"><d:lockscope><d:exclusive/></d:lockscope><d:locktype><d:write/></d:locktype></d:lockinfo>',
    PUT: "x",
  };
  const before = await stateOf(scene);
  for (const route of new Set(world.clientRoutes.map(canonical))) {
    const [method = "", path = ""] = route.split(" ");
    if (
      !path.startsWith("/remote.php/") ||
      path.endsWith("**") ||
      ["*", "OPTIONS", "POST"].includes(method) ||
      tried.has(route)
    )
      continue;
    const address = addresses[path];
    assert.ok(address, `say here where something of ${path} is`);
    const headers = { destination: `${address}-x`, depth: "0" };
    const { status, body } = await client(scene, method, address, headers, bodies[method]);
    const isFolderPage = (method === "GET" || method === "HEAD") && !body.includes(secret);
    assert.ok(
      isFolderPage || (status >= 400 && status < 500) || /HTTP\/1.1 4/.test(body),
      `${route}: ${status} ${body.slice(0, 200)}`,
    );
  }
  assert.equal(await stateOf(scene), before);
});

test("what is shared leads nowhere else: no path, no copy, no number reaches beside it", async () => {
  const { dav, deps } = world;
  const { owner, colleague } = world.people;
  const name = world.newName("Quai");
  const parentId = await readRootId(deps.store.read, owner.access);
  const folder = await createFolder(deps, owner.access, { parentId, name });
  const secret = await uploadFile(
    deps,
    owner.access,
    { folderId: parentId, name: `${name}.txt` },
    Buffer.from("secret"),
  );
  await shareNode(deps, owner.access, folder.id, colleague, {
    rights: new Set(["read", "write", "create", "delete", "share"]),
  });
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
