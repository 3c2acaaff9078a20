import assert from "node:assert/strict";
import { test } from "node:test";
import { commandGroups, findCommand } from "./command-groups.ts";
import { writeHelp, writeOverview } from "./help.ts";

const all = commandGroups.flatMap(({ commands }) => Object.entries(commands));

test("each command is named once in the overview, whose lines fit a terminal", () => {
  const overview = writeOverview();
  for (const [name] of all) {
    assert.equal(overview.split("\n").filter((line) => line.startsWith(`  ${name} `)).length, 1, name);
  }
  for (const line of overview.split("\n")) assert.ok(line.length <= 100, line);
});

test("the forms of a command begin with its name and show the options that it takes, no others", () => {
  for (const [name, command] of all) {
    const forms = command.usage.join("\n");
    for (const form of command.usage) assert.match(form, new RegExp(`^${name}( |$)`));
    const shown = new Set(Array.from(forms.matchAll(/--([a-z-]+)/g), ([, option]) => option));
    assert.deepEqual(shown, new Set(Object.keys(command.options ?? {})), name);
  }
});

test("the help of a command has all its forms", () => {
  const text = writeHelp(findCommand("dkim") ?? assert.fail());
  for (const form of ["dkim list", "dkim rotate", "dkim check"]) assert.match(text, new RegExp(`bouquet -- ${form}`));
  assert.equal(findCommand("toString"), undefined);
});
