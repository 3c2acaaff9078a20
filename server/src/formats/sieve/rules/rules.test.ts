import assert from "node:assert/strict";
import { test } from "node:test";
import { compileScript } from "../compile-script.ts";
import type { FilterRules } from "./filter-rules.ts";
import { readRules } from "./read-rules.ts";
import { writeRules } from "./write-rules.ts";

const none: FilterRules = { vacation: null, forward: null, rules: [] };

const everything: FilterRules = {
  vacation: {
    isEnabled: true,
    from: "2026-12-20T00:00:00Z",
    until: "2027-01-04T00:00:00Z",
    subject: 'Absence "congés"',
    text: "Bonjour,\n\nJe suis absente.\n",
    html: null,
    days: 3,
  },
  forward: { addresses: ["anne@ailleurs.example", "paul@ailleurs.example"], keepsCopy: true },
  rules: [
    {
      name: 'Marchés "publics" \\ # 1',
      isEnabled: true,
      match: "any",
      conditions: [
        { field: "from", operator: "is", value: "boamp@dila.example", isNegated: false },
        { field: "recipient", operator: "contains", value: "marches", isNegated: true },
        { field: "subject", operator: "startsWith", value: "50 % de* \\?", isNegated: false },
        { field: "subject", operator: "endsWith", value: "*", isNegated: false },
        { field: "header", header: "x-origin", operator: "is", value: "", isNegated: false },
        { field: "body", operator: "contains", value: "appel d’offres", isNegated: false },
        { field: "size", operator: "over", bytes: 5_000_000 },
        { field: "list", isNegated: true },
      ],
      actions: [
        { kind: "flag", flags: ["\\Flagged", "$label1"] },
        { kind: "copy", mailboxId: "M1", mailbox: "Projets/École" },
        { kind: "move", mailboxId: "M2", mailbox: "Marchés" },
        { kind: "forward", address: "adjoint@bourg.example" },
      ],
      stops: true,
    },
    { name: "", isEnabled: false, match: "all", conditions: [], actions: [{ kind: "discard" }], stops: false },
    {
      name: "refus",
      isEnabled: false,
      match: "all",
      conditions: [{ field: "list", isNegated: false }],
      actions: [{ kind: "reject", text: "Non merci.\nVraiment." }],
      stops: false,
    },
  ],
};

test("rules become a script that compiles, and the script becomes the same rules", () => {
  const script = writeRules(everything);
  compileScript(script);
  assert.deepEqual(readRules(script), everything);
  assert.deepEqual(readRules(script.replaceAll("\r\n", "\n")), everything);
});

test("no rules at all, a forward without a copy, and answers that are off or have HTML come back too", () => {
  const text = "Absent";
  const vacation = { isEnabled: false, from: null, until: null, subject: null, text, html: "<p>Absent\n</p>", days: 7 };
  for (const rules of [
    none,
    { ...none, forward: { addresses: ["a@b.example"], keepsCopy: false } },
    { ...none, forward: { addresses: ["a@b.example", "c@d.example"], keepsCopy: false } },
    { ...none, vacation },
    { ...none, vacation: { ...vacation, isEnabled: true, text: "", html: null } },
    { ...none, vacation: { ...vacation, until: "2026-12-01T00:00:00Z", subject: "" } },
  ]) {
    const script = writeRules(rules);
    compileScript(script);
    assert.deepEqual(readRules(script), rules);
  }
});

for (const [what, change] of [
  ["a command more", (script: string) => `${script}keep;\r\n`],
  ["a comment", (script: string) => script.replace("# vacation", "# a note\r\n# vacation")],
  ["another test", (script: string) => script.replace("size :over 5000000", "size :over 5M")],
  ["another action", (script: string) => script.replace("stop;", "keep; stop;")],
  ["no mark", (script: string) => script.slice(script.indexOf("\n") + 1)],
  ["a name that is no JSON", (script: string) => script.replace('# rule ""', "# rule x")],
  ["a syntax error", (script: string) => script.slice(0, -5)],
] as const) {
  test(`a script in which a person has put ${what} is theirs, and is not read as rules`, () => {
    assert.equal(readRules(change(writeRules(everything))), undefined);
  });
}

test("a script that a person wrote is not read as rules", () => {
  assert.equal(readRules('require "fileinto";\r\nif header "subject" "x" { fileinto "y"; }\r\n'), undefined);
  assert.equal(readRules(""), undefined);
});
