import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { test } from "node:test";
import { connect as connectTls } from "node:tls";
import { besiege, flood, longestBlock } from "../harness/hostile.ts";
import { RawClient } from "../harness/imap-suite.ts";

const siege = besiege();

async function everything(client: { readLine(): Promise<string | null> }): Promise<string[]> {
  const lines: string[] = [];
  for (let line = await client.readLine(); line !== null; line = await client.readLine()) lines.push(line);
  return lines;
}

test("binary garbage and pipelined nonsense are refused, and the connection ends", async () => {
  for (const piece of [
    randomBytes(64 * 1024),
    Buffer.from("x\r\n\r\nMAIL FROM\r\nRCPT TO:<\r\nDATA\r\n".repeat(500)),
  ]) {
    const client = await siege.connect("smtp");
    await flood(client, piece, 30);
    client.socket.end();
    const lines = await everything(client);
    for (const line of lines) assert.match(line, /^[45]\d\d[ -]/);
    assert.ok(lines.length < 200, `${lines.length} answers`);
  }
  await siege.assertWell();
});

test("a command line without end is cut before it fills the memory", async () => {
  const client = await siege.connect("smtp");
  const before = process.memoryUsage().rss;
  await flood(client, Buffer.alloc(64 * 1024, "a"), 1_600);
  assert.ok(process.memoryUsage().rss - before < 150 * 2 ** 20);
  client.socket.end();
  assert.match((await everything(client)).join("\n"), /^[45]\d\d /m);
  await siege.assertWell();
});

test("what is sent in clear behind STARTTLS is never run", async () => {
  for (const port of ["smtp", "submission"] as const) {
    const client = await siege.connect(port);
    client.send("EHLO x\r\n");
    await client.readUntil(/^250 /);
    client.send("STARTTLS\r\nRSET\r\nHELP\r\n");
    assert.match((await client.readLine())!, /^220 /);
    client.socket.removeAllListeners("data");
    const secured = connectTls({ socket: client.socket, rejectUnauthorized: false });
    const after = new RawClient(secured);
    // Cutting the connection is an answer too.
    await Promise.race([once(secured, "secureConnect").catch(() => {}), after.closed()]);
    after.send("EHLO private\r\n");
    const lines = await after.readUntil(/^\d\d\d /).catch(() => ["closed"]);
    assert.match(lines[0]!, /^(250-mail|closed)/, lines.join("\n"));
    assert.doesNotMatch(lines.join("\n"), /Flushed|214/);
    after.destroy();
  }
  await siege.assertWell();
});

test("a list of addresses is not told by trying them", async () => {
  const client = await siege.connect("smtp");
  client.send("EHLO x\r\nMAIL FROM:<a@b.example>\r\n");
  client.send(Array.from({ length: 2_000 }, (_, n) => `RCPT TO:<nobody${n}@bourg-fleuri.example>\r\n`).join(""));
  const refused = (await everything(client)).filter((line) => line.startsWith("550"));
  assert.ok(refused.length <= 60, `${refused.length} addresses were tried`);
  await siege.assertWell();
});

test("senders and recipients that no address is are refused in one line", async () => {
  const client = await siege.connect("smtp");
  client.send("EHLO \u0000\u0001\u00ff\r\n");
  await client.readLine();
  client.send("EHLO x\r\n");
  await client.readUntil(/^250 /);
  for (const address of [
    "a@b.example\u0000",
    `${"a".repeat(400)}@b.example`,
    `a@${"b.".repeat(200)}example`,
    '"\\"@b.example',
    "<<>>",
    "@a,@b:c@d.example",
    "a@[IPv6:::1",
    "a@b.example> SIZE=-1",
    "a@b.example> SIZE=999999999999999999999",
    "a@b.example> BODY=X AUTH=+ZZ RET=x ENVID=+",
  ]) {
    client.send(`MAIL FROM:<${address}>\r\n`);
    assert.match((await client.readLine()) ?? "closed", /^(250|4\d\d|5\d\d) /, address);
    client.send("RSET\r\n");
    assert.match((await client.readLine()) ?? "closed", /^250/, address);
  }
  client.destroy();
  await siege.assertWell();
});

test("who vanishes in the middle of DATA leaves nothing", async () => {
  const count = async () => (await siege.jmap.call("Email/query", { calculateTotal: true })).total;
  const before = await count();
  for (const cut of [0, 10, 200_000, 3_000_000]) {
    const client = await siege.connect("smtp");
    client.send("EHLO x\r\n");
    await client.readUntil(/^250 /);
    client.send(`MAIL FROM:<a@b.example>\r\nRCPT TO:<${siege.lea.address}>\r\nDATA\r\n`);
    await client.readUntil(/^354/);
    await flood(client, Buffer.from("Subject: half\r\n".repeat(10)), Math.ceil(cut / 150));
    client.socket.resetAndDestroy();
    await client.closed();
  }
  assert.equal(await count(), before);
  await siege.assertWell();
});

test("bare line ends do not smuggle a second message", async () => {
  for (const end of ["\n.\n", "\r.\r", "\n.\r\n", "\r\n.\n"]) {
    const inner = `MAIL FROM:<boss@bourg-fleuri.example>${"\r\n"}RCPT TO:<${siege.lea.address}>\r\nDATA\r\nSubject: smuggled\r\n\r\nx`;
    const answer = await siege.deliver(`Subject: outer\r\n\r\nbody${end}${inner}`);
    assert.match(answer, /^(250|5\d\d) /, JSON.stringify(end));
  }
  const { ids } = await siege.jmap.call("Email/query", { filter: { subject: "smuggled" } });
  assert.deepEqual(ids, []);
  await siege.assertWell();
});

/** Each is delivered, then read in every way; whatever is refused is refused in one line. */
const messages: Record<string, () => string | Buffer> = {
  "a header of 5 MB": () => `Subject: ${"x".repeat(5_000_000)}\r\n\r\nbody`,
  "folded header of 5 MB": () => `Subject: x${"\r\n y".repeat(1_250_000)}\r\n\r\nbody`,
  "100,000 header fields": () => `${"X-Field: y\r\n".repeat(100_000)}Subject: fields\r\n\r\nbody`,
  "50,000 recipients": () =>
    `To: ${Array.from({ length: 50_000 }, (_, n) => `P ${n} <p${n}@x.example>`).join(",\r\n ")}\r\nSubject: recipients\r\n\r\nx`,
  "10,000 recipients": () =>
    `To: ${Array.from({ length: 10_000 }, (_, n) => `P ${n} <p${n}@x.example>`).join(",\r\n ")}\r\nSubject: recipients\r\n\r\nx`,
  "10,000 references": () =>
    `References:${"\r\n <aaaaaaaaaaaaaaaa@x.example>".repeat(10_000)}\r\nSubject: references\r\n\r\nx`,
  "comments and quotes without end": () =>
    `From: ${"(".repeat(20_000)}\r\nTo: ${'"'.repeat(20_001)}\r\nCc: ${"<".repeat(20_000)}\r\nDate: ${"(1".repeat(9_000)}\r\nSubject: ${"=?utf-8?q?".repeat(5_000)}\r\n\r\nx`,
  "encoded words without end": () => `Subject: ${"=?utf-8?b?w6k=?= ".repeat(20_000)}\r\n\r\nx`,
  "parts nested 1,000 deep": () => {
    let head = "MIME-Version: 1.0\r\nSubject: nested\r\n";
    for (let depth = 0; depth < 1_000; depth++) {
      head += `Content-Type: multipart/mixed; boundary=b${depth}\r\n\r\n--b${depth}\r\n`;
    }
    return `${head}Content-Type: text/plain\r\n\r\ndeep\r\n`;
  },
  "messages nested 1,000 deep": () =>
    `Subject: nested\r\n${"Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n".repeat(1_000)}\r\ndeep`,
  "20,000 parts": () =>
    `Subject: parts\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n${"--b\r\nContent-Type: text/plain; name=x.txt\r\n\r\nx\r\n".repeat(20_000)}--b--\r\n`,
  "boundaries that are prefixes of each other": () =>
    `Subject: prefixes\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n${"--b\r\nContent-Type: multipart/mixed; boundary=bb\r\n\r\n--bb\r\n".repeat(2_000)}--b--\r\n`,
  "one line of 5 MB in HTML": () => `Subject: html\r\nContent-Type: text/html\r\n\r\n${"<div ".repeat(1_000_000)}`,
  "angle brackets without end": () =>
    `Subject: html\r\nContent-Type: text/html\r\n\r\n${"<!--<a href='".repeat(100_000)}`,
  "base64 that is none": () =>
    `Subject: b64\r\nContent-Type: text/plain; charset=x-nothing\r\nContent-Transfer-Encoding: base64\r\n\r\n${"@@=é".repeat(200_000)}`,
  "parameters without end": () =>
    `Subject: p\r\nContent-Type: text/plain;${" name*0*=utf-8''%;".repeat(20_000)}\r\n\r\nx`,
  "8-bit garbage in the header": () =>
    Buffer.concat([
      Buffer.from("Subject: "),
      randomBytes(50_000).map((b) => (b < 32 ? 128 + b : b)),
      Buffer.from("\r\n\r\nx"),
    ]),
  "no header at all": () => "\r\nx",
  nothing: () => "",
};

for (const [name, make] of Object.entries(messages)) {
  test(`${name}: taken or refused, read by IMAP and JMAP, and nobody waits long`, async () => {
    const client = await siege.imap();
    const before = Number(/(\d+) EXISTS/.exec((await client.run("SELECT INBOX")).join("\n"))![1]);
    const bytes = make();
    let answer = "";
    const blocked = await longestBlock(async () => {
      answer = await siege.deliver(bytes);
      assert.match(answer, /^(250|552|554) /);
      await client.run("NOOP");
      if (answer.startsWith("250")) {
        const got = await client.run(
          `FETCH ${before + 1} (ENVELOPE BODYSTRUCTURE BODY FLAGS RFC822.SIZE BODY.PEEK[HEADER] BODY.PEEK[1] BODY.PEEK[1.1.1.1] PREVIEW)`,
        );
        assert.match(got.at(-1)!, /^OK/);
        await client.run(`SEARCH ${before + 1} TEXT zzz HEADER X-Field q`);
        const { ids } = await siege.jmap.call("Email/query", {
          sort: [{ property: "receivedAt", isAscending: false }],
          limit: 1,
        });
        const [read] = await siege.jmap.calls([
          "Email/get",
          {
            accountId: siege.jmap.accountId,
            ids,
            properties: [
              "bodyStructure",
              "textBody",
              "htmlBody",
              "attachments",
              "bodyValues",
              "headers",
              "to",
              "subject",
              "preview",
              "references",
            ],
            fetchAllBodyValues: true,
            maxBodyValueBytes: 100_000,
          },
        ]);
        assert.equal(read![0], "Email/get", JSON.stringify(read).slice(0, 300));
      }
    });
    client.destroy();
    assert.ok(blocked < 5_000, `blocked the program for ${Math.round(blocked)} ms after ${answer}`);
    if (process.env.BOUQUET_TEST_TELL) console.log(`${name}: ${answer.slice(0, 40)} ${Math.round(blocked)} ms`);
    await siege.assertWell();
  });
}
