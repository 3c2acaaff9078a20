import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openTestStore, type TestStore } from "../../test/harness/test-database.ts";
import { readNumbers, readTexts, readUtf8, writeUids } from "./packed-columns.ts";
import { prepare } from "./prepared.ts";

let database: TestStore;
before(async () => {
  database = await openTestStore();
});
after(() => database.close());

test("numbers written in digits are read back, up to 2^53", () => {
  assert.deepEqual([...readNumbers("0,1,42,9007199254740991")], [0, 1, 42, 9_007_199_254_740_991]);
  assert.deepEqual([...readNumbers("7")], [7]);
  assert.deepEqual([...readNumbers(null)], []);
  assert.deepEqual(readTexts(null), []);
});

test("uids travel to the database as they are, none and the greatest too", async () => {
  const echo = prepare<{ uids: string | null; texts: string | null; lengths: string | null }>(
    "test_echo",
    `SELECT string_agg(n::text, ',' ORDER BY o) AS uids, string_agg(t, '' ORDER BY o) AS texts,
      string_agg(octet_length(t)::text, ',' ORDER BY o) AS lengths
    FROM (SELECT n, o, 'é😀,"' || n AS t FROM unnest($1::bigint[]) WITH ORDINALITY u (n, o)) x`,
  );
  for (const uids of [[], [1], [3, 70_000, 4_294_967_295]]) {
    const [row] = await echo.execute(database.store.read, [writeUids(uids)]);
    assert.deepEqual([...readNumbers(row!.uids)], uids);
    const texts = readUtf8(row!.texts, row!.lengths).map((each) => each.toString());
    assert.deepEqual(
      texts,
      uids.map((uid) => `é😀,"${uid}`),
    );
  }
});
