import assert from "node:assert/strict";
import { createSocket, type Socket } from "node:dgram";
import { createServer } from "node:net";
import { after, test } from "node:test";
import { createResolver, isPrivate } from "./create-resolver.ts";

const sockets: Socket[] = [];
after(() => {
  for (const socket of sockets) socket.close();
});

/** A DNS server that answers each question with what `answer` makes of it; undefined: silence. */
async function dnsServer(answer: (question: Buffer) => Buffer | undefined): Promise<string> {
  const socket = createSocket("udp4");
  sockets.push(socket);
  socket.on("message", (message, from) => {
    const reply = answer(message);
    if (reply) socket.send(reply, from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return `127.0.0.1:${socket.address().port}`;
}

/** The question with other flags and records (RFC 1035 section 4.1). */
function replyTo(question: Buffer, flags: number, ...answers: Buffer[]): Buffer {
  const end = question.indexOf(0, 12) + 5;
  const reply = Buffer.concat([question.subarray(0, end), ...answers]);
  reply.writeUInt16BE(flags, 2);
  reply.writeUInt16BE(answers.length, 6);
  reply.writeUInt16BE(0, 8);
  reply.writeUInt16BE(0, 10);
  return reply;
}

test("MX records are read from the servers that were given", async () => {
  const mx = Buffer.concat([
    Buffer.from([0xc0, 12, 0, 15, 0, 1, 0, 0, 0, 60, 0, 9, 0, 10]),
    Buffer.from([4, 0x6d, 0x61, 0x69, 0x6c, 0xc0, 12]),
  ]);
  const resolver = createResolver({ servers: [await dnsServer((question) => replyTo(question, 0x8180, mx))] });
  assert.deepEqual(
    (await resolver.resolve("ext.example", "MX")).map(({ exchange, priority }) => [exchange, priority]),
    [["mail.ext.example", 10]],
  );
});

test("a name that does not exist and a server that fails are told apart", async () => {
  const missing = createResolver({ servers: [await dnsServer((question) => replyTo(question, 0x8183))] });
  await assert.rejects(missing.resolve("nulle-part.example", "TXT"), { code: "ENOTFOUND" });
  const failing = createResolver({ servers: [await dnsServer((question) => replyTo(question, 0x8182))], tries: 1 });
  await assert.rejects(failing.resolve("casse.example", "TXT"), { code: "ESERVFAIL" });
});

test("a server that never answers is given up after the time allowed", { timeout: 60_000 }, async () => {
  const resolver = createResolver({ servers: [await dnsServer(() => undefined)], timeoutMs: 100, tries: 1 });
  await assert.rejects(resolver.resolve("muet.example", "TXT"), { code: "ETIMEOUT" });
});

test("a name of one label is this machine's business", async () => {
  const resolver = createResolver({ servers: [await dnsServer(() => undefined)], timeoutMs: 100, tries: 1 });
  assert.deepEqual(await resolver.resolve("localhost", "A"), ["127.0.0.1"]);
  await assert.rejects(resolver.resolve("nom-inconnu-ici", "A"), { code: /ENOTFOUND|EAI_AGAIN/ });
});

test("an answer that does not fit is asked for again over TCP", async () => {
  const txt = Buffer.from([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, 3, 2, 0x6f, 0x6b]);
  const tcp = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", (chunk: Buffer) => {
      const reply = replyTo(chunk.subarray(2), 0x8180, txt);
      const whole = Buffer.concat([Buffer.from([0, reply.length]), reply]);
      // Byte by byte, as a slow network may.
      socket.write(whole.subarray(0, 1));
      setImmediate(() => socket.write(whole.subarray(1)));
    });
  });
  await new Promise<void>((resolve) => tcp.listen(0, "127.0.0.1", resolve));
  const { port } = tcp.address() as { port: number };
  const udp = createSocket("udp4");
  sockets.push(udp);
  udp.on("message", (message, from) => udp.send(replyTo(message, 0x8380), from.port, from.address));
  await new Promise<void>((resolve) => udp.bind(port, "127.0.0.1", resolve));
  assert.deepEqual(await createResolver({ servers: [`127.0.0.1:${port}`] }).resolve("long.example", "TXT"), [["ok"]]);
  tcp.close();
});

test("an answer with another id, another name or from nobody asked is not believed", async () => {
  const a = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 9]);
  const otherId = await dnsServer((question) => {
    const reply = replyTo(question, 0x8180, a);
    reply.writeUInt16BE((reply.readUInt16BE(0) + 1) & 0xffff, 0);
    return reply;
  });
  const otherName = await dnsServer((question) => {
    const reply = replyTo(question, 0x8180, a);
    reply[13] = 0x7a;
    return reply;
  });
  for (const server of [otherId, otherName]) {
    const resolver = createResolver({ servers: [server], timeoutMs: 150, tries: 1 });
    await assert.rejects(resolver.resolve("banque.example", "A"), { code: "ETIMEOUT" });
  }
});

test("a server that knows no EDNS is asked without it", async () => {
  const a = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 9]);
  const server = await dnsServer((question) =>
    question.readUInt16BE(10) > 0 ? replyTo(question, 0x8181) : replyTo(question, 0x8180, a),
  );
  assert.deepEqual(await createResolver({ servers: [server] }).resolve("vieux.example", "A"), ["192.0.2.9"]);
});

test("the next server is asked when one refuses or fails", async () => {
  const a = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 9]);
  const servers = [
    await dnsServer((question) => replyTo(question, 0x8185)),
    await dnsServer((question) => replyTo(question, 0x8182)),
    await dnsServer((question) => replyTo(question, 0x8180, a)),
  ];
  assert.deepEqual(await createResolver({ servers }).resolve("bon.example", "A"), ["192.0.2.9"]);
});

test("AD counts only when the operator says that the servers validate", async () => {
  const a = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 9]);
  const asked: number[] = [];
  const server = await dnsServer((question) => {
    asked.push(question.readUInt16BE(2) & 0x20);
    return replyTo(question, 0x81a0, a);
  });
  const plain = await createResolver({ servers: [server] }).lookup("signe.example", "A");
  const validating = await createResolver({ servers: [server], isValidating: true }).lookup("signe.example", "A");
  assert.deepEqual([plain.isSecure, validating.isSecure, asked], [false, true, [0, 0x20]]);
});

test("the private networks are those of the RFCs, and no others", () => {
  for (const each of ["127.0.0.53", "10.1.2.3", "172.31.0.1", "192.168.1.1", "::1", "fd00::1", "fe80::1"]) {
    assert.equal(isPrivate(each), true, each);
  }
  for (const each of ["8.8.8.8", "172.32.0.1", "192.169.0.1", "2001:4860:4860::8888", "::ffff:8.8.8.8"]) {
    assert.equal(isPrivate(each), false, each);
  }
});

test("aliases are followed, and a circle of them ends", async () => {
  const alias = (target: number[]) => Buffer.from([0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, target.length, ...target]);
  const a = Buffer.from([1, 0x62, 0, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 9]);
  const server = await dnsServer((question) => replyTo(question, 0x8180, alias([1, 0x62, 0]), a));
  const answer = await createResolver({ servers: [server] }).lookup("www.a.example", "A");
  assert.deepEqual([answer.canonicalName, answer.records.length], ["b", 1]);
  const circle = await dnsServer((question) => replyTo(question, 0x8180, alias([0xc0, 12])));
  await assert.rejects(createResolver({ servers: [circle] }).lookup("www.a.example", "A"), { code: "ESERVFAIL" });
});
