import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, before, test } from "node:test";
import SMTPConnection from "nodemailer/lib/smtp-connection/index.js";
import { openPortalSession, openServiceSession } from "../../src/domain/identity/open-session.ts";
import { moveMessages } from "../../src/domain/mail/move-messages.ts";
import { openMessageBytes } from "../../src/domain/mail/open-message.ts";
import { readMailboxMessages } from "../../src/domain/mail/read-mailbox-messages.ts";
import { readSelection } from "../../src/domain/mail/read-selection.ts";
import { scanHeldMail } from "../../src/domain/mail/screening/scan-held-mail.ts";
import { writeZip } from "../../src/formats/zip/write-zip.ts";
import { eicar, gtube, type RunningScanner, startClamd, startRspamd } from "../harness/mail-scanners.ts";
import { type SmtpSink, startSmtpSink } from "../harness/smtp-sink.ts";
import { startSuite, type TestSuite } from "../harness/start-suite.ts";
import { createTownHall, type TownPerson } from "../harness/town-hall.ts";
import { until } from "../harness/until.ts";

const sender = "paul@ext.example";
let directory: string;
let clamd: RunningScanner;
let rspamd: RunningScanner;
let sink: SmtpSink;
let suite: TestSuite;
let person: TownPerson;
let administrator: TownPerson;
let operator: TownPerson;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "bouquet-screened-"));
  [clamd, rspamd, sink] = await Promise.all([
    startClamd({ socketPath: join(directory, "clamd.socket") }),
    startRspamd(),
    startSmtpSink(),
  ]);
  suite = await startSuite({
    settings: {
      BOUQUET_MAIL_ROUTES: `*=127.0.0.1:${sink.port}`,
      BOUQUET_CLAMD: `unix:${clamd.socketPath}`,
      BOUQUET_RSPAMD_URL: `http://127.0.0.1:${rspamd.port}`,
    },
  });
  const hall = await createTownHall(suite.domain, "Les Essarts", "essarts.example");
  person = await hall.addPerson("Odile Martin");
  administrator = await hall.addPerson("Marc Petit", { roles: ["member_administrator"] });
  operator = await hall.addPerson("Vera Loin", { roles: ["operator"] });
});
after(async () => {
  await suite?.close();
  await Promise.all([clamd?.stop(), rspamd?.stop(), sink?.close()]);
  await rm(directory, { recursive: true, force: true });
});

interface Attachment {
  name: string;
  bytes: Buffer;
}

function compose(subject: string, text: string, attachment?: Attachment, from = sender): string {
  const head = `From: <${from}>\r\nTo: <${person.address}>\r\nSubject: ${subject}\r\nDate: ${new Date().toUTCString()}\r\nMessage-ID: <${subject}@ext.example>\r\nMIME-Version: 1.0\r\n`;
  if (!attachment) return `${head}\r\n${text}\r\n`;
  const body = attachment.bytes.toString("base64").replace(/.{76}/g, "$&\r\n");
  return (
    `${head}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n${text}\r\n--b\r\n` +
    `Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=${attachment.name}\r\n\r\n${body}\r\n--b--\r\n`
  );
}

/** @returns the last reply, a refusal too */
async function send(message: string, submit?: { as: TownPerson; to: string }): Promise<string> {
  const connection = new SMTPConnection({
    host: "127.0.0.1",
    port: suite.port(submit ? "submission" : "smtp"),
    ignoreTLS: true,
  });
  try {
    await new Promise<void>((resolve, reject) => {
      connection.once("error", reject);
      connection.connect((error) => (error ? reject(error) : resolve()));
    });
    if (submit) {
      const credentials = { user: submit.as.address, pass: submit.as.appPassword };
      await new Promise<void>((resolve, reject) =>
        connection.login({ credentials }, (error) => (error ? reject(error) : resolve())),
      );
    }
    const envelope = submit ? { from: submit.as.address, to: [submit.to] } : { from: sender, to: [person.address] };
    return await new Promise<string>((resolve, reject) =>
      connection.send(envelope, message, (error, info) => {
        if (!error) resolve(info.response);
        else if ("response" in error && typeof error.response === "string") resolve(error.response);
        else reject(error);
      }),
    );
  } finally {
    connection.close();
  }
}

async function open(who: TownPerson, role: string) {
  const { read } = suite.domain.store;
  const { id } = await read
    .selectFrom("mailbox")
    .select("id")
    .where("account_id", "=", who.accountId)
    .where("role", "=", role)
    .executeTakeFirstOrThrow();
  const { uids } = await readSelection(read, who.access, id);
  const texts: string[] = [];
  for (const message of await readMailboxMessages(read, who.access, id, uids)) {
    const source = await openMessageBytes(suite.domain.mail, who.access, message.messageId);
    texts.push(Buffer.concat(await source.open().toArray()).toString());
  }
  return { id, uids, texts };
}

const has = async (who: TownPerson, subject: string) =>
  (await open(who, "inbox")).texts.filter((text) => text.includes(`Subject: ${subject}\r\n`)).length;

async function callAs(who: TownPerson) {
  const { identity } = suite.domain;
  const client = { remoteAddress: "127.0.0.1", userAgent: undefined };
  const { familyId } = await openPortalSession(identity, who.viewer, client);
  const session = await openServiceSession(identity, { uid: who.uid, familyId, service: "mail", client });
  const origin = suite.origins.mail;
  return (method: string, path: string, json?: object) => {
    const { promise, resolve, reject } = Promise.withResolvers<{
      status: number;
      body: ReturnType<typeof JSON.parse>;
    }>();
    const body = json === undefined ? undefined : JSON.stringify(json);
    const headers = {
      host: new URL(origin).host,
      origin,
      cookie: `bouquet=${session.token}`,
      "x-bouquet-csrf": session.csrfToken,
      ...(body !== undefined && { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
    };
    request({ host: "127.0.0.1", port: suite.port("http"), path: `/api/mail${path}`, method, headers }, (response) => {
      response
        .toArray()
        .then((chunks) => Buffer.concat(chunks).toString())
        .then(
          (text) => resolve({ status: response.statusCode ?? 0, body: text === "" ? undefined : JSON.parse(text) }),
          reject,
        );
    })
      .on("error", reject)
      .end(body);
    return promise;
  };
}

test("an ordinary message arrives and says that it was looked at", async () => {
  assert.match(await send(compose("Ordinaire", "Bonjour")), /^250 /);
  const [text] = (await open(person, "inbox")).texts;
  assert.match(text!, /\r\nX-Spam-Status: No, score=/);
  assert.match(text!, /\r\nX-Virus-Scanned: clean\r\n/);
});

test("GTUBE is refused by rspamd at the end of DATA", async () => {
  assert.match(await send(compose("Pourriel", gtube)), /^550 5\.7\.1 The message looks like spam/);
  assert.equal(await has(person, "Pourriel"), 0);
});

test("EICAR in an attachment and in a zip is quarantined; its person sees it, only an administrator releases it", async () => {
  const zip = await writeZip([
    {
      path: "dossier/eicar.com",
      modifiedAt: new Date(),
      file: { size: eicar.length, compress: true, open: () => Readable.from([Buffer.from(eicar)]) },
    },
  ]).toArray();
  assert.match(await send(compose("Virus", "Voir", { name: "eicar.com", bytes: Buffer.from(eicar) })), /^250 /);
  assert.match(await send(compose("VirusZip", "Voir", { name: "f.zip", bytes: Buffer.concat(zip) })), /^250 /);
  assert.equal((await has(person, "Virus")) + (await has(person, "VirusZip")), 0);

  const own = await callAs(person);
  const everyone = await callAs(administrator);
  const mine = `?accountId=${person.accountId}`;
  const { status, body } = await own("GET", `/quarantine${mine}`);
  assert.equal(status, 200);
  assert.deepEqual(
    body.messages.map((each: { subject: string; reason: string; mayRelease: boolean }) => [
      each.subject,
      each.reason,
      each.mayRelease,
    ]),
    [
      ["VirusZip", "virus", false],
      ["Virus", "virus", false],
    ],
  );
  const [inZip, plain] = body.messages as { id: string }[];
  assert.equal((await own("GET", "/quarantine")).status, 403);
  assert.equal((await own("POST", `/quarantine/${plain!.id}/release${mine}`)).status, 403);
  assert.equal((await everyone("GET", `/quarantine${mine}`)).status, 404);
  assert.equal((await everyone("POST", `/quarantine/${plain!.id}/release`)).status, 204);
  assert.equal((await everyone("POST", `/quarantine/${plain!.id}/release`)).status, 404);
  assert.equal(await has(person, "Virus"), 1);
  assert.equal((await own("DELETE", `/quarantine/${inZip!.id}${mine}`)).status, 204);
  assert.deepEqual((await everyone("GET", "/quarantine")).body.messages, []);
});

test("a virus cannot be submitted", async () => {
  const infected = compose("Envoi", "Voir", { name: "eicar.com", bytes: Buffer.from(eicar) }, person.address);
  assert.match(
    await send(infected, { as: person, to: "x@elsewhere.example" }),
    /^550 5\.7\.1 The message holds malicious software/,
  );
});

test("people and administrators keep their lists and policy by the API", async () => {
  const own = await callAs(person);
  const everyone = await callAs(administrator);
  const mine = `?accountId=${person.accountId}`;
  const added = await own("POST", `/sender-rules${mine}`, { kind: "block", pattern: "*@EXT.example" });
  assert.deepEqual([added.status, added.body.pattern], [201, "ext.example"]);
  assert.match(await send(compose("Bloque", "Bonjour")), /^250 /);
  assert.equal(await has(person, "Bloque"), 0);
  assert.ok((await open(person, "junk")).texts.some((text) => text.includes("Subject: Bloque")));
  assert.equal((await everyone("DELETE", `/sender-rules/${added.body.id}`)).status, 404);
  assert.equal((await own("DELETE", `/sender-rules/${added.body.id}${mine}`)).status, 204);
  assert.equal((await own("POST", "/sender-rules", { kind: "block", pattern: "ext.example" })).status, 403);
  assert.equal((await own("POST", `/sender-rules${mine}`, { kind: "block", pattern: "?" })).status, 400);

  assert.equal((await own("GET", "/screening-policy")).status, 403);
  assert.equal((await everyone("GET", "/screening-policy")).body.virus, "quarantine");
  assert.equal((await everyone("PATCH", "/screening-policy", { virus: "maybe" })).status, 400);
  const changed = await everyone("PATCH", "/screening-policy", { virus: "refuse", trustedSealers: ["Lists.example"] });
  assert.deepEqual([changed.body.virus, changed.body.trustedSealers], ["refuse", ["lists.example"]]);
  const infected = compose("Refuse", "Voir", { name: "eicar.com", bytes: Buffer.from(eicar) });
  assert.match(await send(infected), /^550 5\.7\.1 The message holds malicious software \(Eicar-Signature/);
});

test("what a person moves to Junk is learned by the running program", async () => {
  await send(compose("Publicite", "Gagnez"));
  const inbox = await open(person, "inbox");
  const uid = inbox.uids[inbox.texts.findIndex((text) => text.includes("Subject: Publicite"))]!;
  const junk = (await open(person, "junk")).id;
  await moveMessages(suite.domain.mail, person.access, { fromMailboxId: inbox.id, toMailboxId: junk, uids: [uid] });
  await until("lesson", () =>
    suite.domain.store.read
      .selectFrom("spam_training")
      .select("verdict")
      .where("account_id", "=", person.accountId)
      .executeTakeFirst(),
  );
});

test("without rspamd mail goes on and a log line says so", async () => {
  await rspamd.stop();
  assert.match(await send(compose("SansRspamd", "Bonjour")), /^250 /);
  assert.equal(await has(person, "SansRspamd"), 1);
  assert.ok(suite.log.some((line) => String(line.msg).includes("our own classifier decides")));
});

test("without clamd port 25 answers 451 4.7.1, submission holds what it takes, the operator is told, and what was held goes later", async () => {
  await clamd.stop();
  assert.match(await send(compose("SansClamd", "Bonjour")), /^451 4\.7\.1 /);
  const put = () =>
    fetch(`http://127.0.0.1:${suite.port("http")}/remote.php/dav/files/${person.uid}/note.txt`, {
      method: "PUT",
      headers: { authorization: `Basic ${btoa(`${person.address}:${person.appPassword}`)}` },
      body: "Bonjour",
    });
  const refused = await put();
  assert.deepEqual([refused.status, refused.headers.get("retry-after")], [503, "60"]);
  // By sabre's usual name the desktop client would take the server to be down, and read nothing either.
  assert.doesNotMatch(await refused.text(), /ServiceUnavailable/);
  const outgoing = compose("Retenu", "Bonjour", undefined, person.address);
  assert.match(await send(outgoing, { as: person, to: "x@elsewhere.example" }), /^250 /);
  assert.match(await send(outgoing.replace("Retenu", "Interne"), { as: person, to: administrator.address }), /^250 /);
  const infected = compose("Infecte", "Voir", { name: "eicar.com", bytes: Buffer.from(eicar) }, person.address);
  assert.match(await send(infected, { as: person, to: "x@elsewhere.example" }), /^250 /);
  const states = await suite.domain.store.read
    .selectFrom("outbound_recipient")
    .select(["state", "held_reason"])
    .execute();
  assert.deepEqual(states, Array(3).fill({ state: "held", held_reason: "antivirus" }));
  await until("mail to the operator", async () =>
    (await open(operator, "inbox")).texts.length > 0 ? true : undefined,
  );
  const deps = { ...suite.domain.mail.screening, store: suite.domain.store, blobs: suite.domain.blobs };
  assert.deepEqual(await scanHeldMail(deps), { released: 0, infected: 0 });

  clamd = await startClamd({ socketPath: clamd.socketPath });
  assert.deepEqual(await scanHeldMail(deps), { released: 2, infected: 1 });
  await until("message that leaves", () => sink.messages.find((each) => each.bytes.includes("Subject: Retenu")));
  await until("message that arrives", async () => ((await has(administrator, "Interne")) === 1 ? true : undefined));
  assert.ok(!sink.messages.some((each) => each.bytes.includes("Subject: Infecte")));
  await until("report", async () =>
    (await open(person, "inbox")).texts.find((text) => text.includes("malicious software")) ? true : undefined,
  );
  const traced = await suite.domain.store.read
    .selectFrom("mail_trace")
    .select(["sender", "recipient", "outcome", "status", "detail"])
    .where("subject", "=", "Infecte")
    .where("outcome", "=", "failed")
    .execute();
  const detail = traced[0]?.detail ?? "";
  assert.deepEqual(traced, [
    { sender: person.address, recipient: "x@elsewhere.example", outcome: "failed", status: "5.7.1", detail },
  ]);
  assert.match(detail, /malicious software/);
  assert.match(await send(compose("DeNouveau", "Bonjour")), /^250 /);
  assert.equal((await put()).status, 201);
});
