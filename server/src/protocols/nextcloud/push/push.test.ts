import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { WebSocket } from "ws";
import type { Person } from "../../../../test/harness/drive-world.ts";
import {
  type NextcloudDevice,
  type NextcloudSuite,
  openNextcloudSuite,
} from "../../../../test/harness/nextcloud-suite.ts";
import { revokeAppPassword } from "../../../domain/identity/app-passwords.ts";
import { notify } from "../../../domain/notifications/notify.ts";

/** A program that keeps what it is told. */
class PushClient {
  readonly texts: string[] = [];
  readonly socket: WebSocket;
  closed: number | undefined;
  #waiting: (() => void)[] = [];

  constructor(address: string) {
    this.socket = new WebSocket(address);
    this.socket.on("message", (data) => {
      this.texts.push(String(data));
      this.#wake();
    });
    this.socket.on("error", () => undefined);
    this.socket.on("close", (code) => {
      this.closed = code;
      this.#wake();
    });
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async until(isThere: () => boolean, what: string): Promise<void> {
    const deadline = Date.now() + 20_000;
    while (!isThere()) {
      assert.ok(Date.now() < deadline, `${what}: got ${JSON.stringify(this.texts)}, closed ${this.closed}`);
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      const timer = setTimeout(resolve, 1_000);
      await promise;
      clearTimeout(timer);
    }
  }

  async said(wanted: string | RegExp): Promise<string> {
    const find = () => this.texts.find((text) => (typeof wanted === "string" ? text === wanted : wanted.test(text)));
    await this.until(() => find() !== undefined, String(wanted));
    return find()!;
  }

  async ended(): Promise<number> {
    await this.until(() => this.closed !== undefined, "the end");
    return this.closed!;
  }
}

describe("push", () => {
  let suite: NextcloudSuite;
  let lea: Person;
  let marc: Person;
  let device: NextcloudDevice;
  before(async () => {
    suite = await openNextcloudSuite({ push: { perPerson: 40 } });
    const organization = await suite.world.organization("Bourg-Fleuri");
    lea = await suite.world.person(organization, "Lea");
    marc = await suite.world.person(organization, "Marc");
    device = await suite.addDevice(lea);
  });
  after(() => suite.close());

  const open = () => new PushClient(`ws://127.0.0.1:${suite.port}/push/ws`);
  async function enter(login: string, secret: string): Promise<PushClient> {
    const client = open();
    client.socket.once("open", () => {
      client.socket.send(login);
      client.socket.send(secret);
    });
    await client.until(() => client.texts.length > 0, "an answer");
    return client;
  }
  const signIn = async (person = lea, with_ = device) => {
    const client = await enter(person.viewer.uid, with_.secret);
    assert.deepEqual(client.texts, ["authenticated"]);
    return client;
  };

  test("a program that signed in hears of a file, and of the activity", async () => {
    const client = await signIn();
    await suite.world.put(lea, "a.txt", "a");
    await client.said("notify_file");
    await client.said("notify_activity");
    client.socket.close();
  });

  test("one that asked for numbers gets those of the file and of the folders above", async () => {
    const client = await signIn();
    client.socket.send("listen notify_file_id");
    // Told in the order they are sent: what follows comes after the server has read it.
    await new Promise((resolve) => {
      client.socket.once("pong", resolve);
      client.socket.ping();
    });
    const node = await suite.world.put(lea, "b.txt", "b");
    const ids = JSON.parse((await client.said(/^notify_file_id /)).slice("notify_file_id ".length));
    assert.ok(ids.includes(node.fileId));
    assert.equal(ids.length, 2);
    assert.ok(!client.texts.includes("notify_file"));
    client.socket.close();
  });

  test("what others do in their own drive is told to nobody else; a notification is", async () => {
    const client = await signIn();
    await suite.world.put(marc, "secret.txt", "s");
    await suite.world.store.transact((tx) =>
      notify(tx, lea.viewer, { topic: "device_wiped", data: { device: "Téléphone" } }),
    );
    await client.said("notify_notification");
    assert.deepEqual(client.texts, ["authenticated", "notify_notification"]);
    client.socket.close();
  });

  test("a wrong password and somebody else's name are told so, and cut", async () => {
    for (const [login, secret] of [
      [lea.viewer.uid, "no"],
      [marc.viewer.uid, device.secret],
      ["", "no ticket"],
    ] as const) {
      const client = await enter(login, secret);
      assert.deepEqual(client.texts, ["err: Invalid credentials"]);
      assert.equal(await client.ended(), 1008);
    }
  });

  test("a ticket opens once it was asked for with the password, without sending it", async () => {
    const response = await suite.call("POST", "/index.php/apps/notify_push/pre_auth", device);
    assert.equal(response.status, 200);
    const client = await enter("", await response.text());
    assert.deepEqual(client.texts, ["authenticated"]);
    client.socket.close();
    assert.equal((await suite.call("POST", "/index.php/apps/notify_push/pre_auth")).status, 401);
  });

  test("withdrawing the app password ends the connection", async () => {
    const other = await suite.addDevice(lea, "Vieux téléphone");
    const client = await signIn(lea, other);
    await revokeAppPassword(suite.identity, lea.viewer, other.appPasswordId);
    assert.equal(await client.ended(), 1008);
  });

  test("many programs of one person are all told, and there is a limit", async () => {
    const clients = await Promise.all(Array.from({ length: 40 }, () => signIn()));
    const refused = await enter(lea.viewer.uid, device.secret);
    assert.deepEqual(refused.texts, ["err: Too many connections"]);
    await suite.world.put(lea, "c.txt", "c");
    await Promise.all(clients.map((client) => client.said("notify_file")));
    for (const client of clients) client.socket.close();
    await Promise.all(clients.map((client) => client.ended()));
    // What was given back can be had again.
    (await signIn()).socket.close();
  });

  test("a frame that is too long, or no text, is no sign-in", async () => {
    const long = open();
    long.socket.once("open", () => long.socket.send("x".repeat(10_000)));
    assert.equal(await long.ended(), 1009);
    const binary = open();
    binary.socket.once("open", () => binary.socket.send(Buffer.from([1, 2])));
    assert.equal(await binary.ended(), 1008);
  });

  test("another path is not a WebSocket, and an upgrade to something else is answered as a plain request", async () => {
    const other = new PushClient(`ws://127.0.0.1:${suite.port}/push/other`);
    await other.ended();
    const response = await suite.call("GET", "/status.php", undefined, { headers: { accept: "application/json" } });
    assert.equal(response.status, 200);
  });
});

describe("push with short limits", () => {
  test("a program that says nothing is cut", async () => {
    const suite = await openNextcloudSuite({ push: { signInMs: 100, waiting: 2 } });
    try {
      const silent = new PushClient(`ws://127.0.0.1:${suite.port}/push/ws`);
      await silent.said("Authentication timeout");
      assert.equal(await silent.ended(), 1008);
    } finally {
      await suite.close();
    }
  });

  test("a program that answers no ping is cut", async () => {
    const suite = await openNextcloudSuite({ push: { pingMs: 2_000, waiting: 2 } });
    try {
      const organization = await suite.world.organization("Bourg-Fleuri");
      const person = await suite.world.person(organization, "Lea");
      const device = await suite.addDevice(person);
      const deaf = new PushClient(`ws://127.0.0.1:${suite.port}/push/ws`);
      deaf.socket.on("open", () => {
        deaf.socket.send(person.viewer.uid);
        deaf.socket.send(device.secret);
      });
      await deaf.said("authenticated");
      deaf.socket.pong = () => undefined;
      assert.equal(await deaf.ended(), 1006);
    } finally {
      await suite.close();
    }
  });

  test("a program that does not read is cut when too much waits for it", async () => {
    const suite = await openNextcloudSuite({ push: { unread: -1 } });
    try {
      const organization = await suite.world.organization("Bourg-Fleuri");
      const person = await suite.world.person(organization, "Lea");
      const device = await suite.addDevice(person);
      const client = new PushClient(`ws://127.0.0.1:${suite.port}/push/ws`);
      client.socket.on("open", () => {
        client.socket.send(person.viewer.uid);
        client.socket.send(device.secret);
      });
      assert.equal(await client.ended(), 1006);
    } finally {
      await suite.close();
    }
  });

  test("a stop of the server says so to every program", async () => {
    const suite = await openNextcloudSuite();
    const organization = await suite.world.organization("Bourg-Fleuri");
    const person = await suite.world.person(organization, "Lea");
    const device = await suite.addDevice(person);
    const client = new PushClient(`ws://127.0.0.1:${suite.port}/push/ws`);
    client.socket.on("open", () => {
      client.socket.send(person.viewer.uid);
      client.socket.send(device.secret);
    });
    await client.said("authenticated");
    await suite.close();
    assert.equal(await client.ended(), 1001);
  });
});
