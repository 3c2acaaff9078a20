import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openTestStore, type TestStore } from "../../test/harness/test-database.ts";
import { openStore } from "./database.ts";
import { prepare } from "./prepared.ts";

let database: TestStore;
before(async () => {
  database = await openTestStore();
});
after(() => database.close());

test("what a transaction wrote is gone when it throws, and its hints are never published", async () => {
  const heard: unknown[] = [];
  const stop = database.store.hints.subscribe("work", "t", (hint) => hint && heard.push(hint));
  await assert.rejects(
    database.store.transact(async (tx) => {
      tx.hint({ kind: "work", id: "t" });
      await tx.insertInto("organization").values({ name: "Perdue", kind: "member" }).execute();
      throw new Error("stop");
    }),
    /stop/,
  );
  const found = await database.store.read
    .selectFrom("organization")
    .select("id")
    .where("name", "=", "Perdue")
    .execute();
  assert.deepEqual(found, []);
  assert.deepEqual(heard, []);
  stop();
});

test("a hint committed by one copy wakes a listener of another copy", async () => {
  const other = await openStore({
    connectionString: database.connectionString,
    maxConnections: 2,
    onConnectionError: () => {},
  });
  try {
    const heard = new Promise((resolve) => {
      // The first call may be the resync of a fresh connection.
      other.hints.subscribe("account", "abc", (hint) => hint && resolve(hint));
    });
    const listening = new Promise<void>((resolve) => other.hints.subscribe("work", "ready", () => resolve()));
    await listening;
    await database.store.transact(async (tx) => tx.hint({ kind: "account", id: "abc" }));
    assert.deepEqual(await heard, { kind: "account", id: "abc" });
  } finally {
    await other.close();
  }
});

test("two transactions that take the same locks in opposite orders both commit", async () => {
  const { store } = database;
  const [a, b] = await store.transact(async (tx) => {
    const rows = await tx
      .insertInto("organization")
      .values([
        { name: "A", kind: "member" },
        { name: "B", kind: "member" },
      ])
      .returning("id")
      .execute();
    return [rows[0]!.id, rows[1]!.id];
  });
  let arrived = 0;
  let release: () => void = () => {};
  const bothHoldOne = new Promise<void>((resolve) => {
    release = resolve;
  });
  const rename = (first: string, second: string, name: string) =>
    store.transact(async (tx) => {
      await tx.updateTable("organization").set({ name }).where("id", "=", first).execute();
      if (++arrived >= 2) release();
      await bothHoldOne;
      await tx.updateTable("organization").set({ name }).where("id", "=", second).execute();
    });
  await Promise.all([rename(a!, b!, "un"), rename(b!, a!, "deux")]);
  const names = await store.read.selectFrom("organization").select("name").where("id", "in", [a!, b!]).execute();
  assert.equal(new Set(names.map((row) => row.name)).size, 1);
});

test("a transaction fails with what failed first, not with what follows from it", async () => {
  const divides = prepare("test_divides", "SELECT 1 / 0");
  const selects = prepare("test_selects", "SELECT 1");
  const failure = { code: "22012" };
  const { store } = database;
  await assert.rejects(
    store.transact(async (tx) => {
      const failing = divides.execute(tx, []);
      tx.trail(selects.execute(tx, []));
      await failing;
    }),
    failure,
  );
  await assert.rejects(
    store.transact(async (tx) => {
      tx.trail(divides.execute(tx, []));
      await selects.execute(tx, []);
    }),
    failure,
  );
  await assert.rejects(
    store.transact(async (tx) => tx.trail(divides.execute(tx, []))),
    failure,
  );
});
