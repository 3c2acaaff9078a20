import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, request } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { lendBody } from "./lend-body.ts";

/** Sends a PUT to a server that is ended with the test. @returns the text of the answer */
async function put(t: TestContext, body: Buffer, answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const sent = request({ host: "127.0.0.1", port, method: "PUT", agent: false });
  sent.end(body);
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  return text(response);
}

test("a body comes whole, and the memory of a large piece is given back when the next is asked for", async (t) => {
  const body = randomBytes(3_000_000);
  const received: Buffer[] = [];
  const large: { piece: Uint8Array; length: number }[] = [];
  await put(t, body, async (incoming, response) => {
    for await (const piece of lendBody(incoming)) {
      received.push(Buffer.from(piece));
      if (piece.byteLength >= 16 * 1024) large.push({ piece, length: piece.byteLength });
    }
    response.end();
  });
  assert.ok(Buffer.concat(received).equals(body));
  assert.ok(large.length > 0);
  assert.ok(large.every(({ piece }) => piece.byteLength === 0));
});

test("memory that is shared with others is left alone", async () => {
  const shared = Buffer.alloc(100_000, "x");
  const request = Readable.from([shared.subarray(0, 50_000), shared.subarray(50_000)]) as IncomingMessage;
  let length = 0;
  for await (const piece of lendBody(request)) length += piece.byteLength;
  assert.equal(length, 100_000);
  assert.ok(shared.equals(Buffer.alloc(100_000, "x")));
});

test("who stops early can still answer, and what it held stays", async (t) => {
  let held: Uint8Array | undefined;
  const answer = await put(t, Buffer.alloc(1_000_000, "x"), async (incoming, response) => {
    for await (const piece of lendBody(incoming)) {
      held = piece;
      break;
    }
    incoming.resume();
    response.end("refused");
  });
  assert.equal(answer, "refused");
  assert.ok(held !== undefined && held.byteLength > 0);
});
