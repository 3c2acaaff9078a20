import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, type TestContext, test } from "node:test";
import { connect as connectTls } from "node:tls";
import { silentLogger } from "../telemetry/logger.ts";
import { type ListenerOptions, startListener } from "./listener.ts";
import { openTls } from "./tls.ts";

const directory = mkdtempSync(join(tmpdir(), "listener-"));
after(() => rmSync(directory, { recursive: true }));
const tls = await openTls({ files: undefined, directory, hostNames: ["localhost"], log: silentLogger });

async function start(t: TestContext, options: Pick<ListenerOptions, "onConnection"> & Partial<ListenerOptions>) {
  const listener = await startListener({
    name: "IMAP",
    listen: { host: "127.0.0.1", port: 0 },
    tls,
    implicitTls: false,
    log: silentLogger,
    ...options,
  });
  t.after(() => listener.close(0));
  return listener;
}

async function open(t: TestContext, port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  t.after(() => socket.destroy());
  await once(socket, "connect");
  return socket;
}

const firstChunk = async (socket: Socket) => String((await once(socket, "data"))[0]);

test("a connection starts in clear and goes on under TLS after STARTTLS", async (t) => {
  const seen: boolean[] = [];
  const listener = await start(t, {
    onConnection: async (connection) => {
      seen.push(connection.secure);
      connection.socket.write("ready\r\n");
      await once(connection.socket, "data");
      connection.socket.write("go ahead\r\n");
      await connection.upgradeToTls();
      seen.push(connection.secure);
      connection.socket.write("private\r\n");
    },
  });
  const socket = await open(t, listener.port);
  assert.equal(await firstChunk(socket), "ready\r\n");
  socket.write("STARTTLS\r\n");
  assert.equal(await firstChunk(socket), "go ahead\r\n");
  const secured = connectTls({ socket, rejectUnauthorized: false });
  assert.equal(await firstChunk(secured), "private\r\n");
  assert.deepEqual(seen, [false, true]);
  secured.destroy();
});

test("bytes sent in clear behind STARTTLS cut the connection instead of passing for private ones", async (t) => {
  const failed = Promise.withResolvers<Error>();
  const listener = await start(t, {
    onConnection: async (connection) => {
      const { socket } = connection;
      socket.once("readable", () => {
        socket.read("STARTTLS\r\n".length);
        connection.upgradeToTls().catch(failed.resolve);
      });
    },
  });
  const socket = await open(t, listener.port);
  socket.write("STARTTLS\r\nLOGIN mallory secret\r\n");
  assert.match((await failed.promise).message, /in clear after STARTTLS/);
  await once(socket, "close");
});

test("with TLS from the first byte the protocol never sees clear text", async (t) => {
  let served = 0;
  const listener = await start(t, {
    implicitTls: true,
    onConnection: ({ socket, secure }) => {
      served++;
      assert.equal(secure, true);
      socket.end("hello\r\n");
    },
  });
  const plain = await open(t, listener.port);
  plain.write("A1 LOGIN a b\r\n");
  await once(plain, "close");
  assert.equal(served, 0);
  const secured = connectTls({ port: listener.port, host: "127.0.0.1", rejectUnauthorized: false });
  assert.equal(await text(secured), "hello\r\n");
});

test("a client that never does the handshake is cut", async (t) => {
  const listener = await start(t, {
    implicitTls: true,
    handshakeTimeoutMs: 1,
    onConnection: () => assert.fail("served"),
  });
  const socket = await open(t, listener.port);
  await once(socket, "close");
});

test("TLS older than 1.2 is refused", async (t) => {
  const listener = await start(t, { implicitTls: true, onConnection: () => assert.fail("served") });
  const secured = connectTls({
    port: listener.port,
    host: "127.0.0.1",
    rejectUnauthorized: false,
    maxVersion: "TLSv1.1",
    minVersion: "TLSv1",
    ciphers: "DEFAULT@SECLEVEL=0",
  });
  const [error] = (await once(secured, "error")) as [NodeJS.ErrnoException];
  assert.match(String(error.code), /PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL/);
});

test("connections beyond the limit of one network are told so, and those before go on", async (t) => {
  const listener = await start(t, {
    maxPerNetwork: 1,
    refusal: "* BYE too many\r\n",
    onConnection: ({ socket }) => void socket.write("ready\r\n"),
  });
  const first = await open(t, listener.port);
  await firstChunk(first);
  assert.equal(await text(connect(listener.port, "127.0.0.1")), "* BYE too many\r\n");
  first.end();
  first.resume();
  await once(first, "close");
  assert.equal(listener.connections, 0);
  assert.equal(await firstChunk(await open(t, listener.port)), "ready\r\n");
});

test("a handler that fails ends its own connection and no other", async (t) => {
  let calls = 0;
  const listener = await start(t, {
    onConnection: async ({ socket }) => {
      if (calls++ === 0) throw new Error("broken");
      socket.end("fine");
    },
  });
  assert.equal(await text(connect(listener.port, "127.0.0.1")), "");
  assert.equal(await text(connect(listener.port, "127.0.0.1")), "fine");
});

test("a stop lets connections say goodbye", async (t) => {
  const listener = await start(t, {
    onConnection: ({ socket, closing }) => {
      socket.write("ready ");
      closing.addEventListener("abort", () => socket.end("bye"));
    },
  });
  const socket = await open(t, listener.port);
  const heard = text(socket);
  await once(socket, "readable");
  await listener.close(60_000);
  assert.equal(await heard, "ready bye");
});

test("a stop cuts connections that do not end by the deadline", async (t) => {
  const listener = await start(t, { onConnection: ({ socket }) => void socket.write("ready") });
  const socket = await open(t, listener.port);
  await firstChunk(socket);
  await listener.close(1);
  await once(socket, "close");
});
