import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, get, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { createLogger, silentLogger } from "../telemetry/logger.ts";
import { beneath, createHttpRouter, exactly, type HttpHandler, onHost, readTarget } from "./http-router.ts";
import { createHttpServer } from "./http-server.ts";
import { ListenError } from "./listen-error.ts";

async function serve(t: TestContext, handler: HttpHandler, log = silentLogger) {
  const server = await createHttpServer({ listen: { host: "127.0.0.1", port: 0 }, handler, log });
  t.after(() => server.close(0));
  return server;
}

/** Sends bytes as they are and gives back all that comes until the server ends the connection. */
async function exchange(port: number, bytes: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  socket.write(bytes);
  return text(socket);
}

async function request(port: number, path = "/", agent?: Agent): Promise<IncomingMessage> {
  const sent = get({ host: "127.0.0.1", port, path, ...(agent ? { agent } : {}) });
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  return response;
}

test("a port in use is refused in one sentence", async (t) => {
  const server = await serve(t, () => {});
  const second = createHttpServer({
    listen: { host: "127.0.0.1", port: server.port },
    handler: () => {},
    log: silentLogger,
  });
  await assert.rejects(second, (error) => {
    assert.ok(error instanceof ListenError);
    assert.equal(
      error.message,
      `The HTTP server cannot listen on port ${server.port} of 127.0.0.1: another program already uses it.`,
    );
    return true;
  });
});

test("a handler that fails answers 500 without its words, and the server lives on", async (t) => {
  const lines: string[] = [];
  const log = createLogger({ level: "error", format: "json" }, { write: (line) => lines.push(line) });
  let calls = 0;
  const server = await serve(
    t,
    async (_request, response) => {
      if (calls++ === 0) throw new Error("inner workings");
      response.end("well");
    },
    log,
  );
  const failed = await request(server.port);
  assert.equal(failed.statusCode, 500);
  assert.doesNotMatch(await text(failed), /inner workings/);
  assert.match(lines.join(""), /inner workings/);
  assert.equal(await text(await request(server.port)), "well");
});

test("a handler that fails in the middle of its answer cuts it, so that no client takes it for whole", async (t) => {
  const server = await serve(t, async (_request, response) => {
    response.write("half");
    throw new Error("broken");
  });
  const response = await request(server.port);
  await assert.rejects(text(response), { code: "ECONNRESET" });
});

test("huge headers get 431 and malformed requests 400", async (t) => {
  const server = await serve(t, (_request, response) => void response.end());
  assert.match(
    await exchange(server.port, `GET / HTTP/1.1\r\nhost: x\r\nx: ${"y".repeat(40_000)}\r\n\r\n`),
    /^HTTP\/1\.1 431 /,
  );
  assert.match(await exchange(server.port, "GET / HTTP/1.1\r\nhost x\r\n\r\n"), /^HTTP\/1\.1 400 /);
  assert.match(await exchange(server.port, "\x16\x03\x01\x02\x00\x01\x00"), /^HTTP\/1\.1 400 /);
  assert.match(
    await exchange(
      server.port,
      "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
    ),
    /^HTTP\/1\.1 400 /,
  );
});

test("a stop lets the running request finish and then closes its connection", async () => {
  const started = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const server = await createHttpServer({
    listen: { host: "127.0.0.1", port: 0 },
    log: silentLogger,
    handler: async (_request, response) => {
      response.write("begun ");
      started.resolve();
      await finish.promise;
      response.end("ended");
    },
  });
  const agent = new Agent({ keepAlive: true });
  const answer = request(server.port, "/", agent).then(text);
  await started.promise;
  const closed = server.close(60_000);
  assert.equal(server.closing.aborted, true);
  finish.resolve();
  assert.equal(await answer, "begun ended");
  await closed;
  await assert.rejects(request(server.port), { code: "ECONNREFUSED" });
  agent.destroy();
});

test("a stop cuts what is left at its deadline", async () => {
  const started = Promise.withResolvers<void>();
  const server = await createHttpServer({
    listen: { host: "127.0.0.1", port: 0 },
    log: silentLogger,
    handler: () => started.resolve(),
  });
  const answer = assert.rejects(request(server.port), { code: "ECONNRESET" });
  await started.promise;
  await server.close(1);
  await answer;
});

test("a stop does not wait for idle connections", async () => {
  const server = await createHttpServer({
    listen: { host: "127.0.0.1", port: 0 },
    log: silentLogger,
    handler: (_request, response) => void response.end(),
  });
  const agent = new Agent({ keepAlive: true });
  await text(await request(server.port, "/", agent));
  await server.close(60_000);
  agent.destroy();
});

const target = (url: string, host = "Mail.localhost:8080") => readTarget({ url, headers: { host } });

test("host and path are read from every form of request target", () => {
  assert.deepEqual(target("/a/b?c=/d"), { host: "mail.localhost", path: "/a/b" });
  assert.deepEqual(target("http://Drive.localhost:8080/x?y"), { host: "drive.localhost", path: "/x" });
  assert.deepEqual(target("*"), { host: "mail.localhost", path: "*" });
  assert.deepEqual(target("/", "[::1]:8080"), { host: "[::1]", path: "/" });
  assert.deepEqual(target("/%2e%2e/x"), { host: "mail.localhost", path: "/%2e%2e/x" });
});

test("targets and hosts that no client sends are refused", () => {
  for (const url of ["ftp://x/", "mail", "http://", ""]) assert.equal(target(url), undefined, url);
  for (const host of ["a b", "a/b", "evil@x", "x:99:9", "x:port"]) assert.equal(target("/", host), undefined, host);
});

test("the first route that matches gets the request", async (t) => {
  const say =
    (words: string): HttpHandler =>
    (_request, response) =>
      void response.end(words);
  const server = await serve(
    t,
    createHttpRouter(
      [exactly("/health", say("health")), beneath("/dav", say("dav")), onHost("drive.localhost", say("drive"))],
      say("other"),
    ),
  );
  const ask = async (path: string, host: string) => {
    const answer = await exchange(server.port, `GET ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`);
    return answer
      .split("\r\n")
      .find((line) => /^(health|dav|drive|other|Bad request)/.test(line))
      ?.trim();
  };
  assert.equal(await ask("/health?x", "drive.localhost"), "health");
  assert.equal(await ask("/dav/files", "127.0.0.1"), "dav");
  assert.equal(await ask("/davos", "127.0.0.1"), "other");
  assert.equal(await ask("/", "DRIVE.localhost:8080"), "drive");
});
