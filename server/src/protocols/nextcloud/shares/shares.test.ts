import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Person } from "../../../../test/harness/drive-world.ts";
import {
  type NextcloudDevice,
  type NextcloudSuite,
  openNextcloudSuite,
} from "../../../../test/harness/nextcloud-suite.ts";
import { createFolder } from "../../../domain/drive/create-folder.ts";
import { createHttpRouter } from "../../../net/http-router.ts";
import { createHttpServer, type HttpServer } from "../../../net/http-server.ts";
import { silentLogger } from "../../../telemetry/logger.ts";
import { nextcloudRoutes } from "../serve-nextcloud.ts";
import { sharingRoutes } from "./sharing-routes.ts";

let suite: NextcloudSuite;
let server: HttpServer;
let base: string;
let alice: Person;
let bob: Person;
let alices: NextcloudDevice;
let bobs: NextcloudDevice;
const shares = "/apps/files_sharing/api/v1/shares";

before(async () => {
  suite = await openNextcloudSuite();
  const sharing = sharingRoutes({ ...suite.deps, mayHavePreview: (type) => type === "text/plain" });
  const route = createHttpRouter(nextcloudRoutes({ ...suite.deps, ...sharing }), (_request, response) => {
    response.writeHead(404).end();
  });
  server = await createHttpServer({ listen: { host: "127.0.0.1", port: 0 }, log: silentLogger, handler: route });
  base = `http://127.0.0.1:${server.port}`;
  const organizationId = await suite.world.organization("Bourg-Fleuri");
  alice = await suite.world.person(organizationId, "alice");
  bob = await suite.world.person(organizationId, "bob");
  alices = await suite.addDevice(alice);
  bobs = await suite.addDevice(bob);
  await createFolder(suite.world.deps, alice.access, { parentId: alice.rootId, name: "dir" });
  await suite.world.put(alice, "one.txt", "twenty bytes of text");
});
after(async () => {
  await server?.close(2_000);
  await suite?.close();
});

// biome-ignore lint/suspicious/noExplicitAny: tests look into it
type Answer = { status: number; data: any };
async function ocs(
  method: string,
  path: string,
  device: NextcloudDevice,
  form?: Record<string, string>,
): Promise<Answer> {
  const response = await fetch(`${base}/ocs/v2.php${path}${path.includes("?") ? "&" : "?"}format=json`, {
    method,
    headers: { authorization: device.authorization, "ocs-apirequest": "true" },
    ...(form && { body: new URLSearchParams(form) }),
  });
  const envelope = (await response.json()) as { ocs: { meta: { statuscode: number }; data: unknown } };
  assert.equal(envelope.ocs.meta.statuscode, response.status);
  return { status: response.status, data: envelope.ocs.data };
}

const common = [
  ...["id", "share_type", "uid_owner", "displayname_owner", "permissions", "can_edit", "can_delete", "stime", "parent"],
  ...["expiration", "token", "uid_file_owner", "note", "label", "displayname_file_owner", "path", "item_type"],
  ...["item_permissions", "is-mount-root", "mount-type", "mimetype", "has_preview", "storage_id", "storage"],
  ...["item_source", "file_source", "file_parent", "file_target", "item_size", "item_mtime", "share_with"],
  ...["share_with_displayname", "mail_send", "hide_download", "attributes"],
];

test("a share with a person has every member that Nextcloud gives, for who gives and who receives", async () => {
  const form = { path: "/dir", shareType: "0", shareWith: bob.viewer.uid, permissions: "19", note: "Pour toi" };
  const made = await ocs("POST", shares, alices, form);
  assert.equal(made.status, 200);
  assert.deepEqual(Object.keys(made.data).sort(), [...common, "share_with_displayname_unique"].sort());
  assert.deepEqual(
    [made.data.share_type, made.data.permissions, made.data.path, made.data.item_type, made.data.item_permissions],
    [0, 19, "/dir", "folder", 31],
  );
  assert.deepEqual(
    [made.data.mimetype, made.data.note, made.data.uid_owner],
    ["httpd/unix-directory", "Pour toi", alice.viewer.uid],
  );
  const [received] = (await ocs("GET", `${shares}?shared_with_me=true`, bobs)).data;
  assert.deepEqual(
    [received.id, received.path, received.file_target, received.can_edit, received["is-mount-root"]],
    [made.data.id, "/dir", "/dir", false, true],
  );
  assert.deepEqual((await ocs("GET", shares, bobs)).data, []);
  assert.equal((await ocs("PUT", `${shares}/${made.data.id}`, bobs, { permissions: "1" })).status, 403);
  const changed = await ocs("PUT", `${shares}/${made.data.id}`, alices, { permissions: "31" });
  assert.equal(changed.data.permissions, 31);
  assert.equal((await ocs("POST", shares, alices, form)).status, 403, "it is shared already");
  assert.equal((await ocs("DELETE", `${shares}/${made.data.id}`, alices)).status, 200);
  assert.deepEqual((await ocs("GET", `${shares}?shared_with_me=true`, bobs)).data, []);
});

test("a link is made, changed and ended, with its password, end, note, label and hidden download", async () => {
  const { data: link } = await ocs("POST", shares, alices, { path: "/one.txt", shareType: "3" });
  assert.deepEqual(Object.keys(link).sort(), [...common, "password", "send_password_by_talk", "url"].sort());
  assert.deepEqual([link.share_type, link.permissions, link.item_permissions, link.share_with], [3, 1, 27, null]);
  assert.ok(link.url.endsWith(`/s/${link.token}`));
  assert.equal(link.item_size, 20);
  const { data } = await ocs("PUT", `${shares}/${link.id}`, alices, {
    ...{ password: "haie-vive-long", expireDate: "2031-05-04", note: "n", label: "l", hideDownload: "true" },
    permissions: "3",
  });
  assert.deepEqual(
    [data.password, data.expiration, data.note, data.label, data.hide_download, data.permissions],
    ["***", "2031-05-04 00:00:00", "n", "l", 1, 3],
  );
  const cleared = await ocs("PUT", `${shares}/${link.id}`, alices, {
    password: "",
    expireDate: "",
    hideDownload: "false",
  });
  assert.deepEqual([cleared.data.password, cleared.data.expiration, cleared.data.hide_download], [null, null, 0]);
  const limit = `/apps/files_downloadlimit/api/v1/${link.token}/limit`;
  assert.deepEqual((await ocs("PUT", limit, alices, { limit: "5" })).data, { limit: 5, count: 0 });
  assert.deepEqual((await ocs("DELETE", limit, alices)).data, { limit: null, count: 0 });
  assert.equal((await ocs("GET", limit, bobs)).status, 404);
  const page = await fetch(`${base}/index.php/s/${link.token}`, { redirect: "manual" });
  assert.equal(page.headers.get("location"), link.url);
  assert.equal((await ocs("DELETE", `${shares}/${link.id}`, bobs)).status, 404);
  assert.equal((await ocs("DELETE", `${shares}/${link.id}`, alices)).status, 200);
  assert.equal((await ocs("GET", `${shares}/${link.id}`, alices)).status, 404);
});

test("a file request and a mailed link are links of their kind", async () => {
  const drop = await ocs("POST", shares, alices, { path: "/dir", shareType: "3", permissions: "4" });
  assert.equal(drop.data.permissions, 4);
  const open = await ocs("POST", shares, alices, { path: "/dir", shareType: "3", publicUpload: "true" });
  assert.equal(open.data.permissions, 15);
  const mailed = await ocs("POST", shares, alices, { path: "/dir", shareType: "4", shareWith: "geo@metre.example" });
  assert.deepEqual([mailed.data.share_type, mailed.data.share_with], [4, "geo@metre.example"]);
  assert.equal((await ocs("POST", `${shares}/${mailed.data.id}/send-email`, alices)).status, 200);
  const all = await ocs("GET", `${shares}?path=/&subfiles=true`, alices);
  assert.deepEqual(
    all.data.map((each: { id: string }) => each.id),
    [drop.data.id, open.data.id, mailed.data.id],
  );
  for (const { id } of all.data) await ocs("DELETE", `${shares}/${id}`, alices);
});

test("what cannot be is refused as Nextcloud refuses it", async () => {
  const tries: [Record<string, string>, number][] = [
    [{ shareType: "3" }, 404],
    [{ path: "/nothing", shareType: "3" }, 404],
    [{ path: "/../one.txt", shareType: "3" }, 404],
    [{ path: "/dir", shareType: "0", shareWith: "nobody" }, 404],
    [{ path: "/dir", shareType: "0" }, 404],
    [{ path: "/dir", shareType: "1", shareWith: bob.viewer.uid }, 404],
    [{ path: "/dir", shareType: "6", shareWith: "x@y" }, 400],
    [{ path: "/dir", shareType: "3", permissions: "64" }, 400],
    [{ path: "/dir", shareType: "3", expireDate: "demain" }, 404],
    [{ path: "/dir", shareType: "3", password: "short" }, 400],
    [{ path: "/one.txt", shareType: "3", permissions: "4" }, 400],
    [{ path: "/dir", shareType: "3", attributes: "{" }, 400],
    [{ path: "/", shareType: "3" }, 403],
  ];
  for (const [form, status] of tries) {
    assert.equal((await ocs("POST", shares, alices, form)).status, status, JSON.stringify(form));
  }
  for (const id of ["0", "x", "9999999", "1e3"]) {
    assert.equal((await ocs("GET", `${shares}/${id}`, alices)).status, 404);
  }
  assert.deepEqual((await ocs("GET", shares, alices)).data, []);
});

test("sharees are found by name; nobody else, and what clients ask for is announced", async () => {
  const { data } = await ocs("GET", "/apps/files_sharing/api/v1/sharees?search=bo&itemType=file", alices);
  assert.deepEqual(data, {
    exact: { users: [], groups: [], remotes: [], remote_groups: [], emails: [], circles: [], rooms: [] },
    users: [
      {
        label: "bob",
        subline: "",
        icon: "icon-user",
        value: { shareType: 0, shareWith: bob.viewer.uid },
        shareWithDisplayNameUnique: bob.viewer.address,
        status: [],
      },
    ],
    groups: [],
    remotes: [],
    remote_groups: [],
    emails: [],
    lookup: [],
    circles: [],
    rooms: [],
    lookupEnabled: false,
  });
  const mail = await ocs("GET", "/apps/files_sharing/api/v1/sharees?search=geo@metre.example&itemType=file", alices);
  assert.equal(mail.data.exact.emails[0].value.shareType, 4);
  for (const path of ["shares/pending", "remote_shares", "remote_shares/pending", "deletedshares"]) {
    assert.deepEqual((await ocs("GET", `/apps/files_sharing/api/v1/${path}`, alices)).data, []);
  }
  const { capabilities } = (await ocs("GET", "/cloud/capabilities", alices)).data;
  assert.equal(capabilities.files_sharing.api_enabled, true);
  assert.equal(capabilities.downloadlimit.enabled, true);
});
