import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { type Duplex, duplexPair, Readable } from "node:stream";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import type { Connection } from "../../net/listener.ts";
import { ConnectionClosed } from "../../net/socket-channel.ts";
import { ClientChannel } from "./client-channel.ts";

function pair(): { channel: ClientChannel; peer: Duplex } {
  const [ours, peer] = duplexPair();
  peer.on("error", () => {});
  const connection: Connection = {
    socket: ours as Socket,
    secure: false,
    remoteAddress: "127.0.0.1",
    closing: new AbortController().signal,
    upgradeToTls: () => Promise.reject(new Error("not here")),
  };
  return { channel: new ClientChannel(connection), peer };
}

/** Lets everything that can go on go on, until nothing changes any more. */
async function settle(value: () => number): Promise<number> {
  let before = -1;
  while (before !== value()) {
    before = value();
    for (let turn = 0; turn < 20; turn += 1) await setImmediate();
  }
  return before;
}

test("A client that does not read holds back the source of what it asked for", async () => {
  const { channel, peer } = pair();
  const megabytes = 32;
  let produced = 0;
  const source = Readable.from(
    (function* () {
      for (; produced < megabytes * 16; produced += 1) yield Buffer.alloc(65_536);
    })(),
  );
  const sent = channel.sendStream(source, megabytes * 1024 * 1024).then(() => channel.flush());
  assert.ok((await settle(() => produced)) < 40, `${produced} chunks were read ahead`);
  let received = 0;
  peer.on("data", (chunk: Buffer) => {
    received += chunk.length;
  });
  await sent;
  await settle(() => received);
  assert.equal(received, megabytes * 1024 * 1024);
  channel.destroy();
});

test("A stream shorter or longer than announced gives the connection up", async () => {
  for (const size of [4, 6]) {
    const { channel } = pair();
    await assert.rejects(channel.sendStream(Readable.from([Buffer.from("12345")]), size));
    assert.equal(channel.closed, true);
  }
});

test("A stream that breaks gives the connection up with its own error", async () => {
  const { channel } = pair();
  const broken = new Readable({
    read() {
      this.destroy(new Error("disk"));
    },
  });
  await assert.rejects(channel.sendStream(broken, 10), /disk/);
  await assert.rejects(channel.flush(), ConnectionClosed);
});

test("What was queued is taken back only while nothing of it has left", async () => {
  const { channel, peer } = pair();
  channel.send("kept ");
  const mark = channel.mark();
  channel.send("taken back");
  assert.equal(channel.rollback(mark), true);
  channel.send("sent");
  await channel.flush();
  assert.equal(channel.rollback(mark), false);
  await setImmediate();
  assert.equal(String(peer.read()), "kept sent");
  channel.destroy();
});

test("Thousands of commands in one chunk do not keep others from their turn", async () => {
  const { channel, peer } = pair();
  peer.write("a NOOP\r\n".repeat(7000));
  let turns = 0;
  let running = true;
  const others = (async () => {
    while (running) {
      turns += 1;
      await setImmediate();
    }
  })();
  let commands = 0;
  for await (const event of channel.events()) {
    assert.equal(event.type, "command");
    commands += 1;
    const until = performance.now() + 0.02;
    while (performance.now() < until);
    if (commands === 7000) break;
  }
  running = false;
  await others;
  assert.ok(turns > 5, `${turns} turns`);
  channel.destroy();
});
