import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { request } from "node:http";
import { Readable } from "node:stream";
import { after, before, test } from "node:test";
import { ImapFlow } from "imapflow";
import { sql } from "kysely";
import nodemailer from "nodemailer";
import type { ServiceHosts } from "../../src/config/config.ts";
import { createFolder } from "../../src/domain/drive/create-folder.ts";
import { readRootId } from "../../src/domain/drive/read-root-id.ts";
import { uploadFile } from "../../src/domain/drive/upload-file.ts";
import { openPortalSession, openServiceSession } from "../../src/domain/identity/open-session.ts";
import { createMailbox } from "../../src/domain/mail/create-mailbox.ts";
import { deliverMessage } from "../../src/domain/mail/delivery/deliver-message.ts";
import { resolveRecipient } from "../../src/domain/mail/delivery/resolve-recipient.ts";
import { stageIncoming } from "../../src/domain/mail/delivery/stage-incoming.ts";
import { createShareLink } from "../../src/domain/sharing/create-share-link.ts";
import { methods } from "../../src/protocols/jmap/methods/registry.ts";
import { JmapClient } from "../harness/jmap-client.ts";
import { startSuite, type TestSuite } from "../harness/start-suite.ts";
import { createTownHall, type TownPerson } from "../harness/town-hall.ts";

/** Stands in everything that the other commune owns: wherever the stranger reads it, something leaked. */
const marker = "Quetzal";

interface Route {
  service: keyof ServiceHosts;
  method: string;
  path: string;
}

let suite: TestSuite;
let owner: TownPerson;
let stranger: TownPerson;
let strangerRoot: string;
let ids: string[];
const routes: Route[] = [];
const sessions = new Map<string, Record<string, string>>();

before(async () => {
  suite = await startSuite({ onRoute: (route) => routes.push(route) });
  const { domain } = suite;
  const quetzal = await createTownHall(domain, `Mairie ${marker}`, "quetzal.example");
  owner = await quetzal.addPerson(`${marker} Perrin`, { roles: ["member_administrator"] });
  const other = await createTownHall(domain, "Les Essarts", "essarts.example");
  stranger = await other.addPerson("Odile Martin", { roles: ["member_administrator"] });
  strangerRoot = await readRootId(domain.store.read, stranger);

  await createMailbox(domain.mail, owner.access, { name: `Dossier ${marker}`, parentId: null });
  const bytes = `From: a@b.example\r\nTo: ${owner.address}\r\nSubject: ${marker}\r\nMessage-ID: <1@b.example>\r\n\r\n${marker}\r\n`;
  const { staged, analyzed } = await stageIncoming(domain.mail, Readable.from([Buffer.from(bytes)]));
  const recipients = [await resolveRecipient(domain.store.read, owner.address)];
  await deliverMessage(domain.mail, {
    arrival: "submitted",
    sender: "a@b.example",
    staged,
    analyzed,
    recipients,
    receivedAt: new Date(),
  });
  const root = await readRootId(domain.store.read, owner);
  const folder = await createFolder(domain, owner.access, { parentId: root, name: `${marker}-dossier` });
  const file = { folderId: folder.id, name: `${marker}.txt` };
  const { node } = await uploadFile(domain, owner.access, file, Buffer.from(`${marker} secret`));
  await createShareLink(domain, owner.access, node.id, { label: marker });

  await signIn(stranger);
  ids = await collectIds();
});
after(() => suite.close());

/** From then on the requests of `send` are this person's. */
async function signIn(person: TownPerson): Promise<void> {
  const { identity } = suite.domain;
  const client = { remoteAddress: "127.0.0.1", userAgent: undefined };
  const { token, csrfToken, familyId } = await openPortalSession(identity, person.viewer, client);
  sessions.set("portal", { cookie: `bouquet=${token}`, "x-bouquet-csrf": csrfToken });
  for (const service of ["mail", "drive"] as const) {
    const opened = await openServiceSession(identity, { uid: person.uid, familyId, service, client });
    sessions.set(service, { cookie: `bouquet=${opened.token}`, "x-bouquet-csrf": opened.csrfToken });
  }
}

/** Every identifier in the rows of the owner's organization, whatever the column is called. */
async function collectIds(): Promise<string[]> {
  const { store } = suite.domain;
  const columns = await sql<{ table: string; column: string }>`
    SELECT c.table_name AS table, c.column_name AS column FROM information_schema.columns c
    JOIN information_schema.columns o ON o.table_name = c.table_name AND o.column_name = 'organization_id' AND o.table_schema = 'public'
    WHERE c.table_schema = 'public' AND (c.data_type = 'uuid' OR c.column_name IN ('uid', 'file_id', 'login', 'address'))
    ORDER BY 1, 2`.execute(store.read);
  const found = new Set<string>();
  for (const { table, column } of columns.rows) {
    const rows = await sql<{ id: string | null }>`
      SELECT DISTINCT ${sql.ref(column)}::text AS id FROM ${sql.table(table)} WHERE organization_id = ${owner.organizationId}`.execute(
      store.read,
    );
    for (const { id } of rows.rows) if (id !== null && id.length > 3) found.add(id);
  }
  return [...found];
}

/** Everything the owner's organization has, but for when credentials were last used. */
async function fingerprint(): Promise<string> {
  const { store } = suite.domain;
  // The index of texts follows by itself, whoever asks what.
  const tables = await sql<{ name: string }>`
    SELECT table_name AS name FROM information_schema.columns
    WHERE table_schema = 'public' AND column_name = 'organization_id' AND table_name NOT IN
      ('session', 'app_password', 'presence', 'message_text', 'message_tokens', 'message_header')
    ORDER BY 1`.execute(store.read);
  const hash = createHash("sha256");
  for (const { name } of tables.rows) {
    const rows = await sql<{ row: string }>`
      SELECT t::text AS row FROM ${sql.table(name)} t WHERE organization_id = ${owner.organizationId} ORDER BY 1`.execute(
      store.read,
    );
    hash.update(name).update(JSON.stringify(rows.rows));
  }
  return hash.digest("hex");
}

interface Answer {
  status: number;
  text: string;
}

function send(route: Route, path: string, body?: unknown): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const origin = suite.origins[route.service];
  const json = body === undefined ? undefined : JSON.stringify(body);
  const sent = request(
    {
      host: "127.0.0.1",
      port: suite.port("http"),
      path,
      method: route.method,
      headers: {
        host: new URL(origin).host,
        origin,
        ...sessions.get(route.service),
        ...(json !== undefined && { "content-type": "application/json", "content-length": Buffer.byteLength(json) }),
      },
    },
    (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("latin1") }),
      );
    },
  );
  sent.on("error", reject);
  sent.end(json);
  return promise;
}

/** After all that the test made, and before now. */
const momentAgo = (): string => new Date(Date.now() - 1_000).toISOString();

/** What a route that changes something is sent, with the identifier wherever one may stand. */
const bodies: Readonly<Record<string, (id: string) => unknown[]>> = {
  "POST /api/drive/folders": (id) => [{ parentId: id, name: "x" }],
  "PATCH /api/drive/nodes/:id": () => [{ name: "x" }],
  "POST /api/drive/nodes/move": (id) => [
    { ids: [id], folderId: strangerRoot },
    { ids: [strangerRoot], folderId: id },
  ],
  "POST /api/drive/nodes/copy": (id) => [
    { ids: [id], folderId: strangerRoot },
    { ids: [strangerRoot], folderId: id },
  ],
  "POST /api/drive/nodes/trash": (id) => [{ ids: [id] }],
  "POST /api/drive/trash/restore": (id) => [{ ids: [id] }],
  "POST /api/drive/trash/delete": (id) => [{ ids: [id] }],
  "POST /api/drive/trash/empty": (id) => [{ accountId: id }],
  "POST /api/mail/moderation/:id": () => [{ verdict: "accept" }],
  "POST /moderation/:token": () => [{ verdict: "accept" }],
  "POST /api/mail/recovery/messages": (id) => [{ accountId: id, ids: [id] }],
  "POST /api/mail/recovery/mailboxes": (id) => [{ accountId: id, mailboxId: id }],
  "POST /api/mail/recovery/period": (id) => [
    { accountId: id, since: "2020-01-01T00:00:00Z", until: "2100-01-01T00:00:00Z" },
  ],
  "PUT /api/mail/forward": (id) => [{ accountId: id, forward: { addresses: ["x@x.example"], keepsCopy: true } }],
  "PUT /api/mail/sharing": (id) => [
    { accountId: id, identifier: "x@x.example", rights: ["read"] },
    { accountId: id, mailboxId: id, identifier: id, rights: [] },
  ],
  "PUT /api/mail/sharing/personal-seen": (id) => [{ accountId: id, isPersonal: true }],
  "POST /api/people/:uid/deleted-mail": () => [{ since: "2020-01-01T00:00:00Z", until: "2100-01-01T00:00:00Z" }],
  "POST /api/mail/sender-rules": () => [{ kind: "block", pattern: "x.example" }],
  "PATCH /api/mail/screening-policy": () => [{ virus: "refuse" }],
  "POST /api/drive/nodes/weigh": (id) => [{ ids: [id], act: "trash" }],
  "POST /api/drive/pauses/allow": (id) => [{ accountId: id, deviceId: id }],
  "POST /api/drive/pauses/rollback/preview": (id) => [{ accountId: id, deviceId: id }],
  "POST /api/drive/pauses/rollback": (id) => [{ accountId: id, deviceId: id, state: 1 }],
  "POST /api/drive/folders/:id/weigh": () => [{ paths: ["x.txt"] }],
  "POST /api/drive/folders/:id/rollback/preview": () => [{ at: momentAgo() }],
  "POST /api/drive/folders/:id/rollback": () => [{ at: momentAgo(), state: 1 }],
  "PATCH /api/drive/files/:id/versions/:versionId": () => [{ label: "x" }],
  "POST /api/drive/nodes/:id/shares": (id) => [{ uid: id, rights: ["read"] }],
  "PATCH /api/drive/shares/:number": () => [{ note: "x" }],
  "POST /api/drive/shares/restore": (id) => [{ undo: id }],
  "POST /api/drive/nodes/:id/links": () => [{ label: "x" }],
  "PATCH /api/drive/links/:id": () => [{ label: "x" }],
};

/** Routes that are not about an identifier, or end the session that the test lives by. */
const leftOut =
  /^(POST \/api\/(sign-out|sign-in|password(-check)?|app-passwords|devices|sessions\/revoke-others)|PATCH \/api\/profile|\S+ \/(oidc|interaction|sign-in|auth|\.well-known|operator|jmap|\*)|GET \/api\/(events|operator))/;

test("no route of the web gives, or changes, anything of another commune by any of its identifiers", async () => {
  const before = await fingerprint();
  let tried = 0;
  for (const route of routes.filter(({ method }) => method !== "HEAD" && method !== "OPTIONS")) {
    const name = `${route.method} ${route.path}`;
    if (leftOut.test(name)) continue;
    const hasParameter = route.path.includes(":");
    const makeBodies = bodies[name];
    if (!hasParameter && !makeBodies && route.method !== "GET") {
      assert.fail(`${name} takes a body: say in this test what identifiers it may hold`);
    }
    for (const id of hasParameter || makeBodies ? ids : ids.slice(0, 200)) {
      const path = route.path
        .replace(/:(name|\*)/g, "x.txt")
        .replace(/:\w+/g, encodeURIComponent(id))
        .replace("*", id);
      const query =
        hasParameter || makeBodies
          ? ""
          : `?accountId=${id}&folderId=${id}&ids=${id}&id=${id}&text=${marker}&q=${marker}`;
      for (const body of makeBodies?.(id) ?? [undefined]) {
        const answer = await send(route, path + query, body);
        tried++;
        assert.ok(answer.status !== 500, `${name} with ${id}: ${answer.status} ${answer.text}`);
        assert.ok(
          !answer.text.includes(marker),
          `${name} with ${id} answered ${answer.status}: ${answer.text.slice(0, 300)}`,
        );
      }
    }
  }
  assert.ok(tried > 1_000, `only ${tried} requests were tried`);
  assert.equal(await fingerprint(), before);
});

test("no method of JMAP does, in the other commune's account or in one's own with its identifiers", async () => {
  const before = await fingerprint();
  const origin = `http://127.0.0.1:${suite.port("http")}`;
  const client = await JmapClient.open(origin, stranger);
  const foreign = ids.filter((id) => /^[0-9a-f-]{36}$/.test(id) || id.startsWith("p"));
  const batchesOf = <T>(all: T[], size: number) =>
    Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, i * size + size));
  for (const name of Object.keys(methods).filter((each) => each !== "Core/echo")) {
    for (const accountId of [owner.accountId, owner.organizationId, owner.principalId, owner.uid]) {
      const given = { accountId, fromAccountId: accountId, ids: null, filter: { text: marker }, sinceState: "1" };
      const [answered, body] = (await client.calls([name, given]))[0]!;
      assert.equal(answered, "error", `${name} in the account ${accountId}: ${JSON.stringify(body)}`);
    }
    const own = { accountId: client.accountId };
    for (const batch of batchesOf(foreign, 100)) {
      const asKeys = Object.fromEntries(
        batch.map((id) => [id, { name: "x", mailboxIds: { [id]: true }, blobId: id, id }]),
      );
      const variants: object[] = [
        { ...own, ids: batch },
        { ...own, emailIds: batch, filter: { text: marker } },
        { ...own, blobIds: batch },
        { ...own, emails: asKeys },
        { ...own, update: asKeys, destroy: batch },
        { ...own, create: asKeys, fromAccountId: owner.accountId },
        ...batch.slice(0, 20).map((id) => ({ ...own, filter: { inMailbox: id } })),
      ];
      for (const part of batchesOf(variants, 10)) {
        const answers = await client.calls(...part.map((given): [string, object] => [name, given]));
        assert.ok(!JSON.stringify(answers).includes(marker), `${name}: ${JSON.stringify(answers).slice(0, 400)}`);
      }
    }
  }
  for (const id of foreign) {
    for (const [account, blob] of [
      [client.accountId, id],
      [owner.accountId, id],
      [client.accountId, `${id}.1`],
    ] as const) {
      const answer = await fetch(`${origin}/jmap/download/${account}/${blob}/x.txt?accept=text/plain`, {
        headers: client.headers,
      });
      assert.ok(answer.status >= 400, `download of ${blob} in ${account}: ${answer.status}`);
      assert.ok(!(await answer.text()).includes(marker));
    }
    const upload = await fetch(`${origin}/jmap/upload/${id}/`, { method: "POST", headers: client.headers, body: "x" });
    assert.ok(upload.status >= 400, `upload into ${id}: ${upload.status}`);
  }
  assert.equal(await fingerprint(), before);
});

test("IMAP shows and opens nothing of the other commune, and nobody writes in its name", async () => {
  const before = await fingerprint();
  const imap = new ImapFlow({
    host: "127.0.0.1",
    port: suite.port("imap"),
    auth: { user: stranger.address, pass: stranger.appPassword },
    logger: false,
    tls: { rejectUnauthorized: false },
  });
  await imap.connect();
  try {
    const listed = JSON.stringify(await imap.list());
    assert.ok(!listed.includes(marker) && !listed.includes("quetzal"), listed);
    const names = ["", owner.address, owner.uid, owner.accountId, marker].flatMap((name) => [
      `Other Users/${name}/INBOX`,
      `Shared/${name}/INBOX`,
      `Shared/${name}`,
      `../${name}/INBOX`,
      `user/${name}`,
    ]);
    for (const name of names) await assert.rejects(imap.mailboxOpen(name), name);
    await imap.mailboxOpen("INBOX");
    for (const id of ids.slice(0, 50)) assert.deepEqual(await imap.search({ emailId: id }), [], id);
  } finally {
    await imap.logout();
  }
  const submission = nodemailer.createTransport({
    host: "127.0.0.1",
    port: suite.port("submission"),
    auth: { user: stranger.address, pass: stranger.appPassword },
    tls: { rejectUnauthorized: false },
  });
  for (const envelope of [owner.address, stranger.address]) {
    await assert.rejects(
      submission.sendMail({
        envelope: { from: envelope, to: stranger.address },
        from: owner.address,
        to: stranger.address,
        subject: "usurpation",
        text: "x",
      }),
      /5\d\d/,
    );
  }
  submission.close();
  assert.equal(await fingerprint(), before);
});

test("the same requests do show all of it to its owner", async () => {
  await signIn(owner);
  const seen = new Set<string>();
  for (const route of routes.filter(({ method, path }) => method === "GET" && path.startsWith("/api/"))) {
    const name = `${route.method} ${route.path}`;
    if (leftOut.test(name)) continue;
    for (const id of route.path.includes(":") ? ids : [""]) {
      const path = route.path.replace(/:\w+/g, encodeURIComponent(id));
      const answer = await send(route, route.path.includes("search") ? `${path}?text=${marker}` : path);
      if (answer.text.includes(marker)) seen.add(name);
    }
  }
  const [, listed] = (
    await (
      await JmapClient.open(`http://127.0.0.1:${suite.port("http")}`, owner)
    ).calls([
      "Email/get",
      { accountId: owner.accountId, ids: ids.filter((id) => /^[0-9a-f-]{36}$/.test(id)).slice(0, 400) },
    ])
  )[0]!;
  assert.ok(JSON.stringify(listed).includes(marker));
  assert.ok(seen.size >= 6, `only ${[...seen].join(", ")}`);
});
