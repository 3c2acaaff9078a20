import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { connect as connectTls } from "node:tls";
import type { Command } from "../../src/cli/command.ts";
import { createSenderCommand } from "../../src/cli/commands/create-sender.ts";
import { pausedSendersCommand } from "../../src/cli/commands/paused-senders.ts";
import { sendingLimitCommand } from "../../src/cli/commands/sending-limit.ts";
import { traceCommand } from "../../src/cli/commands/trace.ts";
import { searchTrace } from "../../src/domain/mail/trace/search-trace.ts";
import { RawSmtp } from "../harness/smtp-suite.ts";
import { noDns, startSuite, type TestSuite } from "../harness/start-suite.ts";
import { createTownHall, type TownPerson } from "../harness/town-hall.ts";

let suite: TestSuite;
let lea: TownPerson;

before(async () => {
  suite = await startSuite({ settings: { BOUQUET_PERSON_MESSAGES_PER_HOUR: "1" } });
  const town = await createTownHall(suite.domain, "Bourg-Fleuri", "bourg-fleuri.example");
  lea = await town.addPerson("Lea");
});
after(() => suite?.close());

async function run(
  command: Command,
  positionals: string[] = [],
  options: Record<string, unknown> = {},
): Promise<string> {
  const lines: string[] = [];
  await command.run(
    { domain: suite.domain, config: suite.config, resolver: noDns, print: (line) => lines.push(line) },
    positionals,
    options,
  );
  return lines.join("\n");
}

async function submit(login: string, secret: string): Promise<string> {
  const client = new RawSmtp(
    connectTls({ host: "127.0.0.1", port: suite.port("submissions"), rejectUnauthorized: false }),
  );
  await client.greeting;
  await client.send("EHLO pc.example");
  const entered = await client.send(`AUTH PLAIN ${Buffer.from(`\0${login}\0${secret}`).toString("base64")}`);
  if (!entered.startsWith("235")) return entered;
  const sender = await client.send(`MAIL FROM:<${login}>`);
  if (!sender.startsWith("250")) return sender;
  await client.send(`RCPT TO:<${lea.address}>`);
  await client.send("DATA");
  client.write(`From: ${login}\r\nSubject: Relevé\r\n\r\nx\r\n.\r\n`);
  const answer = await client.reply();
  client.socket.destroy();
  return answer;
}

test("a printer made by command sends, and its limit is shown, changed and kept", async () => {
  const made = await run(createSenderCommand, ["imprimante@bourg-fleuri.example", "Imprimante"]);
  const secret = /: ([a-z0-9-]{34})$/.exec(made)![1]!;
  assert.match(await submit("imprimante@bourg-fleuri.example", secret), /^250 /);
  assert.match(await submit("imprimante@bourg-fleuri.example", secret), /^450 4\.7\.1 /);
  assert.match(
    await run(pausedSendersCommand),
    /^imprimante@bourg-fleuri\.example .* trop de messages .* \(limite de messages par heure : 1\)$/,
  );
  const limit = ["imprimante@bourg-fleuri.example"];
  assert.match(await run(sendingLimitCommand, limit, { "messages-per-hour": "50" }), /^Messages 50\/h, 1000\/j/);
  assert.match(await run(pausedSendersCommand, ["resume", ...limit]), /peut de nouveau envoyer/);
  assert.match(await submit("imprimante@bourg-fleuri.example", secret), /^250 /);
  assert.match(await run(sendingLimitCommand, ["bourg-fleuri.example"], { "each-person": true }), /^Messages 1\/h/);
  await assert.rejects(run(sendingLimitCommand, limit, { "messages-per-hour": "many" }), /est un nombre/);
  await assert.rejects(run(sendingLimitCommand, ["personne@nulle-part.example"]), /Personne, ni aucune boîte/);
});

test("the trace is read in French and in English, by who, when and outcome", async () => {
  const client = new RawSmtp(connect({ host: "127.0.0.1", port: suite.port("smtp") }));
  await client.greeting;
  await client.begin("secretariat@prefecture.example", lea.address, "rien@bourg-fleuri.example");
  client.write("Subject: Convocation\r\n\r\nx\r\n.\r\n");
  assert.match(await client.reply(), /^250 /);
  // What was refused is written within a second.
  const deadline = Date.now() + 60_000;
  while ((await searchTrace(suite.domain.store.read, "everything", { outcome: "refused" })).rows.length === 0) {
    assert.ok(Date.now() < deadline, "the refusal was never written");
  }
  const french = await run(traceCommand, [], { from: "prefecture.example", to: lea.address, since: "1h" });
  assert.match(french, /secretariat@prefecture\.example → lea@bourg-fleuri\.example {2}remis/);
  assert.match(french, /objet : Convocation/);
  const english = await run(traceCommand, [], { outcome: "refused", english: true });
  assert.match(english, /→ rien@bourg-fleuri\.example {2}refused\n {4}5\.1\.1 /);
  assert.equal(await run(traceCommand, [], { to: "personne@nulle.part" }), "Aucun message ne correspond.");
  assert.match(await run(traceCommand, [], { limit: "1" }), /--page \S+$/);
  for (const options of [{ since: "hier" }, { outcome: "mangé" }, { limit: "0" }]) {
    await assert.rejects(run(traceCommand, [], options), { name: "UsageError" });
  }
});
