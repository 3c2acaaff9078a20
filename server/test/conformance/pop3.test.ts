import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { after, before, test } from "node:test";
import { connect as connectTls } from "node:tls";
import { promisify } from "node:util";
import { sql } from "kysely";
import { listAppPasswords, revokeAppPassword } from "../../src/domain/identity/app-passwords.ts";
import { appendMessage } from "../../src/domain/mail/append-messages.ts";
import { listMailboxes } from "../../src/domain/mail/list-mailboxes.ts";
import { stageBytes } from "../../src/domain/mail/stage-message.ts";
import { sampleMessage } from "../harness/imap-suite.ts";
import { startSuite, type TestSuite } from "../harness/start-suite.ts";
import { createTownHall, type TownHall, type TownPerson } from "../harness/town-hall.ts";

const run = promisify(execFile);
let suite: TestSuite;
let town: TownHall;
let people = 0;

before(async () => {
  suite = await startSuite();
  town = await createTownHall(suite.domain, "Bourg-Fleuri", "bourg-fleuri.example");
});
after(() => suite.close());

async function addPerson(...messages: readonly string[]): Promise<TownPerson> {
  people += 1;
  const person = await town.addPerson(`Agent ${"abcdefghijklmnopqrstuvwxyz"[people]}`);
  const inbox = await inboxOf(person);
  for (const message of messages) {
    await appendMessage(suite.domain.mail, person.access, {
      ...(await stageBytes(suite.domain.mail, Buffer.from(message))),
      mailboxId: inbox.id,
      flags: [],
      receivedAt: new Date(),
    });
  }
  return person;
}

async function inboxOf(person: TownPerson) {
  const mailboxes = await listMailboxes(suite.domain.store.read, person.access);
  const inbox = mailboxes.find((each) => each.role === "inbox");
  assert.ok(inbox);
  return inbox;
}

/** Python's own POP3 library, as scripts and old devices use it. */
async function python(person: TownPerson, script: string): Promise<string> {
  const program = [
    "import poplib, ssl, sys",
    "context = ssl.create_default_context()",
    "context.check_hostname = False",
    "context.verify_mode = ssl.CERT_NONE",
    "port, tls_port, user, secret = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]",
    script,
  ].join("\n");
  const args = [
    "-c",
    program,
    String(suite.port("pop3")),
    String(suite.port("pop3s")),
    person.address,
    person.appPassword,
  ];
  const { stdout } = await run("python3", args, { timeout: 60_000 });
  return stdout;
}

test("poplib reads, deletes and finds the rest the next time", async () => {
  const dotted = sampleMessage("Deux", "Ligne\r\n.\r\n..fin\r\n");
  const person = await addPerson(sampleMessage("Un"), dotted, sampleMessage("Trois"));
  const first = await python(
    person,
    `
box = poplib.POP3_SSL("127.0.0.1", tls_port, context=context)
assert "UIDL" in box.capa() and "TOP" in box.capa()
box.user(user); box.pass_(secret)
count, octets = box.stat()
listed = [line.split() for line in box.list()[1]]
assert count == 3 == len(listed), (count, listed)
assert octets == sum(int(size) for _, size in listed)
_, lines, size = box.retr(2)
sys.stdout.buffer.write(b"\\r\\n".join(lines) + b"\\r\\n")
top = box.top(1, 1)[1]
assert top.index(b"") == len(top) - 2, top
uids = dict(line.split() for line in box.uidl()[1])
assert len(set(uids.values())) == 3
box.dele(1)
try:
    box.retr(1); raise SystemExit("a deleted message was read")
except poplib.error_proto: pass
assert box.stat()[0] == 2
box.quit()
box = poplib.POP3("127.0.0.1", port)
box.stls(context)
box.user(user); box.pass_(secret)
left = [line.split()[1] for line in box.uidl()[1]]
assert left == [uids[b"2"], uids[b"3"]], (left, uids)
box.quit()`,
  );
  assert.equal(first, dotted);
  const inbox = await inboxOf(person);
  assert.deepEqual([inbox.total, inbox.unseen], [2, 1], "what was read over POP3 is read everywhere");
});

test("without QUIT nothing is deleted, and RSET takes marks back", async () => {
  const person = await addPerson(sampleMessage("Un"), sampleMessage("Deux"));
  await python(
    person,
    `
box = poplib.POP3_SSL("127.0.0.1", tls_port, context=context)
box.user(user); box.pass_(secret)
box.dele(1); box.dele(2)
box.close()
box = poplib.POP3_SSL("127.0.0.1", tls_port, context=context)
box.user(user); box.pass_(secret)
box.dele(1); box.rset()
assert box.stat()[0] == 2
box.quit()`,
  );
  assert.equal((await inboxOf(person)).total, 2);
});

test("curl lists and fetches with SASL and STLS", async () => {
  const person = await addPerson(sampleMessage("Un"));
  const curl = (url: string, ...args: string[]) =>
    run("curl", [
      "-sS",
      "--insecure",
      "--max-time",
      "30",
      "--user",
      `${person.address}:${person.appPassword}`,
      ...args,
      url,
    ]);
  const url = `pop3://127.0.0.1:${suite.port("pop3")}/`;
  assert.match((await curl(url, "--ssl-reqd")).stdout, /^1 \d+\r?\n$/);
  assert.equal((await curl(`${url}1`, "--ssl-reqd", "--login-options", "AUTH=PLAIN")).stdout, sampleMessage("Un"));
  const secure = `pop3s://127.0.0.1:${suite.port("pop3s")}/1`;
  assert.equal((await curl(secure, "--login-options", "AUTH=LOGIN")).stdout, sampleMessage("Un"));
  await assert.rejects(curl(`${url}2`, "--ssl-reqd"));
});

/** Sends what a test says, malformed or not. */
class Raw {
  readonly socket: Socket;
  #text = "";
  #wake: () => void = () => {};
  #closed = false;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#text += chunk.toString("latin1");
      this.#wake();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#closed = true;
      this.#wake();
    });
  }

  async line(): Promise<string | null> {
    for (;;) {
      const end = this.#text.indexOf("\r\n");
      if (end >= 0) {
        const line = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 2);
        return line;
      }
      if (this.#closed) return null;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async ask(command: string): Promise<string | null> {
    this.socket.write(`${command}\r\n`);
    return this.line();
  }
}

async function open(): Promise<Raw> {
  const raw = new Raw(connectTls({ host: "127.0.0.1", port: suite.port("pop3s"), rejectUnauthorized: false }));
  assert.match((await raw.line()) ?? "", /^\+OK/);
  return raw;
}

test("commands sent at once are answered in their order", async () => {
  const person = await addPerson(sampleMessage("Un"));
  const raw = await open();
  raw.socket.write(
    `USER ${person.address}\r\nPASS ${person.appPassword}\r\nSTAT\r\nNOOP\r\nLIST 1\r\nLIST 2\r\nQUIT\r\n`,
  );
  const answers = [];
  for (let line = await raw.line(); line !== null; line = await raw.line()) answers.push(line.slice(0, 4).trim());
  assert.deepEqual(answers, ["+OK", "+OK", "+OK", "+OK", "+OK", "-ERR", "+OK"]);
});

test("a wrong password says so by its code and the third ends the connection", async () => {
  const person = await addPerson();
  const raw = await open();
  for (let attempt = 0; attempt < 3; attempt++) {
    assert.match((await raw.ask(`USER ${person.address}`)) ?? "", /^\+OK/);
    assert.match((await raw.ask("PASS bqt-wrong")) ?? "", /^-ERR \[AUTH\]/);
  }
  assert.equal(await raw.line(), null);
});

test("a password is not taken in clear from another machine's kind of connection, commands before sign-in are refused", async () => {
  const raw = await open();
  for (const command of ["STAT", "LIST", "RETR 1", "DELE 1", "UIDL"]) {
    assert.match((await raw.ask(command)) ?? "", /^-ERR/, command);
  }
  assert.match((await raw.ask("STLS")) ?? "", /^-ERR/, "under TLS already");
  assert.match((await raw.ask("AUTH GSSAPI")) ?? "", /^-ERR/);
  assert.match((await raw.ask("AUTH")) ?? "", /^\+OK/);
  for (const each of ["PLAIN", "LOGIN", "OAUTHBEARER", "XOAUTH2", "."]) assert.equal(await raw.line(), each);
  assert.match((await raw.ask("AUTH PLAIN !!!")) ?? "", /^-ERR/);
  assert.match((await raw.ask("AUTH PLAIN")) ?? "", /^\+ /);
  assert.match((await raw.ask("*")) ?? "", /^-ERR/);
});

/** An access token as the provider writes it, for a mail program that the person allowed. */
async function tokenOf({ viewer }: TownPerson): Promise<string> {
  const { store } = suite.domain;
  const [allowed] = await listAppPasswords(store.read, viewer);
  assert.ok(allowed);
  const token = randomBytes(32).toString("base64url");
  const payload = JSON.stringify({ accountId: viewer.uid, scope: "openid mail" });
  await store.transact((tx) =>
    sql`INSERT INTO oidc_record (kind, id, payload, family_id, expires_at)
      VALUES ('AccessToken', ${token}, ${payload}::jsonb, ${allowed.id}, now() + interval '1 hour')`.execute(tx),
  );
  return token;
}

const bearerMessages = {
  OAUTHBEARER: (user: string, token: string) => `n,a=${user},\u0001auth=Bearer ${token}\u0001\u0001`,
  XOAUTH2: (user: string, token: string) => `user=${user}\u0001auth=Bearer ${token}\u0001\u0001`,
};

test("access tokens open the maildrop, and a refused one is explained before the refusal", async () => {
  const person = await addPerson(sampleMessage("Un"));
  const token = await tokenOf(person);
  for (const mechanism of ["OAUTHBEARER", "XOAUTH2"] as const) {
    const message = (secret: string) =>
      Buffer.from(bearerMessages[mechanism](person.address, secret)).toString("base64");
    const raw = await open();
    const challenge = (await raw.ask(`AUTH ${mechanism} ${message("nothing")}`)) ?? "";
    const { status, ...more } = JSON.parse(Buffer.from(challenge.slice(2), "base64").toString());
    assert.match(status, /invalid_token|401/);
    assert.match(more["openid-configuration"], /\/oidc\/\.well-known\/openid-configuration$/);
    assert.match((await raw.ask(mechanism === "XOAUTH2" ? "" : "AQ==")) ?? "", /^-ERR \[AUTH\]/);
    assert.match((await raw.ask(`AUTH ${mechanism} bm9wZQ==`)) ?? "", /^-ERR The message is not one of/);
    assert.equal(await raw.ask(`AUTH ${mechanism}`), "+ ");
    assert.equal(await raw.ask(message(token)), "+OK 1 messages");
    assert.match((await raw.ask("STAT")) ?? "", /^\+OK 1 /);
    raw.socket.destroy();
  }
});

test("each mechanism that is announced is one that the command knows", async () => {
  const raw = await open();
  await raw.ask("CAPA");
  const lines: string[] = [];
  for (let line = await raw.line(); line !== "."; line = await raw.line()) lines.push(line ?? assert.fail("it closed"));
  const sasl = lines.find((line) => line.startsWith("SASL "));
  assert.equal(sasl, "SASL PLAIN LOGIN OAUTHBEARER XOAUTH2");
  for (const mechanism of sasl.split(" ").slice(1)) {
    assert.match((await raw.ask(`AUTH ${mechanism}`)) ?? "", /^\+ /, mechanism);
    assert.match((await raw.ask("*")) ?? "", /^-ERR/, mechanism);
  }
});

test("behind a balancer the client of POP3 and ManageSieve is who the PROXY header says, and without one there is no answer", async () => {
  const balanced = await startSuite({ beside: suite, settings: { BOUQUET_PROXY_PROTOCOL_NETWORKS: "127.0.0.1" } });
  try {
    for (const [name, greeting, ask, inClear] of [
      ["pop3", /^\+OK/, "CAPA", /USER|SASL/],
      ["managesieve", /^OK/, "CAPABILITY", /"SASL" "."/],
    ] as const) {
      const until = async (raw: Raw, end: RegExp) => {
        const lines: string[] = [];
        for (let line = await raw.line(); line !== null; line = await raw.line()) {
          lines.push(line);
          if (end.test(line)) return lines.join("\n");
        }
        return assert.fail(`${name} closed: ${lines.join("\n")}`);
      };
      const raw = new Raw(connect({ host: "127.0.0.1", port: balanced.port(name) }));
      raw.socket.write("PROXY TCP4 203.0.113.9 198.51.100.1 4660 110\r\n");
      await until(raw, greeting);
      raw.socket.write(`${ask}\r\n`);
      // The program on loopback may sign in in clear; who comes from elsewhere may not.
      assert.doesNotMatch(await until(raw, name === "pop3" ? /^\.$/ : greeting), inClear, name);
      raw.socket.destroy();
      const direct = new Raw(connect({ host: "127.0.0.1", port: balanced.port(name) }));
      assert.equal(await direct.ask("NOOP"), null, `${name} takes nobody without a header`);
    }
  } finally {
    await balanced.close();
  }
});

test("numbers that are no numbers, floods and endless lines harm nobody", async () => {
  const person = await addPerson(sampleMessage("Un"));
  const raw = await open();
  await raw.ask(`USER ${person.address}`);
  await raw.ask(`PASS ${person.appPassword}`);
  for (const bad of [
    "RETR",
    "RETR 0",
    "RETR -1",
    "RETR 99999999999999999999",
    "TOP 1",
    "TOP 1 x",
    "TOP 1 1 1",
    "DELE x",
    "LIST 1e3",
  ]) {
    assert.match((await raw.ask(bad)) ?? "", /^-ERR/, bad);
  }
  raw.socket.write("X".repeat(100_000));
  assert.match((await raw.line()) ?? "", /^-ERR/);
  assert.equal(await raw.line(), null);
  const other = await open();
  for (let count = 0; count < 10; count++) assert.match((await other.ask("GET / HTTP/1.1")) ?? "", /^-ERR/);
  assert.equal(await other.line(), null);
  assert.match((await (await open()).ask("CAPA")) ?? "", /^\+OK/);
});

test("what follows STLS in clear is not taken for what comes under TLS", async () => {
  const raw = new Raw(connect({ host: "127.0.0.1", port: suite.port("pop3") }));
  await raw.line();
  raw.socket.write("STLS\r\nUSER someone\r\n");
  assert.match((await raw.line()) ?? "", /^\+OK/);
  assert.equal(await raw.line(), null);
});

test("revoking the app password ends the session", async () => {
  const person = await addPerson(sampleMessage("Un"));
  const raw = await open();
  await raw.ask(`USER ${person.address}`);
  await raw.ask(`PASS ${person.appPassword}`);
  const { id } = await suite.domain.store.read
    .selectFrom("app_password")
    .select("id")
    .where("principal_id", "=", person.principalId)
    .executeTakeFirstOrThrow();
  await revokeAppPassword(suite.domain.identity, person.viewer, id);
  assert.equal(await raw.line(), null);
});
