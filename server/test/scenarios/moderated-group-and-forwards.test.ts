import assert from "node:assert/strict";
import { type IncomingHttpHeaders, request } from "node:http";
import { after, before, test } from "node:test";
import SMTPConnection from "nodemailer/lib/smtp-connection/index.js";
import { addGroupMembers } from "../../src/domain/identity/add-group-members.ts";
import { addGroupModerators, addOutsideMember, setGroupOptions } from "../../src/domain/identity/group-options.ts";
import { openPortalSession, openServiceSession } from "../../src/domain/identity/open-session.ts";
import { createPrincipalWithServices } from "../../src/domain/lifecycle/create-principal-with-services.ts";
import { setForward } from "../../src/domain/mail/delivery/set-forward.ts";
import { openMessageBytes } from "../../src/domain/mail/open-message.ts";
import { readMailboxMessages } from "../../src/domain/mail/read-mailbox-messages.ts";
import { readSelection } from "../../src/domain/mail/read-selection.ts";
import { FakeDns } from "../harness/fake-dns.ts";
import { type SmtpSink, startSmtpSink } from "../harness/smtp-sink.ts";
import { startSuite, type TestSuite } from "../harness/start-suite.ts";
import { createTownHall, type TownPerson } from "../harness/town-hall.ts";
import { until } from "../harness/until.ts";

const author = "paul@ext.example";
const list = "lettre@essarts.example";
let sink: SmtpSink;
let suite: TestSuite;
let beside: TestSuite;
let moderator: TownPerson;
let member: TownPerson;
let traveler: TownPerson;

before(async () => {
  sink = await startSmtpSink();
  const dns = new FakeDns();
  dns.set("TXT", "ext.example", [["v=spf1 ip4:127.0.0.1 -all"]]);
  const settings = { BOUQUET_MAIL_ROUTES: `*=127.0.0.1:${sink.port}` };
  suite = await startSuite({ settings, resolver: dns });
  // Two copies work on the same queue and outbox.
  beside = await startSuite({ settings, resolver: dns, beside: suite });
  const hall = await createTownHall(suite.domain, "Les Essarts", "essarts.example");
  moderator = await hall.addPerson("Odile Martin");
  member = await hall.addPerson("Marc Petit");
  traveler = await hall.addPerson("Vera Loin");
  const group = await createPrincipalWithServices(suite.domain.store, hall.organizationId, {
    kind: "group",
    displayName: "Lettre",
    address: list,
    quotas: { mail: 0, files: 0 },
  });
  await suite.domain.store.transact(async (tx) => {
    await setGroupOptions(tx, group, { isModerated: true });
    await addGroupMembers(tx, group, [member.principalId]);
    await addGroupModerators(tx, group, [moderator.principalId]);
    await addOutsideMember(tx, group, "abonne@ailleurs.example");
    await setForward(tx, traveler, { addresses: ["vera@perso.example"], keepsCopy: true });
  });
});
after(async () => {
  await beside.close();
  await suite.close();
  await sink.close();
});

async function send(from: string, to: string[], subject: string): Promise<string> {
  const connection = new SMTPConnection({ host: "127.0.0.1", port: suite.port("smtp"), ignoreTLS: true });
  const message = `From: Paul <${author}>\r\nTo: ${to[0]}\r\nSubject: ${subject}\r\nMessage-ID: <${subject}@ext.example>\r\n\r\nBonjour\r\n`;
  try {
    await new Promise<void>((resolve, reject) => {
      connection.once("error", reject);
      connection.connect((error) => (error ? reject(error) : resolve()));
    });
    return await new Promise<string>((resolve, reject) =>
      connection.send({ from, to }, message, (error, info) => (error ? reject(error) : resolve(info.response))),
    );
  } finally {
    connection.close();
  }
}

async function inbox(person: TownPerson): Promise<string[]> {
  const { read } = suite.domain.store;
  const row = await read
    .selectFrom("mailbox")
    .select("id")
    .where("account_id", "=", person.accountId)
    .where("role", "=", "inbox")
    .executeTakeFirstOrThrow();
  const { uids } = await readSelection(read, person.access, row.id);
  const texts: string[] = [];
  for (const message of await readMailboxMessages(read, person.access, row.id, uids)) {
    const source = await openMessageBytes(suite.domain.mail, person.access, message.messageId);
    const chunks: Buffer[] = [];
    for await (const chunk of source.open()) chunks.push(chunk as Buffer);
    texts.push(Buffer.concat(chunks).toString());
  }
  return texts;
}

const bySubject = (texts: string[], subject: string) =>
  texts.filter((text) => text.includes(`Subject: ${subject}\r\n`));
const sunk = (to: string, subject: string) =>
  sink.messages.filter((each) => each.to.includes(to) && each.bytes.includes(subject));

/** The link in the last mail of the moderator that asks about this subject. */
function link(subject: string): Promise<string> {
  return until("mail to the moderator", async () => {
    const asked = (await inbox(moderator))
      .map((text) => Buffer.from(text.split("\r\n\r\n")[1] ?? "", "base64").toString())
      .findLast((text) => text.includes(`Objet : ${subject}`));
    return asked && /\/moderation\/(\S+)/.exec(asked)?.[1];
  });
}

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** As a browser on the mail host; `fetch` sets no Host. */
function browse(path: string, headers: Record<string, string> = {}, body?: { type: string; text: string }) {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const origin = suite.origins.mail;
  const sent = request(
    {
      host: "127.0.0.1",
      port: suite.port("http"),
      path,
      method: body ? "POST" : "GET",
      headers: {
        host: new URL(origin).host,
        origin,
        ...(body && { "content-type": body.type, "content-length": Buffer.byteLength(body.text) }),
        ...headers,
      },
    },
    (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString(),
        }),
      );
    },
  );
  sent.on("error", reject);
  sent.end(body?.text);
  return promise;
}

function page(token: string, form?: Record<string, string>, headers?: Record<string, string>): Promise<Answer> {
  const body = form && { type: "application/x-www-form-urlencoded", text: new URLSearchParams(form).toString() };
  return browse(`/moderation/${token}`, headers, body);
}

test("a message to a moderated group waits, is accepted by the link, and reaches each member once", async () => {
  assert.match(await send(author, [list], "Kermesse"), /^250 /);
  const token = await link("Kermesse");
  assert.deepEqual(bySubject(await inbox(member), "Kermesse"), []);
  const shown = await page(token);
  assert.equal(shown.status, 200);
  assert.equal(shown.headers["cache-control"], "no-store");
  assert.match(String(shown.headers["content-security-policy"]), /default-src 'none'/);
  assert.match(shown.text, /<dd>Kermesse<\/dd>/);
  const whole = await browse(`/moderation/${token}/message`);
  assert.match(String(whole.headers["content-disposition"]), /^attachment/);
  assert.match(whole.text, /Subject: Kermesse\r\n[\s\S]*\r\n\r\nBonjour\r\n$/);
  assert.deepEqual(bySubject(await inbox(member), "Kermesse"), [], "looking decides nothing");

  const foreign = await page(token, { verdict: "accept" }, { origin: "https://evil.example" });
  assert.equal(foreign.status, 403);
  assert.equal((await page(token, { verdict: "perhaps" })).status, 400);

  const answers = await Promise.all([page(token, { verdict: "accept" }), page(token, { verdict: "accept" })]);
  assert.deepEqual(answers.map((each) => each.status).sort(), [200, 410]);
  assert.equal((await page(token)).status, 410);
  assert.equal((await browse(`/moderation/${token}/message`)).status, 410);
  assert.equal(bySubject(await inbox(member), "Kermesse").length, 1);
  const [copy] = await until("copy for the member outside", () => {
    const found = sunk("abonne@ailleurs.example", "Kermesse");
    return found.length > 0 ? found : undefined;
  });
  assert.match(copy!.from, /^SRS0=.{6}=..=ext\.example=paul@essarts\.example$/);
  assert.doesNotMatch(copy!.bytes.toString(), /^Return-Path:/im);
  assert.match(copy!.bytes.toString(), /^Delivered-To: lettre@essarts\.example\r\n/m);
});

test("a refusal on the screen tells the author why, by a mail from nobody", async () => {
  await send(author, [list], "Publicite");
  await link("Publicite");
  const { identity } = suite.domain;
  const client = { remoteAddress: "127.0.0.1", userAgent: undefined };
  const { familyId } = await openPortalSession(identity, moderator.viewer, client);
  const session = await openServiceSession(identity, { uid: moderator.uid, familyId, service: "mail", client });
  const cookies = { cookie: `bouquet=${session.token}`, "x-bouquet-csrf": session.csrfToken };
  const api = (path: string, body?: object) =>
    browse(`/api/mail/moderation${path}`, cookies, body && { type: "application/json", text: JSON.stringify(body) });
  const { messages } = JSON.parse((await api("")).text) as { messages: { id: string; subject: string }[] };
  assert.deepEqual(
    messages.map((each) => each.subject),
    ["Publicite"],
  );
  assert.match((await api(`/${messages[0]!.id}/message`)).text, /Subject: Publicite/);
  const decision = { verdict: "refuse", reason: "Pas de réclame." };
  assert.equal((await api(`/${messages[0]!.id}`, decision)).status, 204);
  assert.equal((await api(`/${messages[0]!.id}`, decision)).status, 409);
  const report = await until("report", () => sunk(author, "Publicite")[0]);
  assert.equal(report.from, "");
  assert.match(report.bytes.toString(), /Status: 5\.7\.2/);
  assert.deepEqual(bySubject(await inbox(member), "Publicite"), []);
});

test("a forward leaves with a return path of ours, and what bounces goes back to the author", async () => {
  await send(author, [traveler.address], "Suivre");
  assert.equal(bySubject(await inbox(traveler), "Suivre").length, 1);
  const sent = await until("forward", () => sunk("vera@perso.example", "Suivre")[0]);
  assert.match(sent.from, /^SRS0=/);
  await send("", [sent.from], "Retour");
  const back = await until("bounce", () => sunk(author, "Retour")[0]);
  assert.deepEqual([back.from, back.to], ["", [author]]);
  await assert.rejects(send("", [sent.from.replace("paul", "autre")], "Relais"), /550/);
});

test("a forward that the other server refuses for good is reported to the author", async () => {
  sink.rcptReplies.set("vera@perso.example", [{ code: 550, text: "5.1.1 No such user" }]);
  await send(author, [traveler.address], "Perdu");
  const report = await until("report", () => sunk(author, "Perdu")[0]);
  assert.equal(report.from, "");
  assert.match(report.bytes.toString(), /Final-Recipient: rfc822; vera@perso\.example\r\nAction: failed/);
});

test("two people who forward to each other get one copy, where the circle ends", async () => {
  await suite.domain.store.transact(async (tx) => {
    await setForward(tx, member, { addresses: [moderator.address], keepsCopy: false });
    await setForward(tx, moderator, { addresses: [member.address], keepsCopy: false });
  });
  await send(author, [member.address], "Cercle");
  const arrived = async () => {
    const texts = [...(await inbox(member)), ...(await inbox(moderator))];
    return bySubject(texts, "Cercle");
  };
  const [copy] = await until("copy", async () => {
    const found = await arrived();
    return found.length > 0 ? found : undefined;
  });
  assert.equal(copy!.match(/^Delivered-To: /gm)?.length, 2);
  await until("empty queue", async () => {
    const waiting = await suite.domain.store.read
      .selectFrom("outbound_recipient")
      .select("id")
      .where("state", "=", "queued")
      .execute();
    return waiting.length === 0 ? true : undefined;
  });
  assert.equal((await arrived()).length, 1);
});
