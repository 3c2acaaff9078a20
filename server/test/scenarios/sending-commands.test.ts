import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Command, UsageError } from "../../src/cli/command.ts";
import { dkimCommand } from "../../src/cli/commands/dkim.ts";
import { mtaStsCommand } from "../../src/cli/commands/mta-sts.ts";
import { queueCommand } from "../../src/cli/commands/queue.ts";
import { reportsCommand } from "../../src/cli/commands/reports.ts";
import { showDnsCommand } from "../../src/cli/commands/show-dns.ts";
import { submitMessage } from "../../src/domain/mail/submission/submit-message.ts";
import { FakeDns } from "../harness/fake-dns.ts";
import { startSuite, type TestSuite } from "../harness/start-suite.ts";
import { createTownHall, type TownPerson } from "../harness/town-hall.ts";

let suite: TestSuite;
let lea: TownPerson;
const dns = new FakeDns();

before(async () => {
  // No jobs: what waits stays.
  suite = await startSuite({ settings: { BOUQUET_ROLES: "web" } });
  lea = await (await createTownHall(suite.domain, "Bourg-Fleuri", "bourg-fleuri.example")).addPerson("Lea");
});
after(() => suite?.close());

async function run(
  command: Command,
  positionals: string[] = [],
  options: Record<string, unknown> = {},
): Promise<string> {
  const lines: string[] = [];
  const context = {
    domain: suite.domain,
    config: suite.config,
    resolver: dns,
    print: (line: string) => lines.push(line),
  };
  await command.run(context, positionals, options);
  return lines.join("\n");
}

async function submit(...recipients: string[]): Promise<void> {
  const bytes = Buffer.from(`From: ${lea.address}\r\nSubject: x\r\n\r\nBonjour\r\n`);
  await submitMessage({ ...suite.domain.mail, secrets: suite.domain.secrets }, lea.viewer, {
    source: {
      size: bytes.length,
      open: (range) =>
        (async function* () {
          yield bytes.subarray(range?.start ?? 0, range?.end);
        })() as never,
    },
    returnPath: lea.address,
    recipients: recipients.map((address) => ({ address })),
  });
}

test("the queue is shown and changed by destination, sender, submission and state, and whole only when asked", async () => {
  assert.match(await run(queueCommand), /Rien n’attend/);
  await submit("a@un.example", "b@deux.example");
  await submit("c@deux.example");
  assert.equal((await run(queueCommand, ["list"])).split("\n").length, 3);
  assert.match(await run(queueCommand, [], { to: "un.example" }), /^\S+ {2}lea@\S+ → a@un\.example {2}queued/);
  assert.match(await run(queueCommand, ["hold"], { to: "deux.example" }), /: 2$/);
  assert.equal((await run(queueCommand, [], { state: "held" })).split("\n").length, 2);
  assert.match(await run(queueCommand, ["release"], { from: lea.address }), /: 2$/);
  const id = /^\S+/.exec(await run(queueCommand, [], { to: "un.example" }))![0];
  assert.match(await run(queueCommand, ["drop"], { id }), /: 2$/);
  assert.match(await run(queueCommand, ["drop"], { id: "x' OR true --" }), /: 0$/);
  await assert.rejects(run(queueCommand, ["drop"]), UsageError);
  await assert.rejects(run(queueCommand, ["brûle"], { all: true }), UsageError);
  await assert.rejects(run(queueCommand, [], { state: "perdu" }), UsageError);
  assert.match(await run(queueCommand, ["drop"], { all: true }), /: 1$/);
  assert.match(await run(queueCommand), /Rien n’attend/);
});

test("keys are listed, renewed and looked for in DNS", async () => {
  assert.equal((await run(dkimCommand, ["list", "bourg-fleuri.example"])).match(/ signe/g)!.length, 2);
  const zone = await run(dkimCommand, ["rotate", "bourg-fleuri.example"]);
  const records = [...zone.matchAll(/^(\S+)\. IN TXT (.*)$/gm)];
  assert.equal(records.length, 2);
  assert.match(await run(dkimCommand, ["check", "bourg-fleuri.example"]), /en attente \(absente du DNS/);
  for (const [, name, value] of records) {
    dns.set("TXT", name!, [[...value!.matchAll(/"([^"]*)"/g)].map((match) => match[1]!)]);
  }
  const checked = await run(dkimCommand, ["check", "bourg-fleuri.example"]);
  assert.equal(checked.match(/ signe \(publiée/g)!.length, 2);
  assert.equal(checked.match(/ se retire/g)!.length, 2);
  await assert.rejects(run(dkimCommand, ["rotate"]), UsageError);
  await assert.rejects(run(dkimCommand, ["rotate", "ailleurs.example"]), { code: "not_found" });
});

test("the mode of MTA-STS is set, and the records to publish follow", async () => {
  assert.match(
    await run(showDnsCommand, ["bourg-fleuri.example"]),
    /_mta-sts\.bourg-fleuri\.example\. IN TXT "v=STSv1; id=/,
  );
  await run(mtaStsCommand, ["bourg-fleuri.example", "none"]);
  const zone = await run(showDnsCommand, ["bourg-fleuri.example"]);
  assert.doesNotMatch(zone, /_mta-sts/);
  assert.match(
    zone,
    /_smtp\._tls\.bourg-fleuri\.example\. IN TXT "v=TLSRPTv1; rua=mailto:tls-reports@bourg-fleuri\.example"/,
  );
  assert.match(zone, /rua=mailto:dmarc-reports@bourg-fleuri\.example/);
  await assert.rejects(run(mtaStsCommand, ["bourg-fleuri.example", "strict"]), UsageError);
});

test("reports of a domain are shown, also when there are none", async () => {
  assert.equal(await run(reportsCommand, ["bourg-fleuri.example"]), "Aucun rapport.");
  await assert.rejects(run(reportsCommand, ["ailleurs.example"]), { code: "not_found" });
});
