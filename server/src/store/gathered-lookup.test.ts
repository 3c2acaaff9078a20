import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { CompiledQuery } from "kysely";
import { openTestStore, type TestStore } from "../../test/harness/test-database.ts";
import type { Reader } from "./database.ts";
import { gatherLookups } from "./gathered-lookup.ts";
import { setSender } from "./prepared.ts";

let database: TestStore;
before(async () => {
  database = await openTestStore();
});
after(() => database.close());

const multiples = gatherLookups<{ product: number; word: string }>(
  "test_multiples",
  ["int", "text"],
  ([factor, word]) =>
    `SELECT n * ${factor} AS product, ${word} AS word FROM generate_series(1, ${factor}) n WHERE ${factor} / 1 > 0 ORDER BY n`,
);
const quotients = gatherLookups<{ quotient: number }>(
  "test_quotients",
  ["int"],
  ([divisor]) => `SELECT 60 / ${divisor} AS quotient`,
);

/** The store, and how many keys each of its statements had. */
function counting(): { on: Reader; sizes: number[] } {
  const sizes: number[] = [];
  const on = { getExecutor: () => database.store.read.getExecutor() } as Reader;
  setSender(on, async (text, values) => {
    sizes.push((values[0] as unknown[]).length);
    const { rows } = await on.getExecutor().executeQuery(CompiledQuery.raw(text, [...values]));
    return { rows };
  });
  return { on, sizes };
}

const productsOf = async (on: Reader, factor: number, word: string) =>
  (await multiples.find(on, [String(factor), word])).map((row) => `${row.product} ${row.word}`);

test("Each gets the rows of its own key, none when there are none, whatever its text", async () => {
  const { on, sizes } = counting();
  const odd = 'a "b", {c} \\ NULL é\u{1f33c}';
  const answers = await Promise.all([
    ...[productsOf(on, 2, "two"), productsOf(on, 0, "none"), productsOf(on, 3, odd), productsOf(on, 1, "")],
  ]);
  assert.deepEqual(answers, [["2 two", "4 two"], [], [`3 ${odd}`, `6 ${odd}`, `9 ${odd}`], ["1 "]]);
  assert.deepEqual(sizes, [4]);
});

test("What is asked while a statement is under way goes with the next, the same key once, more than a statement takes with those after", async () => {
  const { on, sizes } = counting();
  const first = productsOf(on, 1, "first");
  while (sizes.length === 0) await new Promise(setImmediate);
  const later = Array.from({ length: 70 }, (_, index) => productsOf(on, 1, `later ${index}`));
  const same = productsOf(on, 1, "later 69");
  assert.deepEqual(await first, ["1 first"]);
  assert.deepEqual(
    await Promise.all(later),
    Array.from({ length: 70 }, (_, index) => [`1 later ${index}`]),
  );
  assert.deepEqual(await same, ["1 later 69"]);
  assert.deepEqual(sizes, [1, 64, 6]);
});

test("One that fails fails alone, and those after it are looked up", async () => {
  const { on } = counting();
  const asked = ["2", "0", "no number", "3"].map((divisor) => quotients.find(on, [divisor]));
  const answers = await Promise.allSettled(asked);
  assert.deepEqual(
    answers.map((each) => (each.status === "fulfilled" ? each.value.map((row) => row.quotient) : "failed")),
    [[30], "failed", "failed", [20]],
  );
  assert.equal((await quotients.find(on, ["4"]))[0]?.quotient, 15);
});

test("What was committed before it was asked is seen", async () => {
  const names = gatherLookups<{ name: string }>(
    "test_organization_name",
    ["uuid"],
    ([id]) => `SELECT name FROM organization WHERE id = ${id}`,
  );
  const { store } = database;
  const { id } = await store.transact((tx) =>
    tx.insertInto("organization").values({ name: "0", kind: "member" }).returning("id").executeTakeFirstOrThrow(),
  );
  const change = async (name: string): Promise<void> => {
    await store.transact((tx) => tx.updateTable("organization").set({ name }).where("id", "=", id).execute());
  };
  // Others keep a statement under way all the time.
  let isOver = false;
  const others = Array.from({ length: 3 }, async () => {
    while (!isOver) await names.find(store.read, [id]);
  });
  for (let turn = 1; turn <= 30; turn++) {
    await change(String(turn));
    assert.equal((await names.find(store.read, [id]))[0]?.name, String(turn));
  }
  isOver = true;
  await Promise.all(others);
});
