import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { deflateRawSync } from "node:zlib";
import { besiege, flood, longestBlock, workedFor } from "../harness/hostile.ts";
import type { RawClient } from "../harness/imap-suite.ts";

const siege = besiege();

async function everything(client: RawClient): Promise<string[]> {
  const lines: string[] = [];
  for (let line = await client.readLine(); line !== null; line = await client.readLine()) lines.push(line);
  return lines;
}

test("binary garbage ends in BAD or BYE, and the program lives", async () => {
  const client = await siege.connect("imap");
  await flood(client, randomBytes(64 * 1024), 32);
  client.socket.end();
  for (const line of await everything(client)) assert.match(line, /^(\S+ BAD|\* BAD|\* BYE)/);
  await siege.assertWell();
});

test("a line of 10 MB is cut long before its end", async () => {
  const client = await siege.connect("imap");
  await flood(client, Buffer.alloc(64 * 1024, "a"), 160);
  client.socket.end();
  const lines = await everything(client);
  assert.match(lines.join("\n"), /BAD|BYE/);
  await siege.assertWell();
});

test("literals that lie about their length, or are far too long, are refused before they are sent", async () => {
  for (const literal of ["{99999999999999999999}", "{4294967296}", "{-1}", "{1", "{}", "{10000000+}", "{0x10}"]) {
    const client = await siege.connect("imap");
    client.send(`a LOGIN ${literal}\r\n`);
    client.socket.end();
    const lines = await everything(client);
    assert.match(lines.join("\n"), /BAD|NO|BYE/, literal);
    assert.doesNotMatch(lines.join("\n"), /^\+/m, literal);
    client.destroy();
  }
  await siege.assertWell();
});

test("thousands of pipelined commands that are none end the connection", async () => {
  const client = await siege.connect("imap");
  await flood(client, Buffer.from("x\r\ny nothing\r\n(((\r\n\r\n* OK\r\n"), 5_000);
  client.socket.end();
  const lines = await everything(client);
  assert.ok(lines.length < 1_000, `${lines.length} answers`);
  assert.match(lines.at(-1)!, /^\* BYE/);
  await siege.assertWell();
});

test("what is sent in clear behind STARTTLS is never run", async () => {
  const client = await siege.connect("imap");
  client.send(`a STARTTLS\r\nb LOGIN ${siege.lea.address} ${siege.lea.appPassword}\r\nc NOOP\r\n`);
  const lines = await everything(client);
  assert.doesNotMatch(lines.join("\n"), /^[bc] OK/m);
  await siege.assertWell();
});

test("deep, long and backtracking arguments are answered at once and block nobody", async () => {
  const client = await siege.imap();
  await client.run(`CREATE ${"a".repeat(200)}`);
  await client.run("SELECT INBOX");
  const wild = `*${"a*".repeat(60)}b`;
  const commands = [
    `LIST "" "${wild}"`,
    `LIST "" "${"%a".repeat(100)}%b"`,
    `LIST "" ("${wild}" "${wild}" "${wild}")`,
    `FETCH 1 ${"(".repeat(5_000)}`,
    `SEARCH ${"NOT ".repeat(1_900)}ALL`,
    `SEARCH ${"(".repeat(3_000)}ALL${")".repeat(3_000)}`,
    `SEARCH ${"OR ALL ".repeat(1_000)}ALL`,
    `FETCH 1 BODY[${"1.".repeat(2_000)}1]`,
    `FETCH 1 BODY[HEADER.FIELDS (${"X ".repeat(3_000)}X)]`,
    `FETCH ${Array.from({ length: 1_500 }, (_, index) => index * 2 + 1).join(",")} UID`,
    "FETCH 4294967295:1 FLAGS",
    "FETCH 0 FLAGS",
    "FETCH 99999999999 FLAGS",
    "UID FETCH 1:* (BODY.PEEK[]<4294967295.4294967295>)",
    `SEARCH CHARSET ${"x".repeat(5_000)} TEXT a`,
    `SEARCH TEXT "${"a".repeat(7_000)}"`,
    `SEARCH SUBJECT "%%%%____\\\\"`,
    `STORE 1 +FLAGS (${Array.from({ length: 800 }, (_, index) => `k${index}`).join(" ")})`,
    `STORE 1 +FLAGS (${"k".repeat(5_000)})`,
    `CREATE "${"x/".repeat(2_000)}"`,
    'CREATE "../../etc"',
    'CREATE "a\u0001b"',
    "CREATE &AAA-&-&",
    "RENAME INBOX ../INBOX",
    'COPY 1 "../INBOX"',
    "APPEND INBOX {0}",
    'APPEND INBOX (\\Seen \\Recent) "99-Foo-0000 99:99:99 +9999" {3+}\r\nabc',
    "GETQUOTA ../x",
    `ENABLE ${"X ".repeat(3_000)}`,
    `ID (${'"a" "b" '.repeat(900)})`,
  ];
  const started = workedFor();
  for (const command of commands) {
    const blocked = await longestBlock(async () => {
      const answer = await client.run(command);
      assert.match(answer.at(-1)!, /^(OK|NO|BAD)/, command.slice(0, 60));
    });
    assert.ok(blocked < 3_000, `${command.slice(0, 60)} blocked the program for ${Math.round(blocked)} ms`);
  }
  assert.ok(workedFor() - started < 20_000);
  client.destroy();
  await siege.assertWell();
});

test("who vanishes in the middle of an APPEND leaves no message", async () => {
  const counted = async () => {
    const client = await siege.imap();
    const [status] = await client.run("STATUS INBOX (MESSAGES)");
    client.destroy();
    return status;
  };
  const before = await counted();
  for (const cut of [0, 1, 100_000]) {
    const client = await siege.imap();
    client.send("a APPEND INBOX {1000000}\r\n");
    assert.match((await client.readLine())!, /^\+/);
    client.send(Buffer.alloc(cut, "x"));
    client.socket.resetAndDestroy();
    await client.closed();
  }
  assert.equal(await counted(), before);
  await siege.assertWell();
});

test("wrong passwords are slowed down and never said to be near", async () => {
  const answers = new Set<string>();
  for (let connection = 0; connection < 10; connection++) {
    const client = await siege.connect("imap");
    for (let attempt = 0; attempt < 3; attempt++) {
      const name = attempt === 1 ? "nobody@nowhere.example" : siege.lea.address;
      const [answer] = (await client.run(`LOGIN ${name} ${randomBytes(12).toString("hex")}`)).slice(-1);
      answers.add(answer!.replace(/\d+/g, "n"));
    }
    await client.closed();
  }
  assert.ok(answers.size >= 1 && answers.size <= 3, [...answers].join("\n"));
  for (const answer of answers) assert.doesNotMatch(answer, new RegExp(siege.lea.address));
  await siege.assertWell();
});

test("pieces of messages in endless number, and nesting a thousand deep, are refused and leave nothing", async () => {
  const client = await siege.imap();
  const [before] = await client.run("STATUS INBOX (MESSAGES)");
  await client.run("SELECT INBOX");
  const deep = "(".repeat(1_000);
  const many = Array.from({ length: 600 }, () => "TEXT {1+}\r\nx").join(" ");
  for (const command of [
    `APPEND INBOX CATENATE (${many})`,
    `APPEND INBOX CATENATE ${deep}TEXT {1+}\r\nx`,
    `APPEND INBOX ${"(".repeat(1_000)}\\Seen${")".repeat(1_000)} {1+}\r\nx`,
    `APPEND INBOX CATENATE (URL "/${"%2e".repeat(2_000)}/;UID=1")`,
    `APPEND INBOX CATENATE (URL "/INBOX/;UID=1/;SECTION=${"1.".repeat(1_500)}1")`,
    `APPEND INBOX CATENATE (URL {9000+}\r\n${"x".repeat(9_000)})`,
    `APPEND INBOX ${Array.from({ length: 1_100 }, () => "{1+}\r\nx").join(" ")}`,
    `SORT (${"DATE ".repeat(1_000)}DATE) UTF-8 ALL`,
    `SORT (DATE) UTF-8 ${deep}ALL${")".repeat(1_000)}`,
    `THREAD REFERENCES UTF-8 ${"NOT ".repeat(1_500)}ALL`,
    "SEARCH RETURN (PARTIAL 99999999999999999999:1) ALL",
    "SEARCH RETURN (PARTIAL -9007199254740991:-1) ALL ALL ALL)",
    `CREATE x (USE (${"\\Sent ".repeat(3_000)}\\Sent))`,
    "UNAUTHENTICATE x",
    "COMPRESS ",
  ]) {
    const blocked = await longestBlock(async () => {
      const answer = await client.run(command);
      assert.match(answer.at(-1)!, /^(NO|BAD)/, command.slice(0, 60));
    });
    assert.ok(blocked < 3_000, `${command.slice(0, 60)} blocked the program for ${Math.round(blocked)} ms`);
  }
  client.destroy();
  const other = await siege.imap();
  assert.equal((await other.run("STATUS INBOX (MESSAGES)"))[0], before);
  other.destroy();
  await siege.assertWell();
});

test("a message of 100,000 header fields, or of references to itself, is stored, sorted and threaded", async () => {
  const client = await siege.imap();
  await client.run("CREATE Odd");
  const fields = Array.from({ length: 100_000 }, (_, index) => `X-${index}: y\r\n`).join("");
  assert.match((await client.append("Odd", `Subject: many\r\n${fields}\r\nx\r\n`)).at(-1)!, /^OK/);
  const ids = Array.from({ length: 20_000 }, (_, index) => `<${index}@x.example>`).join("\r\n ");
  assert.match(
    (await client.append("Odd", `Message-ID: <7@x.example>\r\nReferences: ${ids}\r\n\r\nx\r\n`)).at(-1)!,
    /^OK/,
  );
  const subject = `${"Re: [a] ".repeat(4_000)}x${" (fwd)".repeat(4_000)}`;
  assert.match((await client.append("Odd", `Subject: ${subject}\r\n\r\nx\r\n`)).at(-1)!, /^OK/);
  await client.run("SELECT Odd");
  assert.match((await client.run("SORT (SUBJECT) UTF-8 ALL")).at(-2)!, /^\* SORT( \d){3}$/);
  assert.match((await client.run("THREAD REFERENCES UTF-8 ALL")).at(-2)!, /^\* THREAD (\(\d\)){3}$/);
  assert.match((await client.run("FETCH 1 BODY.PEEK[HEADER.FIELDS (X-10000)]"))[0]!, /X-10000: y/);
  client.destroy();
  await siege.assertWell();
});

test("what swells from a few compressed bytes meets the same limits, and holds nobody else back", async () => {
  const client = await siege.imap();
  assert.match((await client.run("COMPRESS DEFLATE")).at(-1)!, /^OK/);
  const bomb = deflateRawSync(Buffer.concat([Buffer.from("a NOOP "), Buffer.alloc(32 * 1024 * 1024, "x")]));
  assert.ok(bomb.length < 1024 * 1024);
  const blocked = await longestBlock(async () => {
    client.send(bomb);
    await client.closed();
  });
  assert.ok(blocked < 3_000, `${Math.round(blocked)} ms`);
  await siege.assertWell();
});

test("clients that send one byte at a time, or never read, cost nobody else anything", async () => {
  const slow = await siege.connect("imap");
  const greedy = await siege.imap();
  await greedy.append("INBOX", `Subject: large\r\n\r\n${"x".repeat(2_000_000)}`);
  await greedy.run("SELECT INBOX");
  greedy.socket.pause();
  for (let index = 0; index < 200; index += 1) greedy.send(`g${index} FETCH 1:* BODY.PEEK[]\r\n`);
  for (const byte of `z LOGIN {${siege.lea.address.length}+}\r\n${siege.lea.address} wrong\r\n`) {
    slow.send(byte);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.match((await slow.readUntil(/^z /)).at(-1)!, /^z NO/);
  await siege.assertWell();
  greedy.destroy();
  slow.destroy();
});
