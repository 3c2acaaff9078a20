import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { WebSocket } from "ws";
import { listAppPasswords } from "../../src/domain/identity/app-passwords.ts";
import { type DavAnswer, type DavSuite, startDavSuite } from "../harness/dav-suite.ts";
import type { TownPerson } from "../harness/town-hall.ts";
import { TestBrowser } from "../harness/web-suite.ts";

/**
 * What the Android and iOS apps send, in their order and with their headers, and what they do with the answers. Neither can be run
 * here; a change of theirs must be written down here.
 */
let suite: DavSuite;
let lea: TownPerson;
let marc: TownPerson;
before(async () => {
  suite = await startDavSuite();
  lea = await suite.addPerson("Léa");
  marc = await suite.addPerson("Marc");
});
after(() => suite?.close());

interface App {
  readonly userAgent: string;
  readonly xml: string;
}

const android: App = {
  userAgent: "Mozilla/5.0 (Android) Nextcloud-android/3.31.0",
  xml: `<?xml version="1.0" encoding="UTF-8"?><d:propfind xmlns:d="DAV:"><d:prop><d:displayname/><d:getcontenttype/><d:resourcetype/><d:getcontentlength/><d:getlastmodified/><d:creationdate/><d:getetag/><d:quota-used-bytes/><d:quota-available-bytes/><x1:permissions xmlns:x1="http://owncloud.org/ns"/><x1:id xmlns:x1="http://owncloud.org/ns"/><x1:fileid xmlns:x1="http://owncloud.org/ns"/><x1:size xmlns:x1="http://owncloud.org/ns"/><x1:favorite xmlns:x1="http://owncloud.org/ns"/><x2:is-encrypted xmlns:x2="http://nextcloud.org/ns"/><x2:mount-type xmlns:x2="http://nextcloud.org/ns"/><x1:owner-id xmlns:x1="http://owncloud.org/ns"/><x1:owner-display-name xmlns:x1="http://owncloud.org/ns"/><x1:comments-unread xmlns:x1="http://owncloud.org/ns"/><x2:has-preview xmlns:x2="http://nextcloud.org/ns"/><x2:note xmlns:x2="http://nextcloud.org/ns"/><x2:sharees xmlns:x2="http://nextcloud.org/ns"/><x2:rich-workspace xmlns:x2="http://nextcloud.org/ns"/><x2:creation_time xmlns:x2="http://nextcloud.org/ns"/><x2:upload_time xmlns:x2="http://nextcloud.org/ns"/><x2:lock xmlns:x2="http://nextcloud.org/ns"/><x2:lock-owner xmlns:x2="http://nextcloud.org/ns"/><x2:system-tags xmlns:x2="http://nextcloud.org/ns"/><x2:hidden xmlns:x2="http://nextcloud.org/ns"/></d:prop></d:propfind>`,
};

const ios: App = {
  userAgent: "Mozilla/5.0 (iOS) Nextcloud-iOS/6.3.0",
  xml: `<?xml version="1.0" encoding="UTF-8"?><d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns" xmlns:nc="http://nextcloud.org/ns"><d:prop><d:getlastmodified /><d:getetag /><d:getcontenttype /><d:resourcetype /><d:quota-available-bytes /><d:quota-used-bytes /><permissions xmlns="http://owncloud.org/ns"/><id xmlns="http://owncloud.org/ns"/><fileid xmlns="http://owncloud.org/ns"/><size xmlns="http://owncloud.org/ns"/><favorite xmlns="http://owncloud.org/ns"/><share-types xmlns="http://owncloud.org/ns"/><owner-id xmlns="http://owncloud.org/ns"/><owner-display-name xmlns="http://owncloud.org/ns"/><comments-unread xmlns="http://owncloud.org/ns"/><checksums xmlns="http://owncloud.org/ns"/><downloadURL xmlns="http://owncloud.org/ns"/><data-fingerprint xmlns="http://owncloud.org/ns"/><creation_time xmlns="http://nextcloud.org/ns"/><upload_time xmlns="http://nextcloud.org/ns"/><is-encrypted xmlns="http://nextcloud.org/ns"/><has-preview xmlns="http://nextcloud.org/ns"/><mount-type xmlns="http://nextcloud.org/ns"/><rich-workspace xmlns="http://nextcloud.org/ns"/><note xmlns="http://nextcloud.org/ns"/><lock xmlns="http://nextcloud.org/ns"/><share-permissions xmlns="http://open-collaboration-services.org/ns"/><share-permissions xmlns="http://open-cloud-mesh.org/ns"/></d:prop></d:propfind>`,
};

/** A phone, from the moment that somebody types the address of the server into it. */
class Phone {
  readonly app: App;
  login = "";
  secret = "";
  uid = "";
  server = suite.base;

  constructor(app: App) {
    this.app = app;
  }

  async send(
    method: string,
    path: string,
    options: { headers?: Record<string, string>; body?: string | Uint8Array; isSignedIn?: boolean } = {},
  ): Promise<DavAnswer> {
    const { headers = {}, body, isSignedIn = true } = options;
    const basic = Buffer.from(`${this.login}:${this.secret}`).toString("base64");
    return suite.ask(
      undefined,
      method,
      path,
      {
        "user-agent": this.app.userAgent,
        "ocs-apirequest": "true",
        ...(isSignedIn && { authorization: `Basic ${basic}` }),
        ...headers,
      },
      body,
    );
  }

  form(path: string, fields: Record<string, string>): Promise<DavAnswer> {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    return this.send("POST", path, { headers, body: new URLSearchParams(fields).toString(), isSignedIn: false });
  }

  async ocs(path: string): Promise<{ statuscode: number; data: Record<string, never> }> {
    const answer = await this.send("GET", `${path}${path.includes("?") ? "&" : "?"}format=json`);
    const { ocs } = JSON.parse(answer.body);
    return { statuscode: ocs.meta.statuscode, data: ocs.data };
  }
}

const pathOf = (address: string): string => new URL(address).pathname;

/** Somebody in front of a browser who is asked whether the device may come in. */
async function answerPage(address: string, person: TownPerson, outcome: "POST" | "DELETE"): Promise<void> {
  const portal = suite.suite.origins.portal;
  const browser = new TestBrowser(suite.suite.port("http"));
  const page = await browser.send(address);
  assert.equal(page.status, 303);
  const wanted = new URL(page.location!);
  assert.equal(wanted.origin, portal);
  const token = wanted.pathname.replace("/connect-device/", "");
  assert.equal((await browser.send(`${portal}/api/device-logins/${token}`)).status, 401);
  const signIn = await browser.send(`${portal}/api/sign-in`, {
    method: "POST",
    headers: { origin: portal },
    json: { login: person.address, password: person.password },
  });
  assert.equal(signIn.status, 200, signIn.body);
  const session = JSON.parse((await browser.send(`${portal}/api/session`)).body);
  const info = await browser.send(`${portal}/api/device-logins/${token}`);
  assert.equal(info.status, 200, info.body);
  assert.ok(JSON.parse(info.body).deviceName.length > 0);
  // Another site cannot answer in the person's name.
  const foreign = await browser.send(`${portal}/api/device-logins/${token}`, { method: outcome });
  assert.equal(foreign.status, 403);
  const headers = { origin: portal, "x-bouquet-csrf": session.csrf };
  const answer = await browser.send(`${portal}/api/device-logins/${token}`, { method: outcome, headers });
  assert.equal(answer.status, 204, answer.body);
  const again = await browser.send(`${portal}/api/device-logins/${token}`, { method: outcome, headers });
  assert.equal(again.status, outcome === "POST" ? 410 : 204);
}

/** Login flow, version 2. */
async function signIn(phone: Phone, person: TownPerson): Promise<void> {
  const status = JSON.parse((await phone.send("GET", "/status.php", { isSignedIn: false })).body);
  assert.ok(status.installed && !status.maintenance);
  assert.equal(status.productname, "Nextcloud");
  // The Android app looks by which method it must sign in.
  const probe = await phone.send("PROPFIND", "/remote.php/webdav/", { headers: { depth: "0" }, isSignedIn: false });
  assert.equal(probe.status, 401);
  assert.match(probe.headers["www-authenticate"] ?? "", /^Basic realm=/i);

  const begun = JSON.parse((await phone.send("POST", "/index.php/login/v2", { isSignedIn: false })).body);
  assert.ok(begun.poll.token.length >= 100);
  const poll = () => phone.form(pathOf(begun.poll.endpoint), { token: begun.poll.token });
  const early = await poll();
  assert.deepEqual([early.status, early.body], [404, "[]"]);
  assert.equal((await phone.form(pathOf(begun.poll.endpoint), { token: "guess" })).status, 404);
  await answerPage(begun.login, person, "POST");
  const granted = await poll();
  assert.equal(granted.status, 200);
  const { server, loginName, appPassword } = JSON.parse(granted.body);
  assert.equal(server, suite.base);
  Object.assign(phone, { login: loginName, secret: appPassword, server });
  // Once.
  assert.equal((await poll()).status, 404);

  const user = await phone.ocs("/ocs/v1.php/cloud/user");
  assert.equal(user.statuscode, 100);
  phone.uid = String(user.data.id);
  assert.equal(phone.uid, person.uid);
  assert.equal(user.data["display-name"], "Léa");
  const { data } = await phone.ocs("/ocs/v2.php/cloud/capabilities");
  const { capabilities, version } = data as unknown as {
    version: { major: number };
    capabilities: { files: { bigfilechunking: boolean; undelete: boolean }; dav: { chunking: string } };
  };
  assert.ok(version.major >= 20);
  assert.ok(capabilities.files.bigfilechunking && capabilities.files.undelete);
  assert.equal(capabilities.dav.chunking, "1.0");
}

async function list(phone: Phone, path: string, depth: "0" | "1"): Promise<string> {
  const headers = { depth, "content-type": "application/xml; charset=utf-8" };
  const answer = await phone.send("PROPFIND", path, { headers, body: phone.app.xml });
  assert.equal(answer.status, 207, answer.body);
  return answer.body;
}

/** Chunks of one file, version 2: each request says where the file goes. */
async function uploadInChunks(phone: Phone, path: string, content: Uint8Array, chunk: number): Promise<DavAnswer> {
  const folder = `/remote.php/dav/uploads/${phone.uid}/${createHash("md5").update(path).digest("hex")}`;
  const destination = { destination: `${phone.server}${path}` };
  assert.equal((await phone.send("MKCOL", folder, { headers: destination })).status, 201);
  for (let start = 0, number = 1; start < content.length; start += chunk, number++) {
    const body = content.subarray(start, start + chunk);
    const headers = { ...destination, "oc-total-length": String(content.length) };
    const put = await phone.send("PUT", `${folder}/${String(number).padStart(5, "0")}`, { headers, body });
    assert.ok(put.status === 201 || put.status === 204, put.body);
  }
  const headers = { ...destination, "oc-total-length": String(content.length), "x-oc-mtime": "1700000000" };
  return phone.send("MOVE", `${folder}/.file`, { headers });
}

for (const [name, app] of [
  ["Android", android],
  ["iOS", ios],
] as const) {
  test(`the ${name} app signs in, lists, uploads in chunks, and is wiped`, async () => {
    const phone = new Phone(app);
    await signIn(phone, lea);
    const home = `/remote.php/dav/files/${phone.uid}/`;

    const root = await list(phone, home, "0");
    assert.match(root, /<oc:permissions>[A-Z]*CK[A-Z]*<\/oc:permissions>/);
    assert.match(root, /<d:quota-available-bytes>\d+<\/d:quota-available-bytes>/);

    const folder = `${home}${name}`;
    assert.equal((await phone.send("MKCOL", folder)).status, 201);
    const content = randomBytes(3_000_000);
    const file = `${folder}/photo%20d%E2%80%99%C3%A9t%C3%A9.jpg`;
    const moved = await uploadInChunks(phone, file, content, 1_200_000);
    assert.equal(moved.status, 201, moved.body);
    assert.ok(moved.headers.etag && moved.headers["oc-fileid"]);
    assert.deepEqual((await phone.send("GET", file)).bytes, content);

    const listed = await list(phone, folder, "1");
    assert.match(listed, /<oc:size>3000000<\/oc:size>/);
    assert.match(listed, /Tue, 14 Nov 2023 22:13:20 GMT/);
    assert.ok(listed.includes(`<oc:id>${moved.headers["oc-fileid"]}</oc:id>`));
    assert.match(listed, /<nc:is-encrypted>0<\/nc:is-encrypted>|<nc:is-encrypted\/>/);

    // What the screens beside the list ask.
    assert.deepEqual((await phone.ocs("/ocs/v2.php/apps/notifications/api/v2/notifications")).statuscode, 200);
    const activity = await phone.ocs("/ocs/v2.php/apps/activity/api/v2/activity");
    assert.ok(JSON.stringify(activity.data).includes("photo d’été.jpg"));
    const navigation = await phone.ocs("/ocs/v2.php/core/navigation/apps?absolute=true");
    assert.equal(navigation.statuscode, 200);
    const avatar = await phone.send("GET", `/index.php/avatar/${phone.uid}/512`);
    assert.equal(avatar.headers["content-type"], "image/png");
    // Apps that are not there: the phone hides what it cannot have.
    assert.equal((await phone.ocs("/ocs/v2.php/apps/external/api/v1")).statuscode, 404);
    const status = await phone.ocs("/ocs/v2.php/apps/user_status/api/v1/user_status");
    assert.equal(status.statuscode, 404);

    const favorite = await phone.send("PROPPATCH", file, {
      body: '<?xml version="1.0"?><d:propertyupdate xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:set><d:prop><oc:favorite>1</oc:favorite></d:prop></d:set></d:propertyupdate>',
    });
    assert.equal(favorite.status, 207, favorite.body);
    const favorites = await phone.send("REPORT", home, {
      body: '<?xml version="1.0"?><oc:filter-files xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:prop><oc:fileid/></d:prop><oc:filter-rules><oc:favorite>1</oc:favorite></oc:filter-rules></oc:filter-files>',
    });
    assert.equal(favorites.body.match(/<d:response>/g)?.length, 1, favorites.body);
    await phone.send("PROPPATCH", file, {
      body: '<?xml version="1.0"?><d:propertyupdate xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:set><d:prop><oc:favorite>0</oc:favorite></d:prop></d:set></d:propertyupdate>',
    });

    await commentAndTag(phone, file);
    await wipe(phone);
  });
}

async function commentAndTag(phone: Phone, file: string): Promise<void> {
  const body =
    '<d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:prop><oc:fileid/></d:prop></d:propfind>';
  const found = (await phone.send("PROPFIND", file, { headers: { depth: "0" }, body })).body;
  const fileId = /<oc:fileid>(\d+)<\/oc:fileid>/.exec(found)?.[1];
  assert.ok(fileId, found);
  const json = { "content-type": "application/json" };

  const comments = `/remote.php/dav/comments/files/${fileId}`;
  const text = JSON.stringify({ actorId: phone.uid, actorType: "users", verb: "comment", message: "Belle <photo> !" });
  const made = await phone.send("POST", comments, { headers: json, body: text });
  assert.equal(made.status, 201, made.body);
  const one = made.headers["content-location"]!;
  assert.ok(one.startsWith(`${comments}/`));
  const filter =
    '<?xml version="1.0"?><oc:filter-comments xmlns:oc="http://owncloud.org/ns"><oc:limit>20</oc:limit><oc:offset>0</oc:offset></oc:filter-comments>';
  const report = await phone.send("REPORT", comments, { body: filter });
  assert.equal(report.status, 207, report.body);
  assert.ok(report.body.includes("<oc:message>Belle &lt;photo&gt; !</oc:message>"), report.body);
  assert.ok(report.body.includes(`<oc:actorId>${phone.uid}</oc:actorId>`));
  const edit =
    '<?xml version="1.0"?><d:propertyupdate xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:set><d:prop><oc:message>Corrigé</oc:message></d:prop></d:set></d:propertyupdate>';
  assert.equal((await phone.send("PROPPATCH", one, { body: edit })).status, 207);
  const listed = await phone.send("PROPFIND", comments, { headers: { depth: "1" } });
  assert.equal(listed.status, 207, listed.body);
  assert.equal(listed.body.match(/<d:response>/g)?.length, 2);
  assert.equal((await suite.ask(marc, "PROPFIND", comments, { depth: "1" })).status, 404);
  assert.equal((await suite.ask(marc, "DELETE", one)).status, 404);
  assert.equal((await phone.send("DELETE", one)).status, 204);
  assert.equal((await phone.send("DELETE", one)).status, 404);

  const name = `Voirie ${randomBytes(4).toString("hex")}`;
  const tag = await phone.send("POST", "/remote.php/dav/systemtags/", {
    headers: json,
    body: JSON.stringify({ name }),
  });
  assert.equal(tag.status, 201, tag.body);
  const number = tag.headers["content-location"]!.split("/").at(-1)!;
  const again = await phone.send("POST", "/remote.php/dav/systemtags/", {
    headers: json,
    body: JSON.stringify({ name: name.toUpperCase() }),
  });
  assert.notEqual(again.status, 201);
  const relation = `/remote.php/dav/systemtags-relations/files/${fileId}`;
  const put = await phone.send("PUT", `${relation}/${number}`);
  assert.equal(put.status, 201, put.body);
  const tags = await phone.send("PROPFIND", relation, {
    headers: { depth: "1" },
    body: '<d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:prop><oc:id/><oc:display-name/></d:prop></d:propfind>',
  });
  assert.ok(tags.body.includes(`<oc:display-name>${name}</oc:display-name>`), tags.body);
  assert.equal((await suite.ask(marc, "PUT", `${relation}/${number}`)).status, 404);
  assert.equal((await phone.send("DELETE", `${relation}/${number}`)).status, 204);
  // Only an administrator takes it away from everybody.
  assert.equal((await phone.send("DELETE", `/remote.php/dav/systemtags/${number}`)).status, 403);
}

async function wipe(phone: Phone): Promise<void> {
  const check = () => phone.form("/index.php/core/wipe/check", { token: phone.secret });
  const success = () => phone.form("/index.php/core/wipe/success", { token: phone.secret });
  assert.deepEqual([(await check()).status, (await success()).status], [404, 404]);

  const portal = suite.suite.origins.portal;
  const browser = new TestBrowser(suite.suite.port("http"));
  await browser.send(`${portal}/api/sign-in`, {
    method: "POST",
    headers: { origin: portal },
    json: { login: lea.address, password: lea.password },
  });
  const session = JSON.parse((await browser.send(`${portal}/api/session`)).body);
  const { appPasswords } = JSON.parse((await browser.send(`${portal}/api/app-passwords`)).body);
  const device = appPasswords.find((each: { name: string }) => each.name === phone.app.userAgent);
  assert.ok(device, "the device has the name that it gave");
  const asked = await browser.send(`${portal}/api/app-passwords/${device.id}/wipe`, {
    method: "POST",
    headers: { origin: portal, "x-bouquet-csrf": session.csrf },
  });
  assert.equal(asked.status, 204, asked.body);

  // Turned away, it asks why; only then does it delete what it holds.
  const refused = await phone.send("PROPFIND", `/remote.php/dav/files/${phone.uid}/`, { headers: { depth: "0" } });
  assert.equal(refused.status, 401);
  assert.equal((await phone.send("GET", "/ocs/v2.php/cloud/user")).status, 401);
  const wanted = await check();
  assert.deepEqual([wanted.status, JSON.parse(wanted.body)], [200, { wipe: true }]);
  assert.equal((await success()).status, 200);
  assert.deepEqual([(await check()).status, (await success()).status], [404, 404]);
  const kept = await listAppPasswords(suite.domain.store.read, lea);
  assert.ok(kept.find(({ id }) => id === device.id)?.wipedAt);
}

test("a device that its owner refused gets nothing, nor one whose request is over", async () => {
  const phone = new Phone(ios);
  const begun = JSON.parse((await phone.send("POST", "/index.php/login/v2", { isSignedIn: false })).body);
  await answerPage(begun.login, lea, "DELETE");
  assert.equal((await phone.form("/index.php/login/v2/poll", { token: begun.poll.token })).status, 404);
});

test("the older sign-in ends at an address of the app, of our own server whatever the page was given", async () => {
  const portal = suite.suite.origins.portal;
  const phone = new Phone(android);
  const first = await phone.send("GET", "/index.php/login/flow", { isSignedIn: false });
  assert.equal(first.status, 303);
  assert.ok(first.headers.location?.startsWith(`${portal}/connect-device?name=`));
  const browser = new TestBrowser(suite.suite.port("http"));
  await browser.send(`${portal}/api/sign-in`, {
    method: "POST",
    headers: { origin: portal },
    json: { login: lea.address, password: lea.password },
  });
  const session = JSON.parse((await browser.send(`${portal}/api/session`)).body);
  const made = await browser.send(`${portal}/api/devices`, {
    method: "POST",
    headers: { origin: portal, "x-bouquet-csrf": session.csrf },
    json: { name: "Vieux téléphone" },
  });
  assert.equal(made.status, 201, made.body);
  const address = /^nc:\/\/login\/server:(.+)&user:(.+)&password:(.+)$/.exec(JSON.parse(made.body).address);
  assert.equal(address?.[1], suite.suite.origins.drive);
  Object.assign(phone, { login: decodeURIComponent(address![2]!), secret: address![3]! });
  assert.equal((await phone.ocs("/ocs/v2.php/cloud/user")).data.id, lea.uid);
});

test("a client of the whole program hears at once of what another one uploads", async () => {
  const device = await suite.ask(lea, "GET", "/ocs/v2.php/cloud/capabilities?format=json");
  const { websocket } = JSON.parse(device.body).ocs.data.capabilities.notify_push.endpoints;
  const socket = new WebSocket(websocket);
  const texts: string[] = [];
  const heard = (wanted: string) =>
    new Promise<void>((resolve, reject) => {
      const deadline = setTimeout(() => reject(new Error(`Only ${texts.join(", ")} was heard`)), 30_000);
      const look = () => {
        if (!texts.includes(wanted)) return;
        clearTimeout(deadline);
        resolve();
      };
      socket.on("message", look);
      look();
    });
  socket.on("message", (data) => void texts.push(String(data)));
  socket.on("open", () => {
    socket.send(lea.address);
    socket.send(lea.appPassword);
  });
  try {
    await heard("authenticated");
    assert.equal((await suite.ask(lea, "PUT", suite.filesOf(lea, "/heard.txt"), {}, "x")).status, 201);
    await heard("notify_file");
  } finally {
    socket.terminate();
  }
});
