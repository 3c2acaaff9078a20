import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Email } from "@bouquet/contract/jmap-mail.ts";
import { createTransport } from "nodemailer";
import { JmapClient } from "../harness/jmap-client.ts";
import { startSuite, type TestSuite } from "../harness/start-suite.ts";
import { createTownHall, type TownHall, type TownPerson } from "../harness/town-hall.ts";

let suite: TestSuite;
let town: TownHall;
let lea: TownPerson;
let tom: TownPerson;
let client: JmapClient;

before(async () => {
  suite = await startSuite();
  town = await createTownHall(suite.domain, "Bourg-Fleuri", "bourg-fleuri.example");
  lea = await town.addPerson("Léa Martin");
  tom = await town.addPerson("Tom Petit");
  client = await JmapClient.open(`http://127.0.0.1:${suite.port("http")}`, lea);
});
after(() => suite?.close());

async function receive(options: Record<string, unknown>): Promise<void> {
  const transport = createTransport({ host: "127.0.0.1", port: suite.port("smtp"), ignoreTLS: true });
  await transport.sendMail({ from: "Paul <paul@exterieur.example>", to: lea.address, ...options });
  transport.close();
}

async function newest(properties: string[], extra: object = {}): Promise<Partial<Email> & { id: string }> {
  const [, got] = await client.calls(
    ["Email/query", { accountId: client.accountId, limit: 1 }],
    [
      "Email/get",
      {
        accountId: client.accountId,
        "#ids": { resultOf: "c0", name: "Email/query", path: "/ids" },
        properties,
        ...extra,
      },
    ],
  );
  return (got![1].list as (Partial<Email> & { id: string })[])[0]!;
}

test("a mail that came by SMTP is listed with its mailbox, read by references and decoded", async () => {
  await receive({
    subject: "Fête du 14 juillet",
    text: "Bonjour Léa,\r\nvoici le programme.",
    html: "<p>Bonjour Léa,</p><p>voici le <b>programme</b>.</p>",
    attachments: [{ filename: "programme d'été.txt", content: "10 h : défilé\n" }],
    references: ["<a@x.example>", "<b@x.example>"],
    inReplyTo: "<b@x.example>",
  });
  const email = await newest(
    [
      "subject",
      "from",
      "references",
      "inReplyTo",
      "keywords",
      "mailboxIds",
      "preview",
      "hasAttachment",
      "textBody",
      "htmlBody",
      "attachments",
      "bodyValues",
      "header:Subject:asRaw",
      "header:To:asAddresses",
      "header:X-None:asText",
      "header:Received:asRaw:all",
    ],
    {
      fetchTextBodyValues: true,
      fetchHTMLBodyValues: true,
      bodyProperties: ["partId", "blobId", "size", "type", "name"],
    },
  );
  assert.equal(email.subject, "Fête du 14 juillet");
  assert.deepEqual(email.from, [{ name: "Paul", email: "paul@exterieur.example" }]);
  assert.deepEqual(email.references, ["a@x.example", "b@x.example"]);
  assert.deepEqual(email.inReplyTo, ["b@x.example"]);
  assert.deepEqual(email.keywords, {});
  assert.deepEqual(email.mailboxIds, { [await client.mailboxId("inbox")]: true });
  assert.equal(email.hasAttachment, true);
  assert.match(email.preview!, /^Bonjour Léa, voici le programme/);
  assert.equal(email.bodyValues![email.textBody![0]!.partId!]!.value.trim(), "Bonjour Léa,\nvoici le programme.");
  assert.match(email.bodyValues![email.htmlBody![0]!.partId!]!.value, /<b>programme<\/b>/);
  assert.match(String((email as Record<string, unknown>)["header:Subject:asRaw"]), /^ =\?UTF-8\?/i);
  assert.deepEqual((email as Record<string, unknown>)["header:To:asAddresses"], [{ name: null, email: lea.address }]);
  assert.equal((email as Record<string, unknown>)["header:X-None:asText"], null);
  assert.ok(((email as Record<string, unknown>)["header:Received:asRaw:all"] as string[]).length >= 1);

  const [attachment] = email.attachments!;
  assert.equal(attachment!.name, "programme d'été.txt");
  assert.equal(attachment!.size, Buffer.byteLength("10 h : défilé\n"));
  const download = await client.download(attachment!.blobId!, attachment!.name!, attachment!.type);
  assert.equal(download.status, 200);
  assert.equal(await download.text(), "10 h : défilé\n");
  assert.match(download.headers.get("content-security-policy")!, /sandbox/);
  const range = await client.download(attachment!.blobId!, "x", "text/html", { range: "bytes=0-3" });
  assert.equal(range.status, 206);
  assert.equal(await range.text(), "10 h");
  assert.match(range.headers.get("content-disposition")!, /^attachment/);
});

test("a draft is made with attachments, sent to a colleague, and filed in Sent by the same request", async () => {
  const bytes = Buffer.from([...Array(5_000).keys()].map((n) => n % 256));
  const upload = await client.upload(bytes, "application/pdf");
  const drafts = await client.mailboxId("drafts");
  const sent = await client.mailboxId("sent");
  const { list: identities } = await client.call("Identity/get", { ids: null });
  assert.equal(identities[0]!.email, lea.address);
  const responses = await client.calls(
    [
      "Email/set",
      {
        accountId: client.accountId,
        create: {
          draft: {
            mailboxIds: { [drafts]: true },
            keywords: { $draft: true, $seen: true },
            from: [{ name: "Léa Martin", email: lea.address }],
            to: [{ name: "Tom « le » Petit", email: tom.address }],
            bcc: [{ name: null, email: lea.address }],
            subject: "Délibération n° 12 — à relire",
            inReplyTo: ["b@x.example"],
            references: ["a@x.example", "b@x.example"],
            textBody: [{ partId: "t", type: "text/plain" }],
            htmlBody: [{ partId: "h", type: "text/html" }],
            attachments: [{ blobId: upload.blobId, type: "application/pdf", name: "délibération.pdf" }],
            bodyValues: { t: { value: "Bonjour\n\nÀ relire." }, h: { value: "<p>Bonjour</p><p>À relire.</p>" } },
            "header:X-Priority": " 1",
          },
        },
      },
    ],
    [
      "EmailSubmission/set",
      {
        accountId: client.accountId,
        create: { sub: { identityId: identities[0]!.id, emailId: "#draft" } },
        onSuccessUpdateEmail: {
          "#sub": { [`mailboxIds/${drafts}`]: null, [`mailboxIds/${sent}`]: true, "keywords/$draft": null },
        },
      },
    ],
  );
  assert.deepEqual(
    responses.map(([name, , id]) => [name, id]),
    [
      ["Email/set", "c0"],
      ["EmailSubmission/set", "c1"],
      ["Email/set", "c1"],
    ],
    JSON.stringify(responses),
  );
  const draft = (responses[0]![1].created as Record<string, { id: string; size: number }>).draft!;
  const submission = (responses[1]![1].created as Record<string, { id: string; undoStatus: string }>).sub!;
  assert.equal(submission.undoStatus, "final");
  const { list } = await client.call("Email/get", {
    ids: [draft.id],
    properties: ["mailboxIds", "keywords", "bcc", "size", "subject", "to", "header:X-Priority"],
  });
  assert.deepEqual(list[0]!.mailboxIds, { [sent]: true });
  assert.deepEqual(list[0]!.keywords, { $seen: true });
  assert.deepEqual(list[0]!.bcc, [{ name: null, email: lea.address }]);
  assert.equal(list[0]!.size, draft.size);
  assert.equal((list[0] as Record<string, unknown>)["header:X-Priority"], " 1");

  const colleague = await JmapClient.open(client.origin, tom);
  const { ids } = await colleague.call("Email/query", { filter: { subject: "relire" } });
  const received = await colleague.call("Email/get", {
    ids,
    properties: ["subject", "bcc", "to", "references", "attachments", "bodyValues", "textBody"],
    fetchTextBodyValues: true,
  });
  const email = received.list[0]!;
  assert.equal(email.subject, "Délibération n° 12 — à relire");
  assert.equal(email.bcc, null);
  assert.deepEqual(email.to, [{ name: "Tom « le » Petit", email: tom.address }]);
  assert.deepEqual(email.references, ["a@x.example", "b@x.example"]);
  assert.equal(email.attachments![0]!.name, "délibération.pdf");
  assert.equal(email.attachments![0]!.size, bytes.length);
  const copy = await colleague.download(email.attachments![0]!.blobId!, "x.pdf", "application/pdf");
  assert.deepEqual(Buffer.from(await copy.arrayBuffer()), bytes);

  const { list: sentList } = await client.call("EmailSubmission/get", { ids: [submission.id] });
  assert.equal(sentList[0]!.emailId, draft.id);
  assert.equal(sentList[0]!.deliveryStatus![tom.address]!.delivered, "yes");
});

test("a message that waits can be taken back, one that left cannot", async () => {
  const drafts = await client.mailboxId("drafts");
  const { list: identities } = await client.call("Identity/get", { ids: null });
  const make = async () => {
    const { created } = await client.call("Email/set", {
      create: {
        d: {
          mailboxIds: { [drafts]: true },
          from: [{ name: null, email: lea.address }],
          to: [{ name: null, email: tom.address }],
          subject: "Attendez",
          bodyValues: { t: { value: "…" } },
          textBody: [{ partId: "t" }],
        },
      },
    });
    return created!.d!.id;
  };
  const later = {
    mailFrom: { email: lea.address, parameters: { HOLDFOR: "600" } },
    rcptTo: [{ email: tom.address }],
  };
  const { created } = await client.call("EmailSubmission/set", {
    create: { s: { identityId: identities[0]!.id, emailId: await make(), envelope: later } },
  });
  assert.equal(created!.s!.undoStatus, "pending");
  const canceled = await client.call("EmailSubmission/set", {
    update: { [created!.s!.id]: { undoStatus: "canceled" } },
  });
  assert.ok(created!.s!.id in canceled.updated!, JSON.stringify(canceled));
  const again = await client.call("EmailSubmission/get", { ids: [created!.s!.id] });
  assert.equal(again.list[0]!.undoStatus, "canceled");

  const now = await client.call("EmailSubmission/set", {
    create: { s: { identityId: identities[0]!.id, emailId: await make() } },
  });
  const refused = await client.call("EmailSubmission/set", {
    update: { [now.created!.s!.id]: { undoStatus: "canceled" } },
  });
  assert.equal(refused.notUpdated![now.created!.s!.id]!.type, "cannotUnsend");
});

test("nobody sends in the name of another", async () => {
  const drafts = await client.mailboxId("drafts");
  const { list: identities } = await client.call("Identity/get", { ids: null });
  const create = (from: string) => ({
    mailboxIds: { [drafts]: true as const },
    from: [{ name: null, email: from }],
    to: [{ name: null, email: tom.address }],
    subject: "Faux",
  });
  const { created } = await client.call("Email/set", {
    create: { own: create(lea.address), false: create(tom.address) },
  });
  const envelope = (email: string) => ({ mailFrom: { email }, rcptTo: [{ email: tom.address }] });
  const identityId = identities[0]!.id;
  const { notCreated } = await client.call("EmailSubmission/set", {
    create: {
      from: { identityId, emailId: created!.false!.id, envelope: envelope(lea.address) },
      path: { identityId, emailId: created!.own!.id, envelope: envelope(tom.address) },
      nobody: { identityId, emailId: created!.own!.id, envelope: { ...envelope(lea.address), rcptTo: [] } },
      wrong: {
        identityId,
        emailId: created!.own!.id,
        envelope: { mailFrom: { email: lea.address }, rcptTo: [{ email: `nul@${town.domain}` }, { email: "pas une" }] },
      },
      unknown: {
        identityId,
        emailId: created!.own!.id,
        envelope: { mailFrom: { email: lea.address }, rcptTo: [{ email: `nul@${town.domain}` }] },
      },
      identity: { identityId: "i0", emailId: created!.own!.id },
      email: { identityId, emailId: "e0" },
    },
  });
  assert.deepEqual(Object.fromEntries(Object.entries(notCreated!).map(([key, error]) => [key, error.type])), {
    from: "forbiddenFrom",
    path: "forbiddenMailFrom",
    nobody: "noRecipients",
    wrong: "invalidRecipients",
    unknown: "invalidRecipients",
    identity: "invalidProperties",
    email: "invalidProperties",
  });
  assert.deepEqual(notCreated!.unknown!.invalidRecipients, [`nul@${town.domain}`]);
});

test("keywords and mailboxes are patched, and /changes tells what changed", async () => {
  await receive({ subject: "À classer", text: "Bonjour" });
  const { id } = await newest(["id"]);
  const [inbox, archive] = [await client.mailboxId("inbox"), await client.mailboxId("archive")];
  const since = await client.call("Email/get", { ids: [], properties: ["id"] });
  const result = await client.call("Email/set", {
    ifInState: since.state,
    update: {
      [id]: {
        "keywords/$seen": true,
        "keywords/Urgent": true,
        [`mailboxIds/${archive}`]: true,
        [`mailboxIds/${inbox}`]: null,
      },
      nothing: { "keywords/$seen": true },
    },
  });
  assert.deepEqual(result.updated, { [id]: null });
  assert.equal(result.notUpdated!.nothing!.type, "notFound");
  assert.notEqual(result.newState, result.oldState);
  const { list } = await client.call("Email/get", { ids: [id], properties: ["keywords", "mailboxIds"] });
  assert.deepEqual(list[0], { id, keywords: { $seen: true, urgent: true }, mailboxIds: { [archive]: true } });
  const changes = await client.call("Email/changes", { sinceState: since.state });
  assert.deepEqual([changes.created, changes.updated, changes.destroyed], [[], [id], []]);
  assert.equal(changes.newState, result.newState);
  assert.equal(
    await client.failure("Email/set", { accountId: client.accountId, ifInState: since.state, destroy: [id] }),
    "stateMismatch",
  );
  const wrong = await client.call("Email/set", {
    update: {
      [id]: { "keywords/$seen": true, keywords: {} },
    },
  });
  assert.equal(wrong.notUpdated![id]!.type, "invalidPatch");
  for (const patch of [{ subject: "x" }, { "mailboxIds/a/b": true }, { mailboxIds: {} }, { "keywords/a b": true }]) {
    const { notUpdated } = await client.call("Email/set", { update: { [id]: patch } });
    assert.match(notUpdated![id]!.type, /^invalid(Properties|Patch)$/, JSON.stringify(patch));
  }
  const destroyed = await client.call("Email/set", { destroy: [id, "nothing"] });
  assert.deepEqual(destroyed.destroyed, [id]);
  assert.equal(destroyed.notDestroyed!.nothing!.type, "notFound");
  const after = await client.call("Email/changes", { sinceState: changes.newState });
  assert.deepEqual(after.destroyed, [id]);
});

test("a tree of mailboxes is made, moved and destroyed by single calls", async () => {
  const made = await client.call("Mailbox/set", {
    create: {
      child: { name: "2026", parentId: "#parent" },
      parent: { name: "Marchés publics" },
      bad: { name: "a/b" },
      orphan: { name: "x", parentId: "#nobody" },
    },
  });
  assert.equal(made.notCreated!.bad!.type, "invalidProperties");
  assert.deepEqual(made.notCreated!.orphan!.properties, ["parentId"]);
  const [parent, child] = [made.created!.parent!.id, made.created!.child!.id];
  const twice = await client.call("Mailbox/set", { create: { p: { name: "Marchés publics" } } });
  assert.deepEqual(twice.notCreated!.p!.properties, ["name"]);
  const { ids } = await client.call("Mailbox/query", { filter: { parentId: parent } });
  assert.deepEqual(ids, [child]);
  const inbox = await client.mailboxId("inbox");
  const refused = await client.call("Mailbox/set", {
    destroy: [parent, inbox],
    update: { [inbox]: { name: "Arrivée" } },
  });
  assert.equal(refused.notDestroyed![parent]!.type, "mailboxHasChild");
  assert.equal(refused.notDestroyed![inbox]!.type, "forbidden");
  assert.equal(refused.notUpdated![inbox]!.type, "willDestroy");
  const moved = await client.call("Mailbox/set", {
    update: { [child]: { parentId: null, name: "Archives 2026", sortOrder: 7, isSubscribed: false } },
  });
  assert.deepEqual(moved.updated, { [child]: null });
  const { list } = await client.call("Mailbox/get", { ids: [child], properties: ["name", "parentId", "sortOrder"] });
  assert.deepEqual(list, [{ id: child, name: "Archives 2026", parentId: null, sortOrder: 7 } as never]);
  const gone = await client.call("Mailbox/set", { destroy: [parent, child] });
  assert.deepEqual(gone.destroyed?.toSorted(), [parent, child].sort());
});

test("a whole message is imported, parsed and found, and its snippet is safe HTML", async () => {
  const text = [
    "From: Zoé <zoe@exterieur.example>",
    `To: ${lea.address}`,
    "Subject: Devis <i>toiture</i>",
    "Date: Mon, 02 Feb 2026 10:00:00 +0100",
    "Message-ID: <devis@exterieur.example>",
    "",
    "Le devis de la toiture & des gouttières.",
    "",
  ].join("\r\n");
  const upload = await client.upload(Buffer.from(text), "message/rfc822");
  const parsed = await client.call("Email/parse", {
    blobIds: [upload.blobId, "nothing"],
    properties: ["subject", "from"],
  });
  assert.equal(parsed.parsed![upload.blobId]!.subject, "Devis <i>toiture</i>");
  assert.deepEqual(parsed.notFound, ["nothing"]);
  const mailboxIds = { [await client.mailboxId("archive")]: true as const };
  const imported = await client.call("Email/import", {
    emails: {
      good: { blobId: upload.blobId, mailboxIds, keywords: { $seen: true }, receivedAt: "2026-02-02T09:00:00Z" },
      none: { blobId: "nothing", mailboxIds },
      nowhere: { blobId: upload.blobId, mailboxIds: {} },
    },
  });
  assert.equal(imported.notCreated!.none!.type, "invalidProperties");
  assert.equal(imported.notCreated!.nowhere!.type, "invalidProperties");
  const id = imported.created!.good!.id;
  const filter = { text: "toitures" };
  const found = await client.call("Email/query", { filter, calculateTotal: true });
  assert.deepEqual([found.ids, found.total], [[id], 1]);
  const { list } = await client.call("SearchSnippet/get", { filter, emailIds: [id] });
  assert.equal(list[0]!.subject, "Devis &lt;i&gt;<mark>toiture</mark>&lt;/i&gt;");
  assert.match(list[0]!.preview!, /<mark>toiture<\/mark> &amp; des gouttières/);
  const { list: whole } = await client.call("Email/get", {
    ids: [id],
    properties: ["blobId", "receivedAt", "sentAt", "headers"],
  });
  assert.equal(whole[0]!.receivedAt, "2026-02-02T09:00:00Z");
  assert.equal(whole[0]!.sentAt, "2026-02-02T09:00:00Z");
  assert.deepEqual(whole[0]!.headers![0], { name: "From", value: " Zoé <zoe@exterieur.example>" });
  assert.equal(await (await client.download(whole[0]!.blobId!, "devis.eml", "message/rfc822")).text(), text);
});

test("the quota and the recipients of the directory are told", async () => {
  const { list } = await client.call("Quota/get", { ids: null });
  assert.equal(list[0]!.hardLimit, 2e9);
  assert.ok(list[0]!.used > 0);
  const recipients = await client.call("Recipient/query", { filter: { text: "pet" } });
  assert.deepEqual(recipients.list, [{ name: "Tom Petit", email: tom.address, kind: "person" }]);
});

test("nothing went wrong on the server meanwhile", () => {
  assert.deepEqual(
    suite.log.filter((line) => String(line.area ?? "").startsWith("jmap")),
    [],
  );
});
