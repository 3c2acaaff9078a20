import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, before, test } from "node:test";
import type { PortName } from "../../src/config/config.ts";
import { listQueue } from "../../src/domain/mail/submission/list-queue.ts";
import type { RecipientState } from "../../src/domain/mail/submission/select-queue.ts";
import { searchTrace } from "../../src/domain/mail/trace/search-trace.ts";
import { startSuite, type TestSuite } from "../harness/start-suite.ts";
import { createTownHall, type TownHall, type TownPerson } from "../harness/town-hall.ts";

let suite: TestSuite;
let balanced: TestSuite;
let town: TownHall;
let lea: TownPerson;
let tom: TownPerson;

before(async () => {
  suite = await startSuite();
  balanced = await startSuite({ beside: suite, settings: { BOUQUET_PROXY_PROTOCOL_NETWORKS: "127.0.0.1" } });
  town = await createTownHall(suite.domain, "Bourg-Fleuri", "bourg-fleuri.example");
  lea = await town.addPerson("Lea");
  tom = await town.addPerson("Tom");
});
after(async () => {
  await balanced?.close();
  await suite?.close();
});

interface Run {
  readonly code: number | null;
  readonly output: string;
}

function run(program: string, args: readonly string[], input = ""): Promise<Run> {
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
  const output: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => output.push(chunk));
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const timer = setTimeout(() => child.kill("SIGKILL"), 60_000);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(timer);
      resolve({ code, output: Buffer.concat(output).toString() });
    });
  });
}

function swaks(port: PortName, args: readonly string[], of: TestSuite = suite): Promise<Run> {
  return run("swaks", ["--server", "127.0.0.1", "--port", String(of.port(port)), "--helo", "pc.ext.example", ...args]);
}

async function subjects(person: TownPerson): Promise<string[]> {
  const rows = await suite.domain.store.read
    .selectFrom("message")
    .select("subject")
    .where("account_id", "=", person.accountId)
    .execute();
  return rows.map((row) => row.subject);
}

const fromOutside = (subject: string) => ["--from", "paul@ext.example", "--to", lea.address, "--h-Subject", subject];

test("mail from outside comes in clear, by STARTTLS, by HELO and pipelined", async () => {
  const ways = { clear: [], starttls: ["-tls"], helo: ["--protocol", "SMTP"], pipelined: ["--pipeline"] };
  for (const [name, args] of Object.entries(ways)) {
    const { code, output } = await swaks("smtp", [...fromOutside(name), ...args]);
    assert.equal(code, 0, output);
    assert.match(output, /<[-~]\s+250 2\.0\.0 Delivered as/, output);
    assert.ok((await subjects(lea)).includes(name), name);
  }
});

for (const mechanism of ["PLAIN", "LOGIN"]) {
  for (const [port, how] of [
    ["submission", "-tls"],
    ["submissions", "-tlsc"],
  ] as const) {
    test(`AUTH ${mechanism} on ${port} sends to a colleague and queues what leaves`, async () => {
      const subject = `${mechanism} ${port}`;
      const to = `${subject.replace(" ", ".").toLowerCase()}@ext.example`;
      const sending = ["--from", lea.address, "--to", `${tom.address},${to}`, "--h-Subject", subject];
      const signIn = ["--auth", mechanism, "--auth-user", lea.address, "--auth-password", lea.appPassword];
      const { code, output } = await swaks(port, [how, ...sending, ...signIn]);
      assert.equal(code, 0, output);
      assert.match(output, /<~\s+235 2\.7\.0 /);
      assert.ok((await subjects(tom)).includes(subject));
      // Nobody answers that the other domain exists: the first attempt may already have ended.
      const states: RecipientState[] = ["queued", "held", "sent", "failed"];
      assert.ok((await listQueue(suite.domain.store.read, { states })).some((each) => each.to === to));
    });
  }
}

test("a wrong password, no password and another's address are refused with their codes", async () => {
  const sending = ["-tls", "--from", lea.address, "--to", tom.address];
  const wrong = await swaks("submission", [...sending, "--auth", "PLAIN", "-au", lea.address, "-ap", "wrong"]);
  assert.match(wrong.output, /<~\* 535 5\.7\.8 /);
  const nobody = await swaks("submission", sending);
  assert.match(nobody.output, /<~\* 530 5\.7\.0 /);
  const signIn = ["--auth", "PLAIN", "-au", lea.address, "-ap", lea.appPassword];
  const other = await swaks("submission", ["-tls", "--from", tom.address, "--to", tom.address, ...signIn]);
  assert.match(other.output, /<~\* 550 5\.7\.1 /);
});

test("8-bit text arrives as it was sent", async () => {
  const data = `From: paul@ext.example\nSubject: huit\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\nété à Épône\n.caché\n`;
  const { code, output } = await swaks("smtp", [...fromOutside("huit"), "--data", data]);
  assert.equal(code, 0, output);
  const row = await suite.domain.store.read
    .selectFrom("message")
    .select(["organization_id", "blob_id"])
    .where("account_id", "=", lea.accountId)
    .where("subject", "=", "huit")
    .executeTakeFirstOrThrow();
  const { blobs, store } = suite.domain;
  const text = (await blobs.readAll(store.read, row.organization_id, row.blob_id, 1e6))!.toString();
  assert.match(text, /\r\nété à Épône\r\n\.caché\r\n/);
});

test("addresses beyond ASCII need SMTPUTF8, and come with it", async () => {
  const script = `
import smtplib, sys
s = smtplib.SMTP("127.0.0.1", ${suite.port("smtp")})
s.ehlo("pc.ext.example")
for options in ([], ["SMTPUTF8", "BODY=8BITMIME"]):
    s.command_encoding = "utf-8"
    print(s.mail("zoé@épône.example", options))
    print(s.rset()[0])
s.mail("zoé@épône.example", ["SMTPUTF8", "BODY=8BITMIME"])
print(s.rcpt(sys.argv[1])[0])
print(s.data("Subject: été\\r\\n\\r\\nà\\r\\n".encode())[0])
s.quit()
`;
  const { code, output } = await run("python3", ["-", lea.address], script);
  assert.equal(code, 0, output);
  assert.match(output, /^\(553, b'5\.6\.7 [\s\S]*\(250, [\s\S]*\n250\n250\n250\n$/);
  assert.ok((await subjects(lea)).includes("été"));
});

for (const version of ["1", "2"]) {
  test(`behind a balancer of PROXY version ${version} the client is known, on each port`, async () => {
    const proxy = (source: string) => [
      ...["--proxy-version", version, "--proxy-family", version === "1" ? "TCP4" : "AF_INET"],
      ...[
        "--proxy-source",
        source,
        "--proxy-source-port",
        "4660",
        "--proxy-dest",
        "198.51.100.1",
        "--proxy-dest-port",
        "25",
      ],
    ];
    const received = await swaks(
      "smtp",
      [...fromOutside(`proxy ${version}`), ...proxy(`192.0.2.${version}`)],
      balanced,
    );
    assert.equal(received.code, 0, received.output);
    const { rows } = await searchTrace(suite.domain.store.read, "everything", { text: `proxy ${version}` });
    assert.equal(rows[0]?.remoteAddress, `192.0.2.${version}`);
    const signIn = ["--auth", "PLAIN", "-au", lea.address, "-ap", lea.appPassword];
    const sending = ["-tls", "--from", lea.address, "--to", tom.address, ...signIn];
    const sent = await swaks("submission", [...sending, ...proxy("192.0.2.9")], balanced);
    assert.equal(sent.code, 0, sent.output);
    const stranger = await swaks("smtp", [...fromOutside("stranger"), ...proxy("192.0.2.3")]);
    assert.notEqual(stranger.code, 0, stranger.output);
  });
}

test("what is refused at each step is told to swaks with its code", async () => {
  const unknown = await swaks("smtp", ["--from", "a@ext.example", "--to", "rien@bourg-fleuri.example"]);
  assert.equal(unknown.code, 24, unknown.output);
  assert.match(unknown.output, /<\*\* 550 5\.1\.1 /);
  const relay = await swaks("smtp", ["--from", "a@ext.example", "--to", "b@elsewhere.example"]);
  assert.match(relay.output, /<\*\* 550 5\.7\.1 /);
  const auth = await swaks("smtp", [...fromOutside("x"), "--auth", "PLAIN", "-au", "x", "-ap", "y"]);
  assert.equal(auth.code, 28, auth.output);
});
