import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { sql } from "kysely";
import SMTPConnection from "nodemailer/lib/smtp-connection/index.js";
import { addGroupMembers } from "../../src/domain/identity/add-group-members.ts";
import { addGroupModerators, setGroupOptions } from "../../src/domain/identity/group-options.ts";
import { openPortalSession, openServiceSession } from "../../src/domain/identity/open-session.ts";
import { createPrincipalWithServices } from "../../src/domain/lifecycle/create-principal-with-services.ts";
import { deliverMessage } from "../../src/domain/mail/delivery/deliver-message.ts";
import { findRecipient } from "../../src/domain/mail/delivery/resolve-recipient.ts";
import { stageIncoming } from "../../src/domain/mail/delivery/stage-incoming.ts";
import { putScript } from "../../src/domain/mail/filters/change-scripts.ts";
import type { OpenedDomain } from "../../src/open-domain.ts";
import { findMailFaults } from "../harness/mail-invariants.ts";
import { screened } from "../harness/mail-routing.ts";
import { prepareProgram, type RunningProgram } from "../harness/run-program.ts";
import { type SmtpSink, startSmtpSink } from "../harness/smtp-sink.ts";
import { createTestDatabase, type TestDatabase } from "../harness/test-database.ts";
import { createTownHall, type TownPerson } from "../harness/town-hall.ts";

/** More than one batch of the fan-out takes. */
const memberCount = 56;
const list = "tous@essarts.example";
const moderatedList = "lettre@essarts.example";

let directory: string;
let pointFile: string;
let database: TestDatabase;
let program: RunningProgram;
let sink: SmtpSink;
let domain: OpenedDomain;
let organizationId: string;
let odile: TownPerson;
let marc: TownPerson;
let administrator: TownPerson;
let callAsAdministrator: (path: string, json?: object) => Promise<number>;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "bouquet-killed-"));
  pointFile = join(directory, "point");
  [sink, database] = await Promise.all([startSmtpSink(), createTestDatabase()]);
  program = await prepareProgram({
    // The database outlives the program here: its own end is another test's.
    settings: {
      DATABASE_URL: database.connectionString,
      BOUQUET_MAIL_ROUTES: `*=127.0.0.1:${sink.port}`,
      BOUQUET_ALLOW_PLAIN_AUTH_ON_LOOPBACK: "true",
      BOUQUET_TEST_FAULT_POINT: pointFile,
    },
    imports: ["./server/test/programs/fault-points.ts"],
  });
  await program.start();
  domain = await program.openDomain();
  const hall = await createTownHall(domain, "Les Essarts", "essarts.example");
  organizationId = hall.organizationId;
  odile = await hall.addPerson("Odile Martin");
  marc = await hall.addPerson("Marc Petit");
  administrator = await hall.addPerson("Vera Loin", { roles: ["member_administrator"] });
  const script = `require ["copy", "vacation"]; redirect :copy "marc@perso.example"; vacation "Absent";`;
  await putScript(domain.mail, marc.access, { name: "absent", content: script }, { mayReplace: true, activate: true });
  const quotas = { mail: 1e9, files: 0 };
  const members: string[] = [];
  for (let n = 0; n < memberCount; n++) {
    const address = `membre${n}@essarts.example`;
    const made = { kind: "person" as const, displayName: `Membre ${n}`, address, quotas };
    members.push((await createPrincipalWithServices(domain.store, organizationId, made)).principalId);
  }
  const createGroup = (address: string) =>
    createPrincipalWithServices(domain.store, organizationId, { kind: "group", displayName: address, address, quotas });
  const [all, letter] = [await createGroup(list), await createGroup(moderatedList)];
  await domain.store.transact(async (tx) => {
    await addGroupMembers(tx, all, members);
    await setGroupOptions(tx, letter, { isModerated: true });
    await addGroupMembers(tx, letter, members.slice(0, 3));
    await addGroupModerators(tx, letter, [administrator.principalId]);
  });
  callAsAdministrator = await openCaller(administrator);
});
after(async () => {
  const faults = domain && (await findMailFaults(domain.store));
  await domain?.close();
  await program?.remove();
  await database?.drop();
  await sink?.close();
  await rm(directory, { recursive: true, force: true });
  assert.deepEqual(faults, []);
});

/** @returns what asks the program's API for mail as this person, and gives the status */
async function openCaller(who: TownPerson): Promise<(path: string, json?: object) => Promise<number>> {
  const client = { remoteAddress: "127.0.0.1", userAgent: undefined };
  const { familyId } = await openPortalSession(domain.identity, who.viewer, client);
  const session = await openServiceSession(domain.identity, { uid: who.uid, familyId, service: "mail", client });
  const host = `mail.localhost:${program.ports.http}`;
  const common = { host, origin: `http://${host}`, cookie: `bouquet=${session.token}` };
  return (path, json) => {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const body = json === undefined ? "" : JSON.stringify(json);
    const headers = {
      ...common,
      "x-bouquet-csrf": session.csrfToken,
      "content-length": body.length,
      ...(json !== undefined && { "content-type": "application/json" }),
    };
    const at = { host: "127.0.0.1", port: program.ports.http, path: `/api/mail${path}`, method: "POST", headers };
    request(at, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode!));
      response.on("error", reject);
    })
      .on("error", reject)
      .end(body);
    return promise;
  };
}

/** @returns the last reply @throws when the connection breaks, or on a refusal */
async function send(subject: string, to: readonly string[], submitter?: TownPerson): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const port = submitter ? program.ports.submission : program.ports.smtp;
  const connection = new SMTPConnection({ host: "127.0.0.1", port, ignoreTLS: true });
  connection.on("error", reject);
  connection.on("end", () => reject(new Error("The connection broke")));
  // Another sender each time: a vacation is told to each once.
  const from = submitter?.address ?? `${subject}@ext.example`;
  const fields = [
    `From: ${from}`,
    `To: ${to.join(", ")}`,
    `Subject: ${subject}`,
    `Message-ID: <${subject}@ext.example>`,
  ];
  const deliver = (): void =>
    connection.send({ from, to: [...to] }, `${fields.join("\r\n")}\r\n\r\nBonjour\r\n`, (error, info) =>
      error ? reject(error) : resolve(info.response),
    );
  connection.connect((error) => {
    if (error) return reject(error);
    if (!submitter) return deliver();
    const credentials = { user: submitter.address, pass: submitter.appPassword };
    connection.login({ credentials }, (failure) => (failure ? reject(failure) : deliver()));
  });
  return promise.finally(() => connection.close());
}

/** Does what makes the program die at a point, starts it again, and says how the one who asked fared. */
async function dieAt(point: string, act: () => Promise<unknown>): Promise<"answered" | "broken"> {
  await rm(`${pointFile}.died`, { force: true });
  const { process: running } = program;
  const died = once(running, "exit", { signal: AbortSignal.timeout(120_000) });
  await writeFile(pointFile, point);
  let refusal = "";
  const attempt = async (): Promise<"answered" | "broken"> => {
    for (;;) {
      try {
        await act();
        return "answered";
      } catch (error) {
        if (existsSync(`${pointFile}.died`) || running.exitCode !== null) return "broken";
        // A busy machine may put a message off, as any server does: it is sent again.
        refusal = String(error);
        await delay(200);
      }
    }
  };
  const acted = attempt();
  await died.catch((error: unknown) => {
    throw new Error(`the program does not come to "${point}" (${refusal}): ${program.output()}`, { cause: error });
  });
  assert.ok(existsSync(`${pointFile}.died`), `the program ended before "${point}": ${program.output()}`);
  await startAgain();
  return acted;
}

async function startAgain(): Promise<void> {
  // What the dead program had leased, or claimed the right to answer, is free again after two minutes: brought forward.
  await domain.store.transact(async (tx) => {
    await sql`UPDATE outbound_recipient SET next_attempt_at = now(), lease_until = NULL, lease_owner = NULL
      WHERE state = 'queued' AND lease_until IS NOT NULL`.execute(tx);
    await sql`DELETE FROM filter_memory WHERE expires_at < now() + interval '2 minutes'`.execute(tx);
  });
  await program.start();
}

async function until(what: string, look: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await look())) {
    if (Date.now() > deadline) throw new Error(`${what}: ${program.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function count(query: ReturnType<typeof sql<{ count: number }>>): Promise<number> {
  return (await query.execute(domain.store.read)).rows[0]!.count;
}

const untilNothingWaits = () =>
  until("rows still wait", async () => {
    const waiting = sql<{ count: number }>`SELECT (SELECT count(*) FROM outbox WHERE topic LIKE 'mail.%')
      + (SELECT count(*) FROM outbound_recipient WHERE state = 'queued') AS count`;
    return (await count(waiting)) === 0;
  });

/** How many copies each mailbox has that has some, sorted. */
async function copiesOf(subject: string): Promise<number[]> {
  const found = await sql<{ copies: number }>`
    SELECT count(*) AS copies FROM message m
    JOIN mailbox_message mm ON mm.organization_id = m.organization_id AND mm.message_id = m.id
    WHERE m.organization_id = ${organizationId} AND m.subject = ${subject} GROUP BY mm.account_id ORDER BY 1`.execute(
    domain.store.read,
  );
  return found.rows.map((row) => row.copies);
}

const ones = (length: number): number[] => Array.from({ length }, () => 1);

/** Where what was sent with this subject arrived elsewhere. */
function sunk(subject: string): string[] {
  return sink.messages.filter((each) => each.bytes.includes(`Subject: ${subject}\r\n`)).flatMap((each) => each.to);
}

const queued = (address: string) =>
  count(
    sql`SELECT count(*) FROM outbound_recipient WHERE organization_id = ${organizationId} AND address = ${address}`,
  );

for (const [subject, point, phase] of [
  ["r1", "after spoolMessage", "the whole DATA was read"],
  ["r2", "after stageBytes", "it was staged"],
  ["r3", "after queueMessage", "the filters' redirect was queued, their vacation not yet"],
  ["r4", "after addMessages", "all rows were written, before COMMIT"],
] as const) {
  test(`killed when ${phase}: nobody has the message, and what the sender sends again comes once`, async () => {
    const to = [odile.address, marc.address];
    assert.equal(await dieAt(point, () => send(subject, to)), "broken");
    assert.deepEqual(await copiesOf(subject), []);
    assert.equal(await queued(`${subject}@ext.example`), 0);
    await send(subject, to);
    await untilNothingWaits();
    assert.deepEqual(await copiesOf(subject), [1, 1]);
    assert.deepEqual(sunk(subject), ["marc@perso.example"]);
    assert.equal(await queued(`${subject}@ext.example`), 1, "one vacation");
  });
}

test("killed after COMMIT and before the 250: all is done once, and what the filters do is done", async () => {
  assert.equal(await dieAt("after deliverMessage", () => send("r5", [odile.address, marc.address])), "broken");
  await untilNothingWaits();
  assert.deepEqual(await copiesOf("r5"), [1, 1]);
  assert.deepEqual(sunk("r5"), ["marc@perso.example"]);
  assert.equal(await queued("r5@ext.example"), 1);
  // Nothing in SMTP tells a sender that has not heard the answer (RFC 1047): it sends again, but is told once of the vacation.
  await send("r5", [odile.address, marc.address]);
  await untilNothingWaits();
  assert.deepEqual(await copiesOf("r5"), [2, 2]);
  assert.equal(await queued("r5@ext.example"), 1);
});

for (const [subject, point, phase] of [
  ["f1", "after fanOut", "before COMMIT of the first batch"],
  ["f2", "before fanOut 2", "between two batches"],
] as const) {
  test(`killed in the fan-out to ${memberCount} members, ${phase}: each has it once`, async () => {
    await dieAt(point, () => send(subject, [list]));
    await untilNothingWaits();
    // The sender was answered before the fan-out began, or the connection broke just after COMMIT: never both.
    assert.deepEqual(await copiesOf(subject), ones(memberCount));
  });
}

for (const [subject, point, isDone] of [
  ["s1", "after addMessages", false],
  ["s2", "after submitMessage", true],
] as const) {
  test(`killed ${point} of a submission: it is ${isDone ? "sent once" : "not sent at all, neither here nor elsewhere"}`, async () => {
    const submit = () => send(subject, [administrator.address, `${subject}@ext.example`], odile);
    assert.equal(await dieAt(point, submit), "broken");
    await untilNothingWaits();
    assert.deepEqual(await copiesOf(subject), isDone ? [1] : []);
    assert.deepEqual(sunk(subject), isDone ? [`${subject}@ext.example`] : []);
    if (isDone) return;
    await submit();
    await untilNothingWaits();
    assert.deepEqual(await copiesOf(subject), [1]);
    assert.deepEqual(sunk(subject), [`${subject}@ext.example`]);
  });
}

test("killed while a moderator's yes is carried out: the message stays held, then reaches each member once", async () => {
  for (const [subject, point] of [
    ["m1", "after addMessages"],
    ["m2", "after decideHeld"],
  ] as const) {
    await send(subject, [moderatedList]);
    await untilNothingWaits();
    const held = await sql<{ id: string }>`SELECT id FROM held_message WHERE subject = ${subject}`.execute(
      domain.store.read,
    );
    const accept = () => callAsAdministrator(`/moderation/${held.rows[0]!.id}`, { verdict: "accept" });
    assert.equal(await dieAt(point, accept), "broken");
    const isCommitted = point === "after decideHeld";
    assert.deepEqual(await copiesOf(subject), isCommitted ? ones(3) : []);
    assert.equal(await accept(), isCommitted ? 409 : 204);
    await untilNothingWaits();
    assert.deepEqual(await copiesOf(subject), ones(3));
  }
});

test("killed while a message is released from the quarantine: it stays there, then comes once", async () => {
  for (const [subject, point] of [
    ["q1", "after addMessages"],
    ["q2", "after releaseQuarantined"],
  ] as const) {
    const id = await quarantine(subject);
    const release = () => callAsAdministrator(`/quarantine/${id}/release`);
    assert.equal(await dieAt(point, release), "broken");
    const isCommitted = point === "after releaseQuarantined";
    assert.deepEqual(await copiesOf(subject), isCommitted ? [1] : []);
    assert.equal(await release(), isCommitted ? 404 : 204);
    assert.deepEqual(await copiesOf(subject), [1]);
  }
});

/** @returns the id in the quarantine of a message for Odile in which a virus was found */
async function quarantine(subject: string): Promise<string> {
  const bytes = Buffer.from(
    `Return-Path: <v@ext.example>\r\nFrom: v@ext.example\r\nSubject: ${subject}\r\n\r\nVoir\r\n`,
  );
  const made = await stageIncoming(
    domain.mail,
    (async function* () {
      yield bytes;
    })(),
  );
  await deliverMessage(domain.mail, {
    ...made,
    arrival: "received",
    sender: "v@ext.example",
    recipients: [(await findRecipient(domain.store.read, odile.address, domain.secrets))!],
    receivedAt: new Date(),
    screening: { ...screened("pass", "ext.example"), virus: "Eicar" },
  });
  assert.deepEqual(await copiesOf(subject), []);
  const found = await sql<{ id: string }>`SELECT id FROM quarantined_message WHERE subject = ${subject}`.execute(
    domain.store.read,
  );
  return found.rows[0]!.id;
}

test("killed before it connects: the message leaves once", async () => {
  await dieAt("before deliver", () => send("o1", ["o1@ext.example"], odile));
  await untilNothingWaits();
  assert.deepEqual(sunk("o1"), ["o1@ext.example"]);
});

test("killed when the other server has taken the message and not answered yet: it gets the same message twice, not more", async () => {
  const killed = Promise.withResolvers<void>();
  sink.onTaken = async () => {
    sink.onTaken = undefined;
    await program.kill("SIGKILL");
    killed.resolve();
  };
  await send("o2", ["o2@ext.example"], odile).catch(() => {});
  await killed.promise;
  await startAgain();
  await untilNothingWaits();
  assert.deepEqual(sunk("o2"), ["o2@ext.example", "o2@ext.example"]);
  assertSameBytes("o2");
});

test("killed between the other server's 250 and our noting it: it gets the same message twice, not more", async () => {
  await dieAt("before recordAttempt", () => send("o3", ["o3@ext.example"], odile));
  await untilNothingWaits();
  assert.deepEqual(sunk("o3"), ["o3@ext.example", "o3@ext.example"]);
  assertSameBytes("o3");
});

test("killed once it is noted: the message does not leave again", async () => {
  await dieAt("after recordAttempt", () => send("o4", ["o4@ext.example"], odile));
  await untilNothingWaits();
  assert.deepEqual(sunk("o4"), ["o4@ext.example"]);
});

/** With one Message-ID and one signature, the other server can know the second for what it is. */
function assertSameBytes(subject: string): void {
  const [first, second] = sink.messages.filter((each) => each.bytes.includes(`Subject: ${subject}\r\n`));
  assert.equal(second!.bytes.toString("latin1"), first!.bytes.toString("latin1"));
}

test("killed while the sender is told of a failure: they are told once", async () => {
  // As often as it is asked: a program that dies before it wrote the answer down asks again.
  sink.rcptReplies.set(
    "n1@ext.example",
    Array<{ code: number; text: string }>(5).fill({ code: 550, text: "5.1.1 No such user" }),
  );
  await dieAt("after notify", () => send("n1", ["n1@ext.example"], odile));
  await untilNothingWaits();
  assert.deepEqual(await copiesOf("Message non remis : n1"), [1]);
  assert.deepEqual(sunk("n1"), []);
});
