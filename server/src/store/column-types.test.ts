import assert from "node:assert/strict";
import { test } from "node:test";
import pg from "pg";
import { parseTimestamp, parseUuids } from "./column-types.ts";

test("times are what the driver makes of them", () => {
  const read = pg.types.getTypeParser(1184) as (text: string) => unknown;
  for (const text of [
    "2026-11-23 20:28:41+00",
    "2026-11-23 20:28:41.1+00",
    "2026-11-23 20:28:41.12+00",
    "2026-11-23 20:28:41.129+00",
    "2026-11-23 20:28:41.123999+00",
    "2024-02-29 23:59:59.999999+00",
    "1969-12-31 23:59:59.5+00",
    "0001-01-01 00:00:00+00",
    "0099-06-01 00:00:00+00",
    "2026-06-01 10:00:00+02",
    "2026-06-01 10:00:00.25-03:30",
    "10000-01-01 00:00:00+00",
    "12345-01-01 00:00:00.5+00",
    "0044-03-15 12:00:00+00 BC",
    "infinity",
    "-infinity",
  ]) {
    assert.deepEqual(parseTimestamp(text), read(text), text);
  }
});

test("lists of ids are what the driver makes of them", () => {
  const read = pg.types.getTypeParser(2951 as number) as (text: string) => unknown;
  const [a, b] = ["01a20a0f-ba91-7d94-982c-c6937cd795ad", "01a20a0f-ba91-7d94-982c-c6937cd795ae"];
  for (const text of ["{}", `{${a}}`, `{${a},${b}}`, `{${a},NULL}`, "{NULL}", `{{${a}},{${b}}}`, `[0:1]={${a},${b}}`]) {
    assert.deepEqual(parseUuids(text), read(text), text);
  }
});
