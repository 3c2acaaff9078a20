import assert from "node:assert/strict";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { Readable } from "node:stream";
import { after, before, beforeEach, test } from "node:test";
import { FakeDns } from "../../../test/harness/fake-dns.ts";
import { type SmtpSink, startSmtpSink } from "../../../test/harness/smtp-sink.ts";
import type { OutboundMail, RecipientResult } from "../../domain/mail/submission/mail-transport.ts";
import { createMailTransport } from "./deliver-by-smtp.ts";
import type { SmtpRoute } from "./smtp-client-options.ts";

let sink: SmtpSink;
let dns: FakeDns;
const servers: Server[] = [];
const sockets = new Set<Socket>();

/** Closed with all its connections after the tests. */
async function listening(server: Server): Promise<number> {
  servers.push(server);
  server.on("connection", (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

before(async () => {
  sink = await startSmtpSink();
});
beforeEach(() => {
  dns = new FakeDns();
  sink.messages.length = 0;
  dns.set("MX", "ext.example", [{ exchange: "mx.ext.example", priority: 10 }]);
  dns.set("A", "mx.ext.example", ["127.0.0.1"]);
});
after(async () => {
  await sink.close();
  for (const socket of sockets) socket.destroy();
  for (const server of servers) server.close();
});

/** A server that answers what the test says, in order, whatever it is told; "" cuts the connection. */
async function scripted(...replies: string[]): Promise<number> {
  const server = createServer((socket: Socket) => {
    const left = [...replies];
    const answer = (): void => {
      const reply = left.shift();
      if (!reply) socket.destroy();
      else socket.write(`${reply}\r\n`);
    };
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      for (const _line of chunk.toString().split("\r\n").slice(1)) answer();
    });
    answer();
  });
  return listening(server);
}

function mail(
  recipients: string[],
  bytes = "From: a@b.example\r\n\r\n.\r\nBonjour\r\n",
  changes: Partial<OutboundMail> = {},
) {
  const buffer = Buffer.from(bytes);
  return {
    returnPath: "lea@bourg-fleuri.example",
    recipients: recipients.map((address) => ({ id: `id of ${address}`, address, notify: null, orcpt: null })),
    prependedHeaders: "X-First: 1\r\n",
    message: { size: buffer.length, open: () => Readable.from([buffer]) },
    isEightBit: false,
    dsn: { ret: null, envid: null },
    ...changes,
  };
}

async function deliver(
  domain: string,
  message: OutboundMail,
  options: { port?: number; routes?: SmtpRoute[]; connectMs?: number } = {},
): Promise<RecipientResult[]> {
  const transport = createMailTransport({
    resolver: dns,
    heloName: "mx.bouquet.example",
    routes: options.routes ?? [],
    mxPort: options.port ?? sink.port,
    timeouts: { connectMs: options.connectMs ?? 30_000, greetingMs: options.connectMs ?? 30_000, idleMs: 30_000 },
  });
  return transport.deliver(domain, message, new AbortController().signal);
}

test("a message goes to the server that MX names, over TLS when it is offered, byte for byte", async () => {
  const [result] = await deliver("ext.example", mail(["x@ext.example"]));
  assert.deepEqual(result, {
    recipientId: "id of x@ext.example",
    outcome: "sent",
    status: "2.0.0",
    reply: "250 2.0.0 Ok: queued as SINK",
    remoteHost: "mx.ext.example",
    relayedWithDsn: false,
    tls: "opportunistic",
  });
  const [message] = sink.messages;
  assert.equal(message!.bytes.toString(), "X-First: 1\r\nFrom: a@b.example\r\n\r\n.\r\nBonjour\r\n");
  assert.equal(message!.isSecure, true);
  assert.equal(message!.from, "lea@bourg-fleuri.example");
});

test("without MX the domain itself is asked for its address", async () => {
  dns.set("A", "petit.example", ["127.0.0.1"]);
  const [result] = await deliver("petit.example", mail(["x@petit.example"]));
  assert.equal(result!.outcome, "sent");
  assert.ok(dns.asked.includes("MX petit.example"));
});

test("a null MX fails for good with 5.1.10 and nothing is contacted", async () => {
  dns.set("MX", "jamais.example", [{ exchange: "", priority: 0 }]);
  dns.set("A", "jamais.example", ["127.0.0.1"]);
  const before = sink.connections;
  const [result] = await deliver("jamais.example", mail(["x@jamais.example"]));
  assert.deepEqual([result!.outcome, result!.status], ["failed", "5.1.10"]);
  assert.equal(sink.connections, before);
});

test("a domain that does not exist fails for good, one that DNS does not answer about is tried again", async () => {
  const [missing] = await deliver("nulle-part.example", mail(["x@nulle-part.example"]));
  assert.deepEqual([missing!.outcome, missing!.status], ["failed", "5.1.2"]);
  dns.set("MX", "muet.example", Object.assign(new Error("timeout"), { code: "ETIMEOUT" }));
  const [silent] = await deliver("muet.example", mail(["x@muet.example"]));
  assert.deepEqual([silent!.outcome, silent!.status], ["retry", "4.4.3"]);
});

test("a server that refuses connections is tried again later, after the other addresses of the domain", async () => {
  const [dead] = await deliver("ext.example", mail(["x@ext.example"]), { port: await closedPort() });
  assert.deepEqual([dead!.outcome, dead!.status], ["retry", "4.4.1"]);
  dns.set("MX", "deux.example", [
    { exchange: "mort.deux.example", priority: 5 },
    { exchange: "mx.ext.example", priority: 10 },
  ]);
  dns.set("A", "mort.deux.example", ["127.77.77.77"]);
  const [alive] = await deliver("deux.example", mail(["x@deux.example"]));
  assert.deepEqual([alive!.outcome, alive!.remoteHost], ["sent", "mx.ext.example"]);
});

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test("each recipient has its own result: taken, refused for good, put off", async () => {
  sink.rcptReplies.set("non@ext.example", [{ code: 550, text: "5.1.1 No such user" }]);
  sink.rcptReplies.set("tard@ext.example", [{ code: 452, text: "4.2.2 Full" }]);
  const results = await deliver("ext.example", mail(["oui@ext.example", "non@ext.example", "tard@ext.example"]));
  assert.deepEqual(
    results.map((each) => [each.recipientId, each.outcome, each.status]),
    [
      ["id of oui@ext.example", "sent", "2.0.0"],
      ["id of non@ext.example", "failed", "5.1.1"],
      ["id of tard@ext.example", "retry", "4.2.2"],
    ],
  );
  assert.deepEqual(sink.messages[0]!.to, ["oui@ext.example"]);
});

test("a refusal of the data holds for all recipients", async () => {
  sink.dataReplies.push({ code: 554, text: "5.7.1 Spam" });
  const results = await deliver("ext.example", mail(["a@ext.example", "b@ext.example"]));
  assert.deepEqual(
    results.map((each) => [each.outcome, each.status, each.reply]),
    [
      ["failed", "5.7.1", "554 5.7.1 Spam"],
      ["failed", "5.7.1", "554 5.7.1 Spam"],
    ],
  );
});

test("a server that refuses to greet, even by 554, is tried again", async () => {
  const [result] = await deliver("ext.example", mail(["x@ext.example"]), { port: await scripted("554 5.7.1 Go away") });
  assert.deepEqual([result!.outcome, result!.status], ["retry", "4.7.1"]);
});

test("when STARTTLS breaks the connection the mail goes in plain text", async () => {
  const plain = await startSmtpSink({ disabledCommands: ["STARTTLS"] });
  let first = true;
  const gate = createServer((socket) => {
    socket.on("error", () => {});
    if (!first) {
      const onward = new (socket.constructor as typeof Socket)();
      onward.connect(plain.port, "127.0.0.1");
      onward.on("error", () => {});
      socket.pipe(onward).pipe(socket);
      return;
    }
    first = false;
    socket.write("220 gate\r\n");
    socket.on("data", (chunk) => {
      const text = chunk.toString("latin1");
      if (text.startsWith("EHLO")) socket.write("250-gate\r\n250 STARTTLS\r\n");
      else if (text.startsWith("STARTTLS")) socket.write("220 go\r\n");
      else socket.end("no TLS here");
    });
  });
  const [result] = await deliver("ext.example", mail(["x@ext.example"]), { port: await listening(gate) });
  assert.equal(result!.outcome, "sent");
  assert.equal(plain.messages[0]!.isSecure, false);
  await plain.close();
});

test("a connection cut after the data was sent is tried again, not taken for sent", async () => {
  const port = await scripted("220 a", "250 a", "250 ok", "250 ok", "354 go");
  const [result] = await deliver("ext.example", mail(["x@ext.example"]), { port });
  assert.deepEqual([result!.outcome, result!.status], ["retry", "4.4.2"]);
});

test("a server that never greets costs no more than the time allowed", { timeout: 60_000 }, async () => {
  const port = await listening(createServer(() => {}));
  const [result] = await deliver("ext.example", mail(["x@ext.example"]), { port, connectMs: 200 });
  assert.equal(result!.outcome, "retry");
});

test("a message larger than the server takes fails for good with 5.3.4", async () => {
  const small = await startSmtpSink({ size: 1_000 });
  const [result] = await deliver("ext.example", mail(["x@ext.example"], `a: b\r\n\r\n${"x".repeat(5_000)}\r\n`), {
    port: small.port,
  });
  assert.deepEqual([result!.outcome, result!.status], ["failed", "5.3.4"]);
  await small.close();
});

test("a route sends some domains elsewhere, with a password when it has one", async () => {
  let signedIn = "";
  const relay = await startSmtpSink({
    onAuth(auth, _session, callback) {
      signedIn = `${auth.username}:${auth.password}`;
      callback(null, { user: 1 });
    },
  });
  const routes: SmtpRoute[] = [
    { pattern: "*.gouv.example", via: { host: "127.0.0.1", port: relay.port, auth: { user: "u", password: "p" } } },
    { pattern: "*", via: "mx" },
  ];
  const [routed] = await deliver("sante.gouv.example", mail(["x@sante.gouv.example"]), { routes });
  assert.equal(routed!.outcome, "sent");
  assert.equal(signedIn, "u:p");
  assert.equal(relay.messages.length, 1);
  const [direct] = await deliver("ext.example", mail(["x@ext.example"]), { routes });
  assert.equal(direct!.outcome, "sent");
  assert.equal(sink.messages.length, 1);
  await relay.close();
});

test("8BITMIME and the wishes of RFC 3461 travel along, and the next server then tells", async () => {
  const message = mail(["a@ext.example", "b@ext.example"], "From: é\r\n\r\né\r\n", {
    isEightBit: true,
    dsn: { ret: "HDRS", envid: "E1" },
  });
  const results = await deliver("ext.example", {
    ...message,
    recipients: message.recipients.map((each, index) => ({ ...each, notify: index === 0 ? ["SUCCESS"] : null })),
  });
  assert.deepEqual(
    results.map((each) => [each.outcome, each.relayedWithDsn]),
    [
      ["sent", true],
      ["sent", true],
    ],
  );
  assert.deepEqual(
    sink.messages.map((each) => [each.to, each.notify, each.envelope.bodyType, each.envelope.dsn]),
    [
      [["a@ext.example"], [["SUCCESS"]], "8bitmime", { ret: "HDRS", envid: "E1" }],
      [["b@ext.example"], [undefined], "8bitmime", { ret: "HDRS", envid: "E1" }],
    ],
  );
});

test("a server without 8BITMIME gets the message in 7 bits", async () => {
  const seven = await startSmtpSink({ hide8BITMIME: true });
  const text =
    "From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n" +
    "Content-Transfer-Encoding: 8bit\r\n\r\nété\r\n";
  const [result] = await deliver("ext.example", mail(["x@ext.example"], text, { isEightBit: true }), {
    port: seven.port,
  });
  assert.equal(result!.outcome, "sent");
  const [message] = seven.messages;
  assert.match(message!.bytes.toString(), /Content-Transfer-Encoding: quoted-printable\r\n\r\n=C3=A9t=C3=A9\r\n$/);
  assert.notEqual(message!.envelope.bodyType, "8bitmime");
  await seven.close();
});

test("an address beyond ASCII goes only to a server with SMTPUTF8, a header alone with the keyword where it is known", async () => {
  const lines: string[] = [];
  const modern = await startSmtpSink({
    onMailFrom(address, _session, callback) {
      lines.push(JSON.stringify(address.args));
      callback();
    },
  });
  const sent = await deliver("ext.example", mail(["été@ext.example"], undefined, { isSmtpUtf8: true }), {
    port: modern.port,
  });
  assert.equal(sent[0]!.outcome, "sent");
  assert.match(lines[0]!, /SMTPUTF8/i);
  const header = await deliver("ext.example", mail(["x@ext.example"], undefined, { isSmtpUtf8: true }), {
    port: modern.port,
  });
  assert.equal(header[0]!.outcome, "sent");
  assert.match(lines[1]!, /SMTPUTF8/i);
  await modern.close();
  const old = await startSmtpSink({ hideSMTPUTF8: true });
  const [refused, ...others] = await deliver("ext.example", mail(["été@ext.example"]), { port: old.port });
  assert.deepEqual([refused!.outcome, refused!.status, others.length], ["failed", "5.6.7", 0]);
  const [plain] = await deliver("ext.example", mail(["x@ext.example"], undefined, { isSmtpUtf8: true }), {
    port: old.port,
  });
  assert.equal(plain!.outcome, "sent");
  await old.close();
});

test("an attempt that is interrupted sends no end of message", async () => {
  const stop = new AbortController();
  const transport = createMailTransport({ resolver: dns, heloName: "a.example", routes: [], mxPort: sink.port });
  const endless = Readable.from(
    (async function* () {
      yield Buffer.from("From: a@b.example\r\n\r\n");
      for (let index = 0; index < 1_000; index++) {
        yield Buffer.from("ligne\r\n");
        if (index === 5) stop.abort(new Error("stop"));
        await new Promise(setImmediate);
      }
    })(),
  );
  const results = await transport.deliver(
    "ext.example",
    mail(["x@ext.example"], "", { message: { size: 10_000, open: () => endless } }),
    stop.signal,
  );
  assert.deepEqual([results[0]!.outcome, sink.messages.length], ["retry", 0]);
});
