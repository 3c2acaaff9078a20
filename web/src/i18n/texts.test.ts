import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { frenchSpaces } from "./typography.ts";

type Tree = { [key: string]: unknown };

async function load(language: string, area: string): Promise<Tree> {
  const module = (await import(join(import.meta.dirname, language, area))) as Record<string, Tree>;
  return module[language] as Tree;
}

function leaves(tree: Tree, path = ""): [string, unknown][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "object" && value !== null
      ? leaves(value as Tree, `${path}/${key}`)
      : [[`${path}/${key}`, value] as [string, unknown]],
  );
}

/** What a text gives: functions are called with samples that fit any parameter. */
function written(value: unknown): string {
  return typeof value === "function" ? String(value("2", "2", "2")) : String(value);
}

const areas = readdirSync(join(import.meta.dirname, "fr"));

test("Every area exists in both languages", () => {
  assert.deepEqual(readdirSync(join(import.meta.dirname, "en")), areas);
});

for (const area of areas) {
  test(`${area} has the same keys in both languages, none empty`, async () => {
    const fr = leaves(await load("fr", area));
    const en = leaves(await load("en", area));
    assert.deepEqual(en.map(([key]) => key).sort(), fr.map(([key]) => key).sort());
    for (const [key, value] of [...fr, ...en]) assert.notEqual(written(value), "", key);
  });

  test(`${area} follows French typography, without exclamation mark nor straight apostrophe`, async () => {
    for (const [key, value] of leaves(await load("fr", area))) {
      const text = written(value);
      assert.equal(text, frenchSpaces(text), `${key}: use no-break spaces (U+00A0)`);
      assert.doesNotMatch(text, /[!']/, key);
    }
  });
}
