import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { Readable } from "node:stream";
import { after, before, test } from "node:test";
import { eicar, type RunningScanner, startClamd } from "../../../test/harness/mail-scanners.ts";
import { writeZip } from "../../formats/zip/write-zip.ts";
import { createClamdScanner } from "./create-clamd-scanner.ts";

let clamd: RunningScanner;
const streamMaxLength = 1_000_000;

before(async () => {
  clamd = await startClamd({ streamMaxLength });
});
after(() => clamd.stop());

const message = (...chunks: (string | Buffer)[]) => {
  const bytes = Buffer.concat(chunks.map((each) => Buffer.from(each as string)));
  return { size: bytes.length, open: () => Readable.from([bytes]) };
};
const withAttachment = (name: string, bytes: Buffer) =>
  message(
    "From: a@b.example\r\nSubject: Facture\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n",
    "--x\r\nContent-Type: text/plain\r\n\r\nBonjour\r\n--x\r\nContent-Type: application/octet-stream\r\n",
    `Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=${name}\r\n\r\n`,
    bytes.toString("base64").replace(/.{76}/g, "$&\r\n"),
    "\r\n--x--\r\n",
  );
const scan = (what: ReturnType<typeof message>, place: Parameters<typeof createClamdScanner>[0]["place"] = tcp()) =>
  createClamdScanner({ place, timeoutMs: 20_000 }).scan(what);
const tcp = () => ({ host: "127.0.0.1", port: clamd.port });

test("a harmless message is clean, over TCP and over a Unix socket", async () => {
  const harmless = message("From: a@b.example\r\n\r\nBonjour\r\n");
  assert.deepEqual(await scan(harmless), { outcome: "clean" });
  assert.deepEqual(await scan(harmless, { path: clamd.socketPath }), { outcome: "clean" });
});

test("EICAR in a base64 attachment is found and named", async () => {
  const found = await scan(withAttachment("eicar.com", Buffer.from(eicar)));
  assert.equal(found.outcome, "infected");
  assert.match(found.outcome === "infected" ? found.virus : "", /^Eicar-Signature/);
});

test("EICAR in a zip in an attachment is found", async () => {
  const zip = await writeZip([
    {
      path: "dossier/eicar.com",
      modifiedAt: new Date(),
      file: { size: eicar.length, compress: true, open: () => Readable.from([Buffer.from(eicar)]) },
    },
  ]).toArray();
  assert.equal((await scan(withAttachment("facture.zip", Buffer.concat(zip)))).outcome, "infected");
});

test("a message beyond the scanner's StreamMaxLength is too large, not an outage", async () => {
  const large = {
    size: 8_000_000,
    open: () => Readable.from(Array.from({ length: 80 }, () => Buffer.alloc(100_000, "A"))),
  };
  assert.deepEqual(await scan(large), { outcome: "too_large" });
});

test("an empty message is clean", async () => {
  assert.deepEqual(await scan({ size: 0, open: () => Readable.from([]) }), { outcome: "clean" });
});

test("the source's own error comes through", async () => {
  const broken = async function* () {
    yield Buffer.from("From: ");
    throw new Error("the spool is gone");
  };
  await assert.rejects(scan({ size: 100, open: () => Readable.from(broken()) }), /the spool is gone/);
});

async function withServer(onConnection: (socket: Socket) => void, run: (port: number) => Promise<void>): Promise<void> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    onConnection(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await run((server.address() as { port: number }).port);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  }
}
const at = (port: number, timeoutMs = 20_000) => createClamdScanner({ place: { host: "127.0.0.1", port }, timeoutMs });

test("a scanner that is not there is an error", async () => {
  let port = 0;
  await withServer(
    () => {},
    async (free) => {
      port = free;
    },
  );
  await assert.rejects(at(port).scan(message("x")), { code: "ECONNREFUSED" });
});

test("a scanner that closes, talks nonsense or reports an error of its own is an error", async () => {
  const answers = ["", "stream: OKAY\0", "INSTREAM: Can't open file ERROR\0", "\0", `${"x".repeat(100_000)}\0`];
  for (const answer of answers) {
    await withServer(
      (socket) => socket.end(answer),
      (port) => assert.rejects(at(port).scan(message("Bonjour"))),
    );
  }
});

test("what clamd gave up reading is too large, not infected", async () => {
  for (const limit of ["", ".MaxFileSize", ".MaxScanSize"]) {
    await withServer(
      (socket) => socket.end(`stream: Heuristics.Limits.Exceeded${limit} FOUND\0`),
      async (port) => assert.deepEqual(await at(port).scan(message("Bonjour")), { outcome: "too_large" }),
    );
  }
});

test("a scanner that never answers is given up", async () => {
  await withServer(
    (socket) => socket.resume(),
    (port) => assert.rejects(at(port, 100).scan(message("Bonjour")), /did not answer/),
  );
});

test("a scanner that takes nothing in is given up, however much is left to send", async () => {
  await withServer(
    (socket) => socket.pause(),
    (port) =>
      assert.rejects(
        at(port, 200).scan({ size: 2e8, open: () => Readable.from(Array(2_000).fill(Buffer.alloc(100_000))) }),
        /did not answer|closed/,
      ),
  );
});

test("no connection is left behind", async () => {
  const probe = connect(tcp());
  await once(probe, "connect");
  probe.end("zPING\0");
  const [answer] = await once(probe, "data");
  assert.equal(String(answer), "PONG\0");
  probe.destroy();
});

test("what is beyond the configured limit is not sent at all", async () => {
  const scanner = createClamdScanner({ place: { path: "/nowhere/clamd.socket" }, sizeLimit: 1_000 });
  assert.deepEqual(await scanner.scan({ size: 1_001, open: () => assert.fail("not read") }), { outcome: "too_large" });
});
