import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Person } from "../../../test/harness/drive-world.ts";
import {
  type NextcloudDevice,
  type NextcloudSuite,
  openNextcloudSuite,
} from "../../../test/harness/nextcloud-suite.ts";
import { createFolder } from "../../domain/drive/create-folder.ts";
import { renameNode } from "../../domain/drive/rename-node.ts";
import { trashNode } from "../../domain/drive/trash-node.ts";
import { notify } from "../../domain/notifications/notify.ts";
import { deviceRoutes } from "./serve-nextcloud.ts";

describe("the client API outside of DAV", () => {
  let suite: NextcloudSuite;
  let lea: Person;
  let marc: Person;
  let stranger: Person;
  let device: NextcloudDevice;
  let marcs: NextcloudDevice;
  before(async () => {
    suite = await openNextcloudSuite();
    const organization = await suite.world.organization("Bourg-Fleuri");
    lea = await suite.world.person(organization, "Lea");
    marc = await suite.world.person(organization, "Marc");
    stranger = await suite.world.person(await suite.world.organization("Autre-Ville"), "Zoe");
    device = await suite.addDevice(lea);
    marcs = await suite.addDevice(marc, "iPhone de Marc");
  });
  after(() => suite.close());

  const get = (path: string, as = device) => suite.ocs("GET", path, as);

  test("status.php says to anybody that it is an installed Nextcloud that clients know", async () => {
    const response = await suite.call("GET", "/status.php");
    assert.equal(response.status, 200);
    const status = (await response.json()) as Record<string, unknown>;
    assert.deepEqual(status, {
      installed: true,
      maintenance: false,
      needsDbUpgrade: false,
      version: "31.0.2.1",
      versionstring: "31.0.2",
      edition: "",
      productname: "Nextcloud",
      extendedSupport: false,
    });
  });

  test("anybody is told how we look, a signed-in device what it can do; the etag saves asking again", async () => {
    const anonymous = await suite.call("GET", "/ocs/v1.php/cloud/capabilities?format=json");
    assert.equal(anonymous.status, 200);
    const { ocs } = (await anonymous.json()) as { ocs: { data: { capabilities: object } } };
    assert.deepEqual(Object.keys(ocs.data.capabilities), ["theming"]);

    const { data } = await get("/cloud/capabilities");
    assert.equal(data.version.string, "31.0.2");
    assert.equal(data.capabilities.dav.chunking, "1.0");
    assert.equal(data.capabilities["end-to-end-encryption"], undefined);
    const { files } = data.capabilities;
    assert.ok(files.forbidden_filename_characters.includes(":") && files.forbidden_filename_basenames.includes("nul"));
    // iOS makes a regular expression of them.
    const character = new RegExp(`[${files.forbidden_filename_characters.join("")}]`);
    assert.deepEqual(
      ["a:b", "a*b", "a/b", "a.b"].filter((name) => character.test(name)),
      ["a:b", "a*b", "a/b"],
    );
    // Declared, not imposed.
    assert.equal(files.windows_compatible_filenames, false);
    assert.ok(data.capabilities.notify_push.endpoints.websocket.startsWith(`ws://127.0.0.1:${suite.port}/`));

    const first = await suite.call("GET", "/ocs/v2.php/cloud/capabilities", device);
    assert.match(await first.text(), /^<\?xml version="1.0"\?>\n<ocs>\n <meta>\n {2}<status>ok<\/status>/);
    const headers = { "if-none-match": first.headers.get("etag")! };
    assert.equal((await suite.call("GET", "/ocs/v2.php/cloud/capabilities", device, { headers })).status, 304);
  });

  test("a wrong password is 401 with a challenge, on calls that anybody may ask too", async () => {
    const wrong = { ...device, authorization: `Basic ${Buffer.from("x:y").toString("base64")}` };
    for (const path of ["/ocs/v1.php/cloud/capabilities", "/ocs/v2.php/cloud/user", "/ocs/v1.php/no/such"]) {
      const response = await suite.call("GET", `${path}?format=json`, wrong);
      assert.equal(response.status, 401, path);
      assert.match(response.headers.get("www-authenticate") ?? "", /^Basic realm=/);
      const { ocs } = (await response.json()) as { ocs: { meta: { statuscode: number } } };
      assert.equal(ocs.meta.statuscode, path.includes("v1") ? 997 : 401);
    }
    assert.equal((await suite.call("GET", "/ocs/v2.php/cloud/user?format=json")).status, 401);
  });

  test("who guesses passwords is slowed down, and told for how long; the right one goes on working", async () => {
    const wrong = { ...device, authorization: `Basic ${Buffer.from(`${lea.viewer.uid}:no`).toString("base64")}` };
    let answer: Response | undefined;
    for (let tries = 0; tries < 60 && answer?.status !== 429; tries++) {
      answer = await suite.call("GET", "/ocs/v2.php/cloud/user?format=json", wrong);
      assert.ok(answer.status === 401 || answer.status === 429);
    }
    assert.equal(answer?.status, 429);
    assert.ok(Number(answer?.headers.get("retry-after")) > 0);
    assert.equal((await get("/cloud/user")).status, 200);
    await suite.world.store.transact((tx) => tx.deleteFrom("sign_in_throttle").execute());
  });

  test("what there is not is 404, in version 1 an envelope that says so; another method is 405", async () => {
    assert.equal((await get("/no/such/call")).status, 404);
    const old = await suite.call("GET", "/ocs/v1.php/no/such?format=json", device);
    assert.equal(old.status, 200);
    assert.match(await old.text(), /"statuscode":998/);
    const wrong = await suite.call("DELETE", "/ocs/v2.php/cloud/user", device);
    assert.equal(wrong.status, 405);
    assert.equal(wrong.headers.get("allow"), "GET");
  });

  test("hostile requests are refused: a body that is too large, no JSON, a broken address", async () => {
    const path = "/ocs/v2.php/apps/user_status/api/v1/user_status/status?format=json";
    const json = { "content-type": "application/json" };
    assert.equal((await suite.call("PUT", path, device, { body: "{", headers: json })).status, 400);
    assert.equal((await suite.call("PUT", path, device, { body: "x".repeat(300_000) })).status, 413);
    assert.equal((await suite.call("GET", "/ocs/v2.php/cloud/users/%zz", device)).status, 400);
    assert.equal((await suite.call("GET", "/ocs/v2.php/cloud/users/%00", device)).status, 400);
    const object = JSON.stringify({ statusType: { a: 1 } });
    assert.equal((await suite.call("PUT", path, device, { body: object, headers: json })).status, 400);
  });

  test("a person reads their own account with its quota, of a colleague what the directory shows, of a stranger nothing", async () => {
    const { data } = await get("/cloud/user");
    assert.equal(data.id, lea.viewer.uid);
    assert.equal(data["display-name"], "Lea");
    assert.equal(data.quota.total, 1_000_000);
    assert.equal(data.quota.free, 1_000_000 - data.quota.used);
    assert.deepEqual((await get(`/cloud/users/${lea.viewer.uid}`)).data.quota, data.quota);
    const colleague = (await get(`/cloud/users/${marc.viewer.uid}`)).data;
    assert.equal(colleague.displayname, "Marc");
    assert.equal(colleague.quota, undefined);
    assert.equal((await get(`/cloud/users/${stranger.viewer.uid}`)).status, 404);
  });

  test("an app password asks for no other; it is rotated, and given back", async () => {
    assert.equal((await get("/core/getapppassword")).status, 403);
    const spare = await suite.addDevice(lea, "Ancien");
    const { data } = await suite.ocs("POST", "/core/apppassword/rotate", spare);
    assert.equal((await get("/cloud/user", spare)).status, 401);
    const credentials = Buffer.from(`${lea.viewer.uid}:${data.apppassword}`).toString("base64");
    const rotated = { ...spare, authorization: `Basic ${credentials}` };
    assert.equal((await get("/cloud/user", rotated)).status, 200);
    assert.equal((await suite.ocs("DELETE", "/core/apppassword", rotated)).status, 200);
    assert.equal((await get("/cloud/user", rotated)).status, 401);
  });

  test("a status is none at first, then what was set; colleagues see it, strangers and of the invisible nobody", async () => {
    const base = "/apps/user_status/api/v1";
    assert.equal((await get(`${base}/user_status`)).status, 404);
    assert.equal((await suite.ocs("PUT", `${base}/user_status/status`, device, { statusType: "asleep" })).status, 400);
    const set = await suite.ocs("PUT", `${base}/user_status/status`, device, { statusType: "dnd" });
    assert.equal(set.data.status, "dnd");
    const clearAt = String(Math.floor(Date.now() / 1_000) + 3_600);
    const custom = { statusIcon: "🐢", message: "Au calme", clearAt };
    const { data } = await suite.ocs("PUT", `${base}/user_status/message/custom`, device, custom);
    assert.deepEqual(
      [data.message, data.icon, data.clearAt, data.messageId],
      ["Au calme", "🐢", Number(clearAt), null],
    );
    assert.equal((await get(`${base}/statuses/${lea.viewer.uid}`, marcs)).data.message, "Au calme");
    const zoes = await suite.addDevice(stranger);
    assert.equal((await get(`${base}/statuses/${lea.viewer.uid}`, zoes)).status, 404);
    const meeting = { messageId: "meeting" };
    assert.equal(
      (await suite.ocs("PUT", `${base}/user_status/message/predefined`, device, meeting)).data.messageId,
      "meeting",
    );
    await suite.ocs("PUT", `${base}/user_status/status`, device, { statusType: "invisible" });
    const seen = (await get(`${base}/statuses`, marcs)).data;
    assert.deepEqual(seen, [{ userId: lea.viewer.uid, message: null, icon: null, clearAt: null, status: "offline" }]);
    await suite.ocs("DELETE", `${base}/user_status/message`, device);
    assert.equal((await get(`${base}/user_status`)).data.message, null);
    for (const bad of [
      { message: "x".repeat(81) },
      { message: "a", statusIcon: "ab" },
      { message: "a", clearAt: "1" },
    ]) {
      assert.equal((await suite.ocs("PUT", `${base}/user_status/message/custom`, device, bad)).status, 400);
    }
    assert.equal((await get(`${base}/predefined_statuses`)).data.length, 5);
  });

  test("notifications are listed newest first with rich texts, asked for by number, and put away by their own reader only", async () => {
    const base = "/apps/notifications/api/v2/notifications";
    assert.deepEqual((await get(base)).data, []);
    await suite.world.store.transact(async (tx) => {
      await notify(tx, lea.viewer, {
        topic: "share_received",
        data: { fileId: 12, name: "Budget <2027>", kind: "folder", byUid: marc.viewer.uid, byName: "Marc" },
      });
      await notify(tx, lea.viewer, { topic: "device_paused", data: { device: "PC {1}", changed: 500, total: 900 } });
    });
    const { data } = await get(base);
    assert.deepEqual(
      data.map((each: { subject: string }) => each.subject),
      [
        "L’appareil PC {1} est mis en pause : il a changé beaucoup de fichiers d’un coup",
        "Marc a partagé Budget <2027> avec vous",
      ],
    );
    assert.equal(data[1].subjectRich, "{user} a partagé {file} avec vous");
    assert.equal(data[1].subjectRichParameters.file.id, "12");
    const id = data[1].notification_id;
    assert.equal((await get(`${base}/${id}`)).data.notification_id, id);
    assert.equal((await get(`${base}/${id}`, marcs)).status, 404);
    await suite.ocs("DELETE", `${base}/${id}`, marcs);
    const exists = await suite.ocs("POST", `${base}/exists`, device, { "ids[]": String(id) });
    assert.deepEqual(exists.data, [id]);
    await suite.ocs("DELETE", `${base}/${id}`, device);
    assert.equal((await get(`${base}/${id}`)).status, 404);
    await suite.ocs("DELETE", base, device);
    assert.deepEqual((await get(base)).data, []);
  });

  test("an avatar is a PNG of the size that was asked for, of colleagues only, and another for another name", async () => {
    const png = async (path: string, as = device) => {
      const response = await suite.call("GET", `/index.php/avatar/${path}`, as);
      return { response, bytes: Buffer.from(await response.arrayBuffer()) };
    };
    const own = await png(`${lea.viewer.uid}/64`);
    assert.equal(own.response.headers.get("content-type"), "image/png");
    assert.equal(own.bytes.readUInt32BE(16), 64);
    assert.equal((await png(`${lea.viewer.uid}/128`)).bytes.readUInt32BE(16), 512);
    assert.notDeepEqual((await png(`${marc.viewer.uid}/64`)).bytes, own.bytes);
    assert.equal((await png(`${stranger.viewer.uid}/64`)).response.status, 404);
    const headers = { "if-none-match": own.response.headers.get("etag")! };
    const again = await suite.call("GET", `/index.php/avatar/${lea.viewer.uid}/64`, device, { headers });
    assert.equal(again.status, 304);
    assert.equal((await suite.call("GET", `/index.php/avatar/${lea.viewer.uid}/64`)).status, 401);
  });

  test("what happened is told newest first in words, page by page, with who did it", async () => {
    const { viewer } = lea;
    const node = await suite.world.put(lea, "Compte.odt", "1");
    await suite.world.put(lea, "Compte.odt", "2", { onConflict: "replace" });
    await renameNode(suite.world.deps, lea.access, node.id, "Comptes.odt");
    await trashNode(suite.world.deps, lea.access, node.id);
    const base = "/apps/activity/api/v2/activity";
    const { data } = await get(`${base}?limit=4`);
    assert.deepEqual(
      data.map((each: { subject: string }) => each.subject),
      [
        "Vous avez supprimé Comptes.odt",
        "Vous avez renommé Compte.odt en Comptes.odt",
        "Vous avez modifié Compte.odt",
        "Vous avez créé Compte.odt",
      ],
    );
    assert.equal(data[0].type, "file_deleted");
    assert.equal(data[0].user, viewer.uid);
    assert.equal(data[0].object_id, node.fileId);
    const page = await get(`${base}/all?limit=2&since=${data[1].activity_id}`);
    assert.deepEqual(
      page.data.map((each: { activity_id: number }) => each.activity_id),
      [data[2].activity_id, data[3].activity_id],
    );
    const ascending = await get(`${base}?sort=asc&since=${data[2].activity_id}`);
    assert.equal(ascending.data[0].activity_id, data[1].activity_id);
    assert.equal((await get(`${base}/by`)).status, 304);
    assert.equal((await get(base, marcs)).status, 304);
    assert.equal((await get(`${base}/unknown`)).status, 404);
    assert.equal((await get(`${base}/filters`)).data.length, 3);
  });

  test("files are found by the words of their names, where the person sees them", async () => {
    const folder = await createFolder(suite.world.deps, lea.access, { parentId: lea.rootId, name: "Écoles" });
    await suite.world.put(lea, "Menu cantine 50%.pdf", "x", { folderId: folder.id });
    await suite.world.put(marc, "Menu cantine de Marc.pdf", "x");
    const path = "/search/providers/files/search";
    const { data } = await get(`${path}?term=${encodeURIComponent("cantine menu")}`);
    assert.deepEqual(
      data.entries.map((each: { attributes: { path: string } }) => each.attributes.path),
      ["/Écoles/Menu cantine 50%.pdf"],
    );
    assert.equal((await get(`${path}?term=${encodeURIComponent("50%")}`)).data.entries.length, 1);
    assert.equal((await get(`${path}?term=${encodeURIComponent("%")}`)).data.entries.length, 1);
    assert.deepEqual((await get(`${path}?term=`)).data.entries, []);
    assert.equal((await get("/search/providers")).data[0].id, "files");
  });

  test("a file is locked by hand for all but its holder, told to who comes second, and unlocked", async () => {
    const node = await suite.world.put(lea, "Délibération.odt", "x");
    const path = `/apps/files_lock/lock/${node.fileId}`;
    assert.equal((await suite.ocs("PUT", path, marcs)).status, 404);
    const locked = await suite.ocs("PUT", path, device);
    assert.equal(locked.status, 200);
    assert.deepEqual([locked.data.userId, locked.data.type], [lea.viewer.uid, 0]);
    assert.equal((await suite.ocs("PUT", path, device)).data.token, locked.data.token);
    assert.equal((await suite.ocs("DELETE", path, device)).status, 200);
    assert.equal((await suite.ocs("DELETE", path, device)).status, 412);
    assert.equal((await suite.ocs("PUT", path, device, { lockType: "1" })).status, 400);
    const byProgram = await suite.ocs("PUT", path, device, { lockType: "2" });
    assert.deepEqual([byProgram.status, byProgram.data.type, byProgram.data.eta], [200, 2, 86_400]);
    assert.doesNotMatch(byProgram.data.token, /:/);
    assert.equal((await suite.ocs("DELETE", path, device, { lockType: "2" })).status, 200);
    const { capabilities } = (await suite.ocs("GET", "/cloud/capabilities", device)).data;
    assert.deepEqual([capabilities.files.locking, capabilities.files["api-feature-lock-type"]], ["1.0", true]);
  });

  test("an address for players opens one file without a password, in ranges, until the device is withdrawn", async () => {
    const player = await suite.addDevice(lea, "Télévision");
    const node = await suite.world.put(lea, "Fête.mp4", "0123456789");
    const direct = "/apps/dav/api/v1/direct";
    assert.equal((await suite.ocs("POST", direct, marcs, { fileId: String(node.fileId) })).status, 404);
    const { data } = await suite.ocs("POST", direct, player, { fileId: String(node.fileId) });
    const path = new URL(data.url).pathname;
    const whole = await suite.call("GET", path);
    assert.equal(await whole.text(), "0123456789");
    assert.match(whole.headers.get("content-disposition") ?? "", /^attachment/);
    const part = await suite.call("GET", path, undefined, { headers: { range: "bytes=2-4" } });
    assert.deepEqual([part.status, await part.text()], [206, "234"]);
    assert.equal((await suite.call("PUT", path, undefined, { body: "x" })).status, 405);
    assert.equal((await suite.call("GET", `${path.slice(0, -3)}AAA`)).status, 404);
    assert.equal((await suite.call("GET", "/remote.php/direct/x")).status, 404);
    await suite.ocs("DELETE", "/core/apppassword", player);
    assert.equal((await suite.call("GET", path)).status, 404);
  });

  test("well-known addresses of calendars and contacts lead to DAV, and the probe of the network is empty", async () => {
    const response = await suite.call("GET", "/.well-known/caldav");
    assert.equal(response.status, 301);
    assert.equal(response.headers.get("location"), `${suite.base}/remote.php/dav/`);
    assert.equal((await suite.call("GET", "/index.php/204")).status, 204);
    for (const name of ["webfinger", "nodeinfo"]) {
      const none = await suite.call("GET", `/.well-known/${name}`);
      assert.deepEqual([none.status, await none.json()], [404, { message: `${name} not supported` }]);
    }
    const file = await suite.call("GET", "/index.php/f/1");
    assert.equal(file.status, 303);
    assert.ok(file.headers.get("location")?.startsWith("http://drive.localhost:8080/"));
    for (const path of ["/index.php", "/index.php/", "/index.php/apps/files/?dir=/x"]) {
      assert.equal((await suite.call("GET", path)).headers.get("location"), "http://drive.localhost:8080/", path);
    }
    const bad = await suite.call("GET", "/index.php/nothing");
    assert.equal(bad.status, 404);
  });

  test("no call answers to nobody, and none breaks, whatever stands where a name or a number is expected", async () => {
    const routes = deviceRoutes(suite.deps).filter(({ path }) => !path.startsWith("/core/apppassword"));
    assert.ok(routes.length > 30);
    const odd = ["x", "0", "-1", "%2e%2e", "9".repeat(30), "1e9", "%27%3B--", "%F0%9F%98%80", "a%2Fb"];
    for (const { method, path } of routes) {
      const nobody = await suite.call(method, `/ocs/v2.php${path.replace(/\{\w+\}/g, "1")}?format=json`);
      assert.equal(nobody.status, 401, `${method} ${path}`);
      await nobody.text();
      const values = path.includes("{") ? odd : ["x"];
      for (const value of values) {
        const query = `format=json&since=${value}&limit=${value}&cursor=${value}&term=${value}&object_id=${value}&object_type=files`;
        const filled = path.replace(/\{\w+\}/g, value);
        const answer = await suite.call(method, `/ocs/v2.php${filled}?${query}`, device);
        assert.ok(answer.status < 500, `${method} ${filled}: ${answer.status}`);
        await answer.text();
      }
    }
  });
});
