import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { makeOrganization, makePerson } from "../../../test/harness/identity-suite.ts";
import { openTestStore, type TestStore } from "../../../test/harness/test-database.ts";
import { uuidv7 } from "../uuid.ts";
import { recordDepartures } from "./record-departures.ts";
import { type AccountKey, markTypes, readFeed, takeModseq, takeModseqs } from "./take-modseq.ts";

let database: TestStore;
let anne: AccountKey;
let paul: AccountKey;

before(async () => {
  database = await openTestStore();
  const organization = await makeOrganization(database.store);
  anne = await makePerson(database.store, organization);
  paul = await makePerson(database.store, organization);
});
after(() => database.close());

const feed = async (key: AccountKey) => (await readFeed(database.store.read, key, "files"))!;

test("each transaction gets the next number, whatever runs at once, and a rollback leaves no gap", async () => {
  const { modseq } = await feed(anne);
  const failing = assert.rejects(
    database.store.transact(async (tx) => {
      await takeModseq(tx, anne, "files");
      throw new Error("rolled back");
    }),
    /rolled back/,
  );
  const taken = await Promise.all(
    Array.from({ length: 20 }, () => database.store.transact((tx) => takeModseq(tx, anne, "files"))),
  );
  await failing;
  assert.deepEqual(
    taken.sort((a, b) => a - b),
    Array.from({ length: 20 }, (_, index) => modseq + 1 + index),
  );
  assert.equal((await feed(anne)).modseq, modseq + 20);
});

test("areas and accounts count apart, and each type keeps the last number that moved it", async () => {
  const mail = (await readFeed(database.store.read, paul, "mail"))!.modseq;
  const first = await database.store.transact((tx) => takeModseq(tx, paul, "files", ["FileNode", "Quota"]));
  const second = await database.store.transact(async (tx) => {
    const modseq = await takeModseq(tx, paul, "files", ["FileNode"]);
    await markTypes(tx, paul, "files", modseq, ["ShareNotification"]);
    return modseq;
  });
  assert.deepEqual((await feed(paul)).typeModseq, { FileNode: second, Quota: first, ShareNotification: second });
  assert.equal((await readFeed(database.store.read, paul, "mail"))!.modseq, mail);
});

test("two transactions that take the same accounts in other orders both end", async () => {
  await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      database.store.transact((tx) => takeModseqs(tx, index % 2 ? [anne, paul] : [paul, anne, paul], "files")),
    ),
  );
});

test("one account named twice moves once", async () => {
  const { modseq } = await feed(anne);
  const taken = await database.store.transact((tx) => takeModseqs(tx, [anne, { ...anne }], "files"));
  assert.deepEqual([...taken], [[anne.accountId, modseq + 1]]);
});

test("an account of nowhere, or named with another organization, is a bug that writes nothing", async () => {
  const key = { ...anne, organizationId: uuidv7() };
  await assert.rejects(
    database.store.transact((tx) => takeModseq(tx, key, "files")),
    /No files feed/,
  );
  assert.equal(await readFeed(database.store.read, key, "files"), undefined);
});

test("who waits for the account is told after the commit only", async () => {
  const told: string[] = [];
  const stop = database.store.hints.subscribe("account", anne.accountId, () => told.push("hint"));
  await database.store.transact(async (tx) => {
    await takeModseq(tx, anne, "files");
    told.push("in the transaction");
  });
  stop();
  assert.deepEqual(
    told.filter((each, index) => each !== "hint" || index > 0),
    ["in the transaction", "hint"],
  );
});

test("thousands of departures of one number are all written", async () => {
  const collectionId = uuidv7();
  const departures = Array.from({ length: 2_500 }, () => ({ kind: "node", collectionId, objectId: uuidv7() }));
  await database.store.transact(async (tx) => {
    const modseq = await takeModseq(tx, anne, "files");
    await recordDepartures(tx, anne, "files", modseq, departures);
    await recordDepartures(tx, anne, "files", modseq, []);
  });
  const { count } = await database.store.read
    .selectFrom("changes")
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .where("collection_id", "=", collectionId)
    .executeTakeFirstOrThrow();
  assert.equal(count, 2_500);
});
