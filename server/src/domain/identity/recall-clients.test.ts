import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { beforeEach, describe, mock, test } from "node:test";
import type { Hint } from "../../store/hints/hint-channel.ts";
import { createClientRecall, type RecallClient } from "./recall-clients.ts";
import type { Viewer } from "./viewer.ts";

interface Client {
  viewer: Viewer;
  appPasswordId: string;
  appPasswordName: string;
}

class Connection extends EventEmitter {
  destroyed = false;
  destroy(): void {
    this.destroyed = true;
    this.emit("close");
  }
}

const person = (appPasswordId: string): Client => ({
  viewer: { principalId: "person" } as Viewer,
  appPasswordId,
  appPasswordName: "Portable",
});

describe("who sent a request, by what its connection brought before", () => {
  let now = 0;
  mock.method(performance, "now", () => now);
  let listeners: Map<string, Set<(hint: Hint | undefined) => void>>;
  let asked: number;
  let recall: RecallClient<Client>;
  const tell = (id: string): void => {
    for (const listener of [...(listeners.get(id) ?? [])]) listener({ kind: "revoked", id });
  };
  const watched = (): number => [...listeners.values()].reduce((sum, set) => sum + set.size, 0);
  const send = (connection: Connection, presented = "Basic a", answer = async () => person("a")) =>
    recall(connection, presented, () => {
      asked += 1;
      return answer();
    });
  beforeEach(() => {
    now = 0;
    listeners = new Map();
    asked = 0;
    recall = createClientRecall({
      subscribe(kind, id, listener) {
        assert.equal(kind, "revoked");
        const set = listeners.get(id) ?? new Set();
        listeners.set(id, set.add(listener));
        return () => void set.delete(listener);
      },
    });
  });

  test("only what was asked while its connection was told of what is revoked is used again, for a second", async () => {
    const connection = new Connection();
    await send(connection);
    await send(connection); // the first asked before anybody listened
    assert.equal(asked, 2);
    now = 999;
    assert.equal((await send(connection)).appPasswordId, "a");
    assert.equal(asked, 2);
    now = 1_000;
    await send(connection);
    assert.equal(asked, 3);
    now = 1_999;
    await send(connection);
    assert.equal(asked, 3);
  });

  test("what is told of the password or the person counts at once, while an answer is on its way too", async () => {
    for (const id of ["a", "person"]) {
      const connection = new Connection();
      await send(connection);
      await send(connection);
      asked = 0;
      tell(id);
      const { promise, resolve } = Promise.withResolvers<Client>();
      const late = send(connection, "Basic a", () => promise);
      tell(id);
      resolve(person("a"));
      await late;
      assert.equal(asked, 1);
      await assert.rejects(
        async () => send(connection, "Basic a", () => Promise.reject(new Error("revoked"))),
        /revoked/,
      );
      assert.equal(asked, 2);
    }
  });

  test("another password, and another connection, are asked for", async () => {
    const [connection, other] = [new Connection(), new Connection()];
    for (const each of [connection, connection, other]) await send(each);
    assert.equal(asked, 3);
    assert.equal((await send(connection, "Basic b", async () => person("b"))).appPasswordId, "b");
    assert.equal((await send(connection)).appPasswordId, "a");
    assert.equal(asked, 5);
    await assert.rejects(async () => send(connection, "Basic c", () => Promise.reject(new Error("wrong"))), /wrong/);
    assert.equal(watched(), 4);
  });

  test("nothing is watched for a connection that is over, even before its answer came", async () => {
    const [connection, early] = [new Connection(), new Connection()];
    await send(connection);
    await send(connection);
    assert.equal(watched(), 2);
    const answered = send(early);
    early.destroy();
    await answered;
    connection.destroy();
    assert.equal(watched(), 0);
    assert.equal(connection.listenerCount("close"), 0);
  });
});
