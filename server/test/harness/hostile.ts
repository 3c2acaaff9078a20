import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { after, before } from "node:test";
import { RawClient } from "./imap-suite.ts";
import { JmapClient } from "./jmap-client.ts";
import { startSuite, type TestSuite, type TestSuiteOptions } from "./start-suite.ts";
import { createTownHall, type TownHall, type TownPerson } from "./town-hall.ts";

export interface BesiegedTown {
  readonly suite: TestSuite;
  readonly town: TownHall;
  readonly lea: TownPerson;
  readonly jmap: JmapClient;
  /** A client that sends what it is told, right or wrong; greeted already. */
  connect(port: "smtp" | "submission" | "imap"): Promise<RawClient>;
  connectHttp(): Promise<Socket>;
  /** Signed in to IMAP. */
  imap(): Promise<RawClient>;
  /** The same bytes as a message to Léa; the answer to its end. */
  deliver(bytes: Buffer | string): Promise<string>;
  /** A normal message arrives and is read, a normal page is served, nothing unexpected was logged, memory is bounded. */
  assertWell(): Promise<void>;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** More than this above the start, after an attack and a collection, is a leak. Bytes. */
const memoryAllowance = 400 * 1024 * 1024;

/**
 * The whole program for the tests of a file, with somebody who gets mail; what escapes every handler fails the file.
 */
export function besiege(prepare?: () => Promise<void>, options: TestSuiteOptions = {}): BesiegedTown {
  const escaped: unknown[] = [];
  const note = (error: unknown) => void escaped.push(error);
  const siege = { deliver, assertWell, imap, connect: connectTo, connectHttp } as Writable<BesiegedTown>;
  let serial = 0;
  let startMemory = 0;

  before(async () => {
    process.on("unhandledRejection", note).on("uncaughtException", note);
    siege.suite = await startSuite(options);
    siege.town = await createTownHall(siege.suite.domain, "Bourg-Fleuri", "bourg-fleuri.example");
    siege.lea = await siege.town.addPerson("Lea");
    siege.jmap = await JmapClient.open(`http://127.0.0.1:${siege.suite.port("http")}`, siege.lea);
    await prepare?.();
    await assertWell();
    startMemory = process.memoryUsage().rss;
  });
  after(async () => {
    await siege.suite?.close();
    process.off("unhandledRejection", note).off("uncaughtException", note);
    assert.deepEqual(escaped, []);
  });

  async function connectTo(port: "smtp" | "submission" | "imap"): Promise<RawClient> {
    const socket = connect(siege.suite.port(port), "127.0.0.1");
    const client = new RawClient(socket);
    await once(socket, "connect");
    assert.match((await client.readLine()) ?? "", /^(220|\* OK)/);
    return client;
  }

  async function connectHttp(): Promise<Socket> {
    const socket = connect(siege.suite.port("http"), "127.0.0.1");
    socket.on("error", () => {});
    await once(socket, "connect");
    return socket;
  }

  async function imap(): Promise<RawClient> {
    const client = await connectTo("imap");
    const answer = await client.run(`LOGIN ${siege.lea.address} ${siege.lea.appPassword}`);
    assert.match(answer.at(-1)!, /^OK/);
    return client;
  }

  async function deliver(bytes: Buffer | string): Promise<string> {
    const client = await connectTo("smtp");
    client.send("EHLO outside.example\r\n");
    await client.readUntil(/^250 /);
    for (const line of ["MAIL FROM:<paul@outside.example>", `RCPT TO:<${siege.lea.address}>`, "DATA"]) {
      client.send(`${line}\r\n`);
      assert.match((await client.readLine()) ?? "closed", /^(250|354) /, line);
    }
    client.send(bytes);
    client.send("\r\n.\r\n");
    const answer = (await client.readLine()) ?? "closed";
    client.destroy();
    return answer;
  }

  async function assertWell(): Promise<void> {
    const subject = `Normal ${++serial}`;
    const message = `From: paul@outside.example\r\nTo: ${siege.lea.address}\r\nSubject: ${subject}\r\n\r\nBonjour\r\n`;
    assert.match(await deliver(message), /^250 /);
    const { ids } = await siege.jmap.call("Email/query", { filter: { subject } });
    assert.equal(ids.length, 1);
    const client = await imap();
    assert.match((await client.run("SELECT INBOX")).at(-1)!, /^OK/);
    assert.match((await client.run("LOGOUT")).at(-1)!, /^OK/);
    client.destroy();
    for (const path of ["/health", "/ready"]) {
      assert.equal((await fetch(`http://127.0.0.1:${siege.suite.port("http")}${path}`)).status, 200);
    }
    assert.deepEqual(
      siege.suite.log.filter((line) => line.level === "error" || line.level === "fatal"),
      [],
    );
    assert.deepEqual(escaped, []);
    globalThis.gc?.();
    const grown = process.memoryUsage().rss - startMemory;
    assert.ok(startMemory === 0 || grown < memoryAllowance, `${Math.round(grown / 2 ** 20)} MiB more`);
  }
  return siege;
}

/** How long this thread has worked, in milliseconds: on a busy machine the clock counts the work of others too. */
export function workedFor(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

/** The longest time for which this thread worked without a turn of the event loop while `work` ran, in milliseconds. */
export async function longestBlock(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let last = workedFor();
  const turn = () => {
    const now = workedFor();
    longest = Math.max(longest, now - last);
    last = now;
  };
  const timer = setInterval(turn, 5);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  turn();
  return longest;
}

/** Writes without minding that the other side may have closed. */
export async function flood(client: { readonly socket: Socket }, piece: Buffer, times: number): Promise<void> {
  const { socket } = client;
  for (let count = 0; count < times && !socket.destroyed && socket.writable; count++) {
    if (!socket.write(piece)) {
      await Promise.race([once(socket, "drain"), once(socket, "close")]).catch(() => {});
    }
  }
}
