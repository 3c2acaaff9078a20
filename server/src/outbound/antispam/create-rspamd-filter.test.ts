import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { after, before, test } from "node:test";
import { gtube, type RunningScanner, startRspamd } from "../../../test/harness/mail-scanners.ts";
import type { FilteredMessage } from "../../domain/mail/screening/scanners.ts";
import { createRspamdFilter } from "./create-rspamd-filter.ts";

let rspamd: RunningScanner;
before(async () => {
  rspamd = await startRspamd();
});
after(() => rspamd.stop());

const message = (body: string | Buffer): FilteredMessage => {
  const bytes = Buffer.concat([Buffer.from("From: a@b.example\r\nSubject: x\r\n\r\n"), Buffer.from(body as string)]);
  return {
    id: "4711.1",
    remoteAddress: "192.0.2.1",
    helo: "mx.b.example",
    clientHostName: "mx.b.example",
    sender: "a@b.example",
    recipients: ["c@d.example", "e@d.example"],
    size: bytes.length,
    open: () => Readable.from([bytes]),
  };
};

test("Debian's rspamd catches GTUBE and lets an ordinary message through", async () => {
  const filter = createRspamdFilter({ url: `http://127.0.0.1:${rspamd.port}` });
  const caught = await filter.check(message(`${gtube}\r\n`));
  assert.equal(caught.action, "reject");
  assert.ok(caught.score >= caught.requiredScore);
  assert.deepEqual(caught.symbols, ["GTUBE"]);
  assert.equal((await filter.check(message("Bonjour\r\n"))).action, "no action");
});

test("a message of ten megabytes is streamed to rspamd", async () => {
  const filter = createRspamdFilter({ url: `http://127.0.0.1:${rspamd.port}`, timeoutMs: 60_000 });
  const large = await filter.check(message(Buffer.alloc(10_000_000, "Bonjour tout le monde.\r\n")));
  assert.equal(large.action, "no action");
});

async function withAnswer(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  run: (url: string) => Promise<void>,
): Promise<void> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await run(`http://127.0.0.1:${(server.address() as { port: number }).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  }
}
const verdict = (changes: object = {}) =>
  JSON.stringify({ action: "no action", score: 1, required_score: 15, symbols: {}, ...changes });

test("rspamd is told of the envelope, each recipient by itself, and the password", async () => {
  let seen: IncomingMessage | undefined;
  await withAnswer(
    (request, response) => {
      seen = request;
      request.resume().on("end", () => response.end(verdict({ action: "greylist" })));
    },
    async (url) => {
      const findings = await createRspamdFilter({ url: `${url}/`, password: "secret" }).check({
        ...message("x"),
        sender: "a\r\nX: y@b.example",
      });
      assert.equal(findings.action, "greylist");
    },
  );
  assert.deepEqual([seen?.method, seen?.url], ["POST", "/checkv2"]);
  const raw = seen!.rawHeaders;
  const values = (name: string) => raw.filter((_, index) => index % 2 === 1 && raw[index - 1]!.toLowerCase() === name);
  assert.deepEqual(values("rcpt"), ["c@d.example", "e@d.example"]);
  assert.deepEqual(values("from"), ["a?X:?y@b.example"]);
  assert.deepEqual(values("ip"), ["192.0.2.1"]);
  assert.deepEqual(values("helo"), ["mx.b.example"]);
  assert.deepEqual(values("hostname"), ["mx.b.example"]);
  assert.deepEqual(values("queue-id"), ["4711.1"]);
  assert.deepEqual(values("password"), ["secret"]);
});

test("what is not a verdict is an error, and so is silence", async () => {
  const wrong: ((request: IncomingMessage, response: ServerResponse) => void)[] = [
    (_, response) => response.end("<html>"),
    (_, response) => response.end("null"),
    (_, response) => response.end(JSON.stringify({ action: 1, score: "x" })),
    (_, response) => response.writeHead(403).end(verdict()),
    (_, response) => response.socket?.destroy(),
    (_, response) => response.end(`${" ".repeat(2_000_000)}${verdict()}`),
    () => {},
  ];
  for (const answer of wrong) {
    await withAnswer(answer, (url) =>
      assert.rejects(createRspamdFilter({ url, timeoutMs: 500 }).check(message("Bonjour"))),
    );
  }
});

test("an early answer counts although the message was not read to its end", async () => {
  await withAnswer(
    (_, response) => response.writeHead(200, { connection: "close" }).end(verdict({ action: "soft reject" })),
    async (url) => {
      const findings = await createRspamdFilter({ url }).check(message(Buffer.alloc(20_000_000, "x")));
      assert.equal(findings.action, "soft reject");
    },
  );
});
