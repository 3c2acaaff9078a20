import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { makeIdentity, makeOrganization } from "../../../test/harness/identity-suite.ts";
import { ManageSieveClient } from "../../../test/harness/managesieve-client.ts";
import { openTestStore } from "../../../test/harness/test-database.ts";
import { grantAccount } from "../../domain/access/grant-account.ts";
import { createAppPassword, revokeAppPassword } from "../../domain/identity/app-passwords.ts";
import { createPrincipalWithServices } from "../../domain/lifecycle/create-principal-with-services.ts";
import { type Listener, startListener } from "../../net/listener.ts";
import { openTls } from "../../net/tls.ts";
import { silentLogger } from "../../telemetry/logger.ts";
import { createMetrics } from "../../telemetry/metrics.ts";
import { createManageSieveMetrics } from "./managesieve-metrics.ts";
import { serveClient } from "./serve-client.ts";
import { defaultManageSieveSettings, type ManageSieveSettings } from "./settings.ts";

type Person = Awaited<ReturnType<typeof openWorld>>["person"];
let world: Awaited<ReturnType<typeof openWorld>>;
const clients: ManageSieveClient[] = [];

async function openWorld() {
  const { store, close } = await openTestStore();
  const directory = await mkdtemp(join(tmpdir(), "bouquet-managesieve-"));
  const identity = await makeIdentity(store);
  const organization = await makeOrganization(store);
  const tls = await openTls({ files: undefined, directory, hostNames: ["localhost"], log: silentLogger });
  const listeners: Listener[] = [];
  const listen = async (changes: Partial<ManageSieveSettings> = {}) => {
    const deps = {
      mail: { store },
      identity,
      settings: { ...defaultManageSieveSettings, ...changes },
      log: silentLogger,
      metrics: createManageSieveMetrics(createMetrics({ process: false })),
      connectionsOf: new Map<string, number>(),
    };
    const listener = await startListener({
      name: "ManageSieve",
      listen: { host: "127.0.0.1", port: 0 },
      tls,
      implicitTls: false,
      log: silentLogger,
      onConnection: (connection) => serveClient(connection, deps),
    });
    listeners.push(listener);
    return listener;
  };
  let counter = 0;
  const addPrincipal = async (kind: "person" | "shared_mailbox") => {
    const address = `sieve${++counter}@${organization.domain}`;
    const created = await createPrincipalWithServices(store, organization.organizationId, {
      kind,
      displayName: `Sieve ${counter}`,
      address,
      quotas: { mail: 2e9, files: 0 },
    });
    return { ...created, address };
  };
  const addPerson = async () => {
    const created = await addPrincipal("person");
    const { secret, appPassword } = await createAppPassword(identity, created, { name: "x", scopes: ["imap"] });
    return { ...created, secret, appPasswordId: appPassword.id };
  };
  return {
    store,
    identity,
    listen,
    addPrincipal,
    addPerson,
    port: (await listen()).port,
    person: await addPerson(),
    async close() {
      await Promise.all(listeners.map((listener) => listener.close(2_000)));
      await close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

before(async () => {
  world = await openWorld();
});
after(async () => {
  for (const client of clients) client.close();
  await world.close();
});

async function open(port = world.port) {
  const { client, greeting } = await ManageSieveClient.open(port);
  clients.push(client);
  return { client, greeting };
}

async function enter(person: Person): Promise<ManageSieveClient> {
  const { client } = await open();
  assert.equal((await client.signIn(person.address, person.secret)).verb, "OK");
  return client;
}

test("the greeting tells the capabilities, and TLS tells them again without STARTTLS", async () => {
  const { client, greeting } = await open();
  const text = greeting.lines.join("\n");
  assert.match(text, /^"IMPLEMENTATION" "Bouquet"$/m);
  assert.match(text, /^"SIEVE" ".*\bfileinto\b.*\bregex\b.*"$/m);
  assert.match(text, /^"SASL" "PLAIN OAUTHBEARER XOAUTH2"$/m);
  assert.match(text, /^"STARTTLS"$/m);
  assert.match(text, /^"VERSION" "1.0"$/m);
  assert.equal(greeting.verb, "OK");
  const secure = await client.startTls();
  assert.equal(secure.verb, "OK");
  assert.doesNotMatch(secure.lines.join("\n"), /STARTTLS/);
  assert.equal((await client.signIn(world.person.address, world.person.secret)).verb, "OK");
  assert.match((await client.run("CAPABILITY")).lines.join("\n"), new RegExp(`"OWNER" "${world.person.address}"`));
  assert.equal((await client.run("LOGOUT")).verb, "OK");
  assert.equal(await client.line(), null);
});

test("no password is taken in clear where one could be read", async () => {
  const { port } = await world.listen({ allowPlainAuthOnLoopback: false });
  const { client, greeting } = await open(port);
  assert.match(greeting.lines.join("\n"), /^"SASL" ""$/m);
  const refused = await client.signIn(world.person.address, world.person.secret);
  assert.deepEqual([refused.verb, refused.code], ["NO", "ENCRYPT-NEEDED"]);
  await client.startTls();
  assert.equal((await client.signIn(world.person.address, world.person.secret)).verb, "OK");
});

test("a client that waits for a challenge, cancels, or is wrong is answered; three wrong passwords end the connection", async () => {
  const { client } = await open();
  client.send('AUTHENTICATE "PLAIN"\r\n');
  assert.equal(await client.line(), '""');
  const message = Buffer.from(`\0${world.person.address}\0${world.person.secret}`).toString("base64");
  client.send(`{${message.length}+}\r\n${message}\r\n`);
  assert.equal((await client.answer()).verb, "OK");
  assert.equal((await client.run('AUTHENTICATE "PLAIN" "AAAA"')).verb, "NO");
  assert.equal((await client.run("UNAUTHENTICATE")).verb, "OK");
  assert.equal((await client.run("LISTSCRIPTS")).verb, "NO");
  client.send('AUTHENTICATE "PLAIN"\r\n');
  await client.line();
  client.send('"*"\r\n');
  assert.match((await client.answer()).text, /canceled/);
  assert.match((await client.run('AUTHENTICATE "PLAIN" "!!"')).text, /Base64/);
  assert.match((await client.run('AUTHENTICATE "CRAM-MD5"')).text, /not known/);
  const token = Buffer.from("n,,\u0001auth=Bearer nothing\u0001\u0001").toString("base64");
  client.send(`AUTHENTICATE "OAUTHBEARER" "${token}"\r\n`);
  assert.match((await client.line()) ?? "", /^"[A-Za-z0-9+/=]+"$/);
  client.send('"AQ=="\r\n');
  assert.equal((await client.answer()).verb, "NO");
  assert.equal((await client.signIn(world.person.address, "wrong")).verb, "NO");
  assert.equal((await client.signIn(world.person.address, "wrong")).verb, "BYE");
  assert.equal(await client.line(), null);
});

test("scripts are put, listed, read, renamed, activated and deleted", async () => {
  const client = await enter(await world.addPerson());
  assert.deepEqual((await client.run("LISTSCRIPTS")).lines, []);
  assert.equal((await client.put("été", "keep;\r\n")).verb, "OK");
  assert.equal((await client.run('PUTSCRIPT "b" "# \\"b\\""')).verb, "OK");
  assert.deepEqual((await client.run("LISTSCRIPTS")).lines, ['"b"', '"été"']);
  assert.deepEqual((await client.run('GETSCRIPT "été"')).lines, ["{7}\r\nkeep;\r\n"]);
  assert.deepEqual((await client.run('GETSCRIPT "b"')).lines, ['{5}\r\n# "b"']);
  assert.equal((await client.run('SETACTIVE "été"')).verb, "OK");
  assert.equal((await client.run('RENAMESCRIPT "été" "hiver"')).verb, "OK");
  assert.deepEqual((await client.run("LISTSCRIPTS")).lines, ['"b"', '"hiver" ACTIVE']);
  const refusals: [string, string | undefined][] = [
    ['DELETESCRIPT "hiver"', "ACTIVE"],
    ['DELETESCRIPT "nothing"', "NONEXISTENT"],
    ['GETSCRIPT "nothing"', "NONEXISTENT"],
    ['SETACTIVE "nothing"', "NONEXISTENT"],
    ['RENAMESCRIPT "nothing" "x"', "NONEXISTENT"],
    ['RENAMESCRIPT "b" "hiver"', "ALREADYEXISTS"],
    ['RENAMESCRIPT "b" ""', undefined],
    ['PUTSCRIPT "c" "nonsense;"', undefined],
  ];
  for (const [command, code] of refusals) {
    const answer = await client.run(command);
    assert.deepEqual([command, answer.verb, answer.code], [command, "NO", code]);
  }
  assert.equal((await client.run('SETACTIVE ""')).verb, "OK");
  assert.equal((await client.run('DELETESCRIPT "hiver"')).verb, "OK");
  assert.deepEqual((await client.run("LISTSCRIPTS")).lines, ['"b"']);
});

test("a script that is wrong is not kept, and each error is named with its line", async () => {
  const client = await enter(await world.addPerson());
  const answer = await client.put("x", "keep;\r\nnonsense;\r\nother;\r\n");
  assert.deepEqual([answer.verb, answer.text.match(/line \d+/g)], ["NO", ["line 2", "line 3"]]);
  assert.equal((await client.run('CHECKSCRIPT "keep;"')).verb, "OK");
  assert.match((await client.run('CHECKSCRIPT "if"')).text, /line 1/);
  assert.deepEqual((await client.run("LISTSCRIPTS")).lines, []);
});

test("what does not fit is refused before and after it was sent", async () => {
  const client = await enter(await world.addPerson());
  assert.equal((await client.run('HAVESPACE "x" 1000')).verb, "OK");
  const large = await client.run('HAVESPACE "x" 1000000');
  assert.deepEqual([large.verb, large.code], ["NO", "QUOTA/MAXSIZE"]);
  const sent = await client.put("x", `# ${"x".repeat(300_000)}`);
  assert.deepEqual([sent.verb, sent.code], ["NO", "QUOTA/MAXSIZE"]);
  for (let n = 0; n < 30; n++) assert.equal((await client.put(`s${n}`, "keep;")).verb, "OK");
  const many = await client.put("one more", "keep;");
  assert.deepEqual([many.verb, many.code], ["NO", "QUOTA/MAXSCRIPTS"]);
  assert.equal((await client.put("s3", "stop;")).verb, "OK");
});

test("NOOP gives a tag back, and commands sent together are answered in order", async () => {
  const { client } = await open();
  assert.equal((await client.run('NOOP "tag \\"1\\""')).code, 'TAG "tag \\"1\\""'.replace(/\\"/g, '\\"'));
  client.send('NOOP "a"\r\nnoop {1+}\r\nb\r\nNOOP\r\n');
  assert.deepEqual(
    [(await client.answer()).code, (await client.answer()).code, (await client.answer()).code],
    ['TAG "a"', 'TAG "b"', undefined],
  );
});

test("a shared mailbox is a login of its own, and its filters are for who manages it", async () => {
  const person = await world.addPerson();
  const shared = await world.addPrincipal("shared_mailbox");
  await world.store.transact((tx) => grantAccount(tx, shared, person, ["read", "write", "manage"]));
  const { client } = await open();
  assert.equal((await client.signIn(person.address, person.secret, shared.address)).verb, "OK");
  assert.match((await client.run("CAPABILITY")).lines.join("\n"), new RegExp(`"OWNER" "${shared.address}"`));
  assert.equal((await client.put("commun", "keep;")).verb, "OK");
  const own = await enter(person);
  assert.deepEqual((await own.run("LISTSCRIPTS")).lines, []);

  const reader = await world.addPerson();
  await world.store.transact((tx) => grantAccount(tx, shared, reader, ["read", "write"]));
  const other = (await open()).client;
  await other.signIn(shared.address, reader.secret);
  assert.deepEqual((await other.run("LISTSCRIPTS")).lines, ['"commun"']);
  assert.equal((await other.put("x", "discard;")).verb, "NO");
  const stranger = (await open()).client;
  assert.equal((await stranger.signIn(world.person.address, world.person.secret, shared.address)).verb, "NO");
});

test("a revoked password ends the connection", async () => {
  const person = await world.addPerson();
  const client = await enter(person);
  await revokeAppPassword(world.identity, person, person.appPasswordId);
  assert.equal(await client.line(), null);
});

for (const [what, sent, answered] of [
  ["a command that nobody knows", "FROBNICATE\r\n", /^NO "This command is not known"$/],
  ["a string for a command", '"NOOP"\r\n', /^NO /],
  ["an unfinished string", 'NOOP "abc\r\n', /^NO "The arguments are not understood"$/],
  ["too many arguments", `NOOP ${'"x" '.repeat(30)}\r\n`, /^NO /],
  ["a command before signing in", 'PUTSCRIPT "x" {5+}\r\nkeep;\r\n', /^NO "You have to sign in first"$/],
  ["a script too long before signing in", `PUTSCRIPT "x" {100000+}\r\n${"x".repeat(100_000)}\r\n`, /^NO /],
  ["a literal of four gigabytes", 'PUTSCRIPT "x" {4294967295+}\r\n', /^BYE "The literal is too long"$/],
  ["a line that does not end", "x".repeat(10_000), /^BYE "The line is too long"$/],
  ["bytes that are no UTF-8", Buffer.from('AUTHENTICATE "\xff\xfe"\r\n', "latin1"), /^NO "The argument is not UTF-8"$/],
  ["an empty line", "\r\n", /^NO /],
] as const) {
  test(`${what} is answered`, async () => {
    const { client } = await open();
    client.send(sent);
    assert.match((await client.line()) ?? "closed", answered);
  });
}

test("ten lines of nonsense end the connection", async () => {
  const { client } = await open();
  client.send("GET / HTTP/1.1\r\n".repeat(10));
  const answers: (string | null)[] = [];
  for (let line = await client.line(); line !== null; line = await client.line()) answers.push(line);
  assert.match(answers.at(-1) ?? "", /^BYE /);
});
