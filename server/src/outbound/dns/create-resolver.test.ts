import assert from "node:assert/strict";
import { createSocket, type Socket } from "node:dgram";
import { after, test } from "node:test";
import { createResolver } from "./create-resolver.ts";

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

test("a server that never answers is given up after the time allowed", { timeout: 10_000 }, async () => {
  const resolver = createResolver({ servers: [await dnsServer(() => undefined)], timeoutMs: 100, tries: 1 });
  await assert.rejects(resolver.resolve("muet.example", "TXT"), { code: "ETIMEOUT" });
});

test("a name of one label is this machine's business", async () => {
  const resolver = createResolver({ servers: [await dnsServer(() => undefined)], timeoutMs: 100, tries: 1 });
  assert.deepEqual(await resolver.resolve("localhost", "A"), ["127.0.0.1"]);
  await assert.rejects(resolver.resolve("nom-inconnu-ici", "A"), { code: /ENOTFOUND|EAI_AGAIN/ });
});
