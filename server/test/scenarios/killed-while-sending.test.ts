import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { sql } from "kysely";
import { highestConcurrency } from "../../src/domain/mail/submission/destinations.ts";
import { submitMessage } from "../../src/domain/mail/submission/submit-message.ts";
import type { OpenedDomain } from "../../src/open-domain.ts";
import { prepareProgram, type RunningProgram } from "../harness/run-program.ts";
import { type SmtpSink, startSmtpSink } from "../harness/smtp-sink.ts";
import { createTownHall, type TownPerson } from "../harness/town-hall.ts";

const messageCount = 120;

let program: RunningProgram;
let sink: SmtpSink;
let person: TownPerson;

before(async () => {
  sink = await startSmtpSink();
  program = await prepareProgram({ settings: { BOUQUET_MAIL_ROUTES: `*=127.0.0.1:${sink.port}` } });
  await program.start();
  await inDomain(async (domain) => {
    person = await (await createTownHall(domain, "Les Essarts", "essarts.example")).addPerson("Odile Martin");
  });
});
after(async () => {
  await program.remove();
  await sink.close();
});

async function inDomain<T>(run: (domain: OpenedDomain) => Promise<T>): Promise<T> {
  const domain = await program.openDomain();
  try {
    return await run(domain);
  } finally {
    await domain.close();
  }
}

async function submit(domain: OpenedDomain, index: number): Promise<void> {
  // Some in the blob store's files, most in the database.
  const body = "Bonjour,\r\n".repeat(index % 10 === 0 ? 12_000 : 20);
  const bytes = Buffer.from(
    `From: ${person.address}\r\nTo: x${index}@ext.example\r\nSubject: n${index}\r\nMessage-ID: <n${index}@essarts.example>\r\n\r\n${body}`,
  );
  await submitMessage({ ...domain.mail, secrets: domain.secrets }, person.viewer, {
    source: {
      size: bytes.length,
      open: (range) =>
        (async function* () {
          yield bytes.subarray(range?.start ?? 0, range?.end);
        })() as never,
    },
    returnPath: person.address,
    recipients: [{ address: `x${index}@ext.example` }],
  });
}

const unsent = (domain: OpenedDomain) =>
  domain.store.read
    .selectFrom("outbound_recipient")
    .select(["id", "lease_until"])
    .where("state", "=", "queued")
    .execute();

test("kill -9 in the middle of 120 messages loses none, and sends twice only what was under way", async () => {
  // From the first third on no answer comes before the kill: some are under way, and most have not left.
  const killed = Promise.withResolvers<void>();
  sink.onTaken = () => (sink.messages.length < messageCount / 3 ? Promise.resolve() : killed.promise);
  await inDomain(async (domain) => {
    for (let index = 0; index < messageCount; index++) await submit(domain, index);
  });
  await sink.received(messageCount / 3);
  await program.kill("SIGKILL");
  killed.resolve();
  // What was in the sockets is still taken.
  while (sink.open > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  const takenBefore = sink.messages.map((each) => each.to[0]!);
  assert.ok(takenBefore.length < messageCount, "all had left before the kill");

  const restarted = new Date();
  await program.start();
  await inDomain(async (domain) => {
    const deadline = Date.now() + 120_000;
    for (;;) {
      // The dead program's leases end by themselves after two minutes; the test does not wait for that.
      const ends = new Date(restarted.getTime() + 119_000);
      await domain.store.transact((tx) =>
        sql`UPDATE outbound_recipient SET lease_until = now(), next_attempt_at = now()
            WHERE state = 'queued' AND lease_until > now() AND lease_until < ${ends}`.execute(tx),
      );
      const left = await unsent(domain);
      if (left.length === 0) break;
      assert.ok(Date.now() < deadline, `${left.length} recipients still wait`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const states = await domain.store.read.selectFrom("outbound_recipient").select("state").execute();
    assert.deepEqual(new Set(states.map((row) => row.state)), new Set(["sent"]));
  });

  const counts = new Map<string, number>();
  for (const { to } of sink.messages) counts.set(to[0]!, (counts.get(to[0]!) ?? 0) + 1);
  for (let index = 0; index < messageCount; index++) {
    assert.ok((counts.get(`x${index}@ext.example`) ?? 0) >= 1, `n${index} was lost`);
  }
  // Accepted, but the program died before it had heard or written so: no protocol can tell these apart (RFC 1047).
  const unheard = new Set(takenBefore.slice(-highestConcurrency));
  for (const [address, count] of counts) {
    assert.ok(count === 1 || (count === 2 && unheard.has(address)), `${address} was sent ${count} times`);
  }
});
