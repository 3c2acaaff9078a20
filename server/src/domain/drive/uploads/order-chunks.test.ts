import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DomainError } from "../../errors.ts";
import { orderChunks, readChunkName } from "./order-chunks.ts";

const chunk = (name: string, length: number) => ({ name, length });
const namesOf = (chunks: readonly { name: string }[]): string[] => chunks.map(({ name }) => name);

function refuses(chunks: readonly { name: string; length: number }[], total?: number): void {
  assert.throws(
    () => orderChunks(chunks, total),
    (error) => error instanceof DomainError && error.code === "invalid" && error.data?.reason === "chunks_missing",
  );
}

describe("the pieces of a file", () => {
  test("are put in the order of their numbers, not of their names, from 0 or from 1", () => {
    const ten = Array.from({ length: 11 }, (_, index) => chunk(String(index), 5));
    assert.deepEqual(namesOf(orderChunks(ten.toReversed(), 55)), namesOf(ten));
    const padded = [chunk("00002", 1), chunk("00001", 7)];
    assert.deepEqual(namesOf(orderChunks(padded, undefined)), ["00001", "00002"]);
  });

  test("may be named by where they begin, or begin and end", () => {
    assert.deepEqual(namesOf(orderChunks([chunk("1000", 5), chunk("0000", 1_000)], 1_005)), ["0000", "1000"]);
    assert.deepEqual(namesOf(orderChunks([chunk("10-19", 10), chunk("0-9", 10)], 20)), ["0-9", "10-19"]);
    assert.deepEqual(namesOf(orderChunks([chunk("0-10", 10), chunk("10-20", 10)], 20)), ["0-10", "10-20"]);
  });

  test("may be none: an empty file; some may be empty", () => {
    assert.deepEqual(orderChunks([], 0), []);
    assert.equal(orderChunks([chunk("1", 0), chunk("2", 3)], 3).length, 2);
  });

  test("do not make a file with a gap, twice the same, or of another length", () => {
    refuses([chunk("0", 1), chunk("2", 1)]);
    refuses([chunk("2", 1), chunk("3", 1)]);
    refuses([chunk("1", 1), chunk("01", 1)]);
    refuses([chunk("0", 1), chunk("1", 1), chunk("1", 1)]);
    refuses([chunk("0-9", 10), chunk("5-14", 10)]);
    refuses([chunk("0-9", 9), chunk("9-18", 10)].toReversed(), 30);
    refuses([chunk("0", 10)], 11);
    refuses([chunk("0", 10)], 9);
    refuses([], 1);
    refuses([chunk("x", 1)]);
  });

  test("have names of digits", () => {
    for (const name of ["0", "0000000000000000", "9999999999999999", "0-1"]) assert.ok(readChunkName(name), name);
    for (const name of ["", "-", "1-", "-1", "1.0", "1e3", "x", " 1", "1 ", "12345678901234567", "1-2-3", "١"]) {
      assert.equal(readChunkName(name), undefined, name);
    }
  });
});
