import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { DomainError } from "../domain/errors.ts";
import { sayError } from "./say-error.ts";

test("refusals are said in French, with what they are about", () => {
  assert.equal(
    sayError(new DomainError("already_exists", "The address a@b.fr is already used")),
    "L’adresse « a@b.fr » est déjà prise.",
  );
  assert.equal(sayError(new DomainError("not_found", "There is no such group")), "Il n’y a pas de tel groupe.");
  assert.equal(
    sayError(new DomainError("not_found", "Il n’y a pas de collectivité « Bourg ».")),
    "Il n’y a pas de collectivité « Bourg ».",
  );
  assert.equal(sayError(new DomainError("conflict", "New here")), "Cela contredit ce qui est en place (New here).");
});

test("the faults of a script are told with their lines", () => {
  const faults = [
    { line: 2, column: 1, message: "keep takes no block" },
    { line: 9, column: 4, message: "There is no test “a”" },
  ];
  assert.equal(
    sayError(new DomainError("invalid", "line 2: keep takes no block", { data: { faults } })),
    "Ligne 2 : keep takes no block\nLigne 9 : There is no test “a”",
  );
});

test("every refusal of what a command calls has its sentence", () => {
  const commands = join(import.meta.dirname, "commands");
  const called = new Set(
    readdirSync(commands)
      .filter((name) => !name.endsWith(".test.ts"))
      .flatMap((name) =>
        Array.from(
          readFileSync(join(commands, name), "utf8").matchAll(/from "(\.\.\/\.\.\/domain\/[^"]+)"/g),
          ([, path]) => resolve(commands, path!),
        ),
      ),
  );
  const texts = [...called].flatMap((path) =>
    Array.from(
      readFileSync(path, "utf8").matchAll(/new DomainError\(\s*"[a-z_]+",\s*(?:"([^"]+)"|`([^`]+)`)/g),
      ([, plain, template]) => plain ?? template!.replace(/\$\{[^}]*\}/g, "7"),
    ),
  );
  assert.ok(texts.length > 40, "the domain is not where it was");
  const untold = texts.filter((text) => sayError(new DomainError("invalid", text)).endsWith(`(${text}).`));
  assert.deepEqual(untold, []);
});
