import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { sql } from "kysely";
import SMTPConnection from "nodemailer/lib/smtp-connection/index.js";
import { addGroupMembers } from "../../src/domain/identity/add-group-members.ts";
import { createPrincipalWithServices } from "../../src/domain/lifecycle/create-principal-with-services.ts";
import { setForward } from "../../src/domain/mail/delivery/set-forward.ts";
import { putScript } from "../../src/domain/mail/filters/change-scripts.ts";
import type { OpenedDomain } from "../../src/open-domain.ts";
import { prepareProgram, type RunningProgram } from "../harness/run-program.ts";
import { type SmtpSink, startSmtpSink } from "../harness/smtp-sink.ts";
import { createTownHall } from "../harness/town-hall.ts";

/** More than are delivered with the message: the outbox does the rest. */
const memberCount = 56;
const messageCount = 40;
const list = "tous@essarts.example";
let program: RunningProgram;
let sink: SmtpSink;
let organizationId: string;

before(async () => {
  sink = await startSmtpSink();
  program = await prepareProgram({ settings: { BOUQUET_MAIL_ROUTES: `*=127.0.0.1:${sink.port}` } });
  await program.start();
  await inDomain(async (domain) => {
    const hall = await createTownHall(domain, "Les Essarts", "essarts.example");
    organizationId = hall.organizationId;
    const vera = await hall.addPerson("Vera Loin");
    const tri = await hall.addPerson("Tri Ponce");
    const quotas = { mail: 1e9, files: 0 };
    const person = (n: number) =>
      createPrincipalWithServices(domain.store, organizationId, {
        kind: "person",
        displayName: `Membre ${n}`,
        address: `membre${n}@essarts.example`,
        quotas,
      });
    const members: { principalId: string }[] = [];
    for (let n = 0; n < memberCount - 2; n++) members.push(await person(n));
    const group = await createPrincipalWithServices(domain.store, organizationId, {
      kind: "group",
      displayName: "Tous",
      address: list,
      quotas,
    });
    await domain.store.transact(async (tx) => {
      await setForward(tx, vera, { addresses: ["vera@perso.example"], keepsCopy: true });
      await addGroupMembers(
        tx,
        group,
        [...members, vera, tri].map((each) => each.principalId),
      );
    });
    const content = 'require ["copy"]; redirect :copy "tri@perso.example";';
    await putScript(domain.mail, tri.access, { name: "tri", content }, { mayReplace: true, activate: true });
  });
});
after(async () => {
  await program.remove();
  await sink.close();
});

async function inDomain<T>(work: (domain: OpenedDomain) => Promise<T>): Promise<T> {
  const domain = await program.openDomain();
  try {
    return await work(domain);
  } finally {
    await domain.close();
  }
}

/** @returns whether it was answered 250 */
async function send(subject: string): Promise<boolean> {
  const connection = new SMTPConnection({ host: "127.0.0.1", port: program.ports.smtp, ignoreTLS: true });
  const { promise, resolve } = Promise.withResolvers<boolean>();
  connection.on("error", () => resolve(false));
  connection.on("end", () => resolve(false));
  connection.connect(() => {
    const body = "Bonjour,\r\n".repeat(subject.endsWith("0") ? 12_000 : 20);
    const bytes = `From: a@sender.example\r\nSubject: ${subject}\r\nMessage-ID: <${subject}@sender.example>\r\n\r\n${body}`;
    connection.send({ from: "a@sender.example", to: [list] }, bytes, (error) => resolve(!error));
  });
  const answered = await promise;
  connection.close();
  return answered;
}

/** What a killed copy had leased is due again when its lease ends: brought forward here. */
async function endLeases(): Promise<void> {
  await inDomain((domain) =>
    domain.store.transact((tx) =>
      sql`UPDATE outbound_recipient SET next_attempt_at = now(), lease_until = NULL, lease_owner = NULL
        WHERE state = 'queued' AND lease_until IS NOT NULL`.execute(tx),
    ),
  );
}

async function untilNothingWaits(): Promise<void> {
  const deadline = Date.now() + 90_000;
  for (;;) {
    const waiting = await inDomain(async ({ store }) => {
      const result = await sql<{ count: number }>`SELECT (SELECT count(*) FROM outbox WHERE topic = 'mail.fan-out')
        + (SELECT count(*) FROM outbound_recipient WHERE state = 'queued') AS count`.execute(store.read);
      return result.rows[0]!.count;
    });
    if (waiting === 0) return;
    if (Date.now() > deadline) throw new Error(`${waiting} rows still wait: ${program.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

test("kill -9 while a large group's mail is fanned out and sent on loses nothing and doubles nothing here", async () => {
  const acknowledged: string[] = [];
  for (let round = 0; round < 3; round++) {
    const subjects = Array.from({ length: messageCount }, (_, n) => `tour${round}-${n}`);
    const work = async (): Promise<void> => {
      for (let subject = subjects.shift(); subject !== undefined; subject = subjects.shift()) {
        if (await send(subject)) acknowledged.push(subject);
        if (acknowledged.length >= (messageCount / 2) * (round + 1)) break;
      }
    };
    await Promise.all([work(), work(), work(), work()]);
    await program.kill("SIGKILL");
    await program.start();
    await endLeases();
  }
  assert.ok(acknowledged.length >= messageCount, `only ${acknowledged.length} were acknowledged`);
  await untilNothingWaits();

  const copies = await inDomain((domain) =>
    sql<{ subject: string; accounts: number; copies: number }>`
      SELECT m.subject, count(DISTINCT mm.account_id)::int AS accounts, count(*)::int AS copies
      FROM message m JOIN mailbox_message mm ON mm.organization_id = m.organization_id AND mm.message_id = m.id
      WHERE m.organization_id = ${organizationId} AND m.subject LIKE 'tour%' GROUP BY 1`.execute(domain.store.read),
  );
  const found = new Map(copies.rows.map((row) => [row.subject, row]));
  for (const subject of acknowledged) {
    assert.deepEqual(found.get(subject), { subject, accounts: memberCount, copies: memberCount });
  }
  // What was not acknowledged reached everybody or nobody, once.
  for (const row of copies.rows) assert.deepEqual([row.accounts, row.copies], [memberCount, memberCount], row.subject);
  const queued = await inDomain((domain) =>
    sql<{ address: string; count: number }>`
      SELECT address, count(*)::int AS count FROM outbound_recipient WHERE organization_id = ${organizationId}
      GROUP BY 1 ORDER BY 1`.execute(domain.store.read),
  );
  assert.deepEqual(
    queued.rows.map((row) => [row.address, row.count]),
    [
      ["tri@perso.example", copies.rows.length],
      ["vera@perso.example", copies.rows.length],
    ],
    "each was put in the queue once",
  );
  for (const subject of acknowledged) {
    for (const address of ["tri@perso.example", "vera@perso.example"]) {
      const sunk = sink.messages.filter(
        (each) => each.to.includes(address) && each.bytes.includes(`Subject: ${subject}\r\n`),
      );
      assert.ok(sunk.length >= 1, `${subject} did not reach ${address}`);
    }
  }
});
