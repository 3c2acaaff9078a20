import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { isClientGone } from "./client-gone.ts";
import { sendPieces } from "./send-pieces.ts";

/** What a server that is ended with the test answers to a GET. */
async function get(t: TestContext, answer: (response: ServerResponse) => void): Promise<IncomingMessage> {
  const server = createServer((_request, response) => answer(response)).listen(0, "127.0.0.1");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const sent = request({ host: "127.0.0.1", port, agent: false });
  sent.end();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  return response;
}

test("memory that is used again from piece to piece arrives as it was lent", async (t) => {
  const whole = randomBytes(4_000_000);
  async function* lend(): AsyncGenerator<Uint8Array> {
    const memory = Buffer.alloc(250_000);
    for (let at = 0; at < whole.length; at += memory.length) {
      whole.copy(memory, 0, at);
      yield memory;
      memory.fill(0);
    }
  }
  const response = await get(t, async (outgoing) => {
    outgoing.writeHead(200, { "content-length": whole.length });
    await sendPieces(outgoing, lend(), whole.length);
    outgoing.end();
  });
  assert.ok((await buffer(response)).equals(whole));
});

test("a client that goes away without reading ends the reading of pieces", async (t) => {
  const { promise: sending, resolve, reject } = Promise.withResolvers<void>();
  let ended = false;
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield Buffer.alloc(250_000);
    } finally {
      ended = true;
    }
  }
  const response = await get(t, (outgoing) => {
    sendPieces(outgoing, endless(), Number.POSITIVE_INFINITY).then(resolve, reject);
  });
  response.destroy();
  await assert.rejects(sending, isClientGone);
  assert.ok(ended);
});

test("fewer bytes than were announced are an error, which cuts the connection", async (t) => {
  const response = await get(t, async (outgoing) => {
    async function* few(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("few");
    }
    outgoing.writeHead(200, { "content-length": 10 });
    await sendPieces(outgoing, few(), 10).catch(() => outgoing.destroy());
  });
  await assert.rejects(buffer(response), { code: "ECONNRESET" });
});
