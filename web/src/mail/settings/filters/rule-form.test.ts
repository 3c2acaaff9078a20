import assert from "node:assert/strict";
import { test } from "node:test";
import type { FilterRule } from "@bouquet/contract/jmap-filters.ts";
import { en } from "../../../i18n/en/mail-settings.ts";
import { fr } from "../../../i18n/fr/mail-settings.ts";
import { emptyAction, emptyCondition, emptyRule, formToRule, newMailbox, ruleToForm } from "./rule-form.ts";
import { findMistakes } from "./rule-mistakes.ts";
import { ruleFilter, rulePatch } from "./rule-query.ts";
import { describeRule, plainWords } from "./rule-words.ts";

const mailboxes = { trashId: "trash", pathOf: (id: string) => (id === "trash" ? "Trash" : "Dossiers/Voirie") };

const rule: FilterRule = {
  name: "Voirie",
  isEnabled: true,
  match: "all",
  conditions: [
    { field: "from", operator: "contains", value: "@geometre.example", isNegated: false },
    { field: "subject", operator: "startsWith", value: "Pub", isNegated: true },
    { field: "header", header: "content-type", operator: "contains", value: "multipart/mixed", isNegated: false },
    { field: "size", operator: "over", bytes: 2_500_000 },
    { field: "list", isNegated: true },
  ],
  actions: [
    { kind: "flag", flags: ["\\Seen"] },
    { kind: "flag", flags: ["$label1"] },
    { kind: "move", mailboxId: "m1", mailbox: "Dossiers/Voirie" },
    { kind: "forward", address: "a@b.example" },
  ],
  stops: true,
};

test("A rule goes through the form and comes back the same", () => {
  assert.deepEqual(formToRule(ruleToForm(rule, "trash"), mailboxes), rule);
  const others: FilterRule = {
    ...rule,
    match: "any",
    conditions: [],
    actions: [
      { kind: "move", mailboxId: "trash", mailbox: "Trash" },
      { kind: "copy", mailboxId: "m1", mailbox: "Dossiers/Voirie" },
      { kind: "discard" },
      { kind: "reject", text: "Non." },
    ],
  };
  const form = ruleToForm(others, "trash");
  assert.deepEqual(
    form.actions.map(({ kind }) => kind),
    ["trash", "copy", "discard", "reject"],
  );
  assert.deepEqual(formToRule(form, mailboxes), others);
});

test("What a rule flags comes before where it files, in whatever order a person said it", () => {
  const form = ruleToForm(rule, "trash");
  assert.deepEqual(formToRule({ ...form, actions: form.actions.toReversed() }, mailboxes).actions, [
    { kind: "flag", flags: ["$label1"] },
    { kind: "flag", flags: ["\\Seen"] },
    { kind: "forward", address: "a@b.example" },
    { kind: "move", mailboxId: "m1", mailbox: "Dossiers/Voirie" },
  ]);
});

test("Flags of one action are several for people", () => {
  const form = ruleToForm({ ...rule, actions: [{ kind: "flag", flags: ["\\seen", "\\Flagged", "urgent"] }] }, "trash");
  assert.deepEqual(
    form.actions.map(({ kind }) => kind),
    ["read", "flag", "label"],
  );
});

test("What a form lacks is named at its field", () => {
  const form = emptyRule();
  const [condition, action] = [form.conditions[0]!, form.actions[0]!];
  assert.deepEqual(
    [...findMistakes(form).fields],
    [
      [condition.key, "needValue"],
      [action.key, "needFolder"],
    ],
  );
  const mistakesOf = (part: Partial<typeof condition>, act: Partial<typeof action>) => {
    const found = findMistakes({
      ...form,
      conditions: [{ ...condition, value: "x", ...part }],
      actions: [{ ...action, mailboxId: "m1", ...act }],
    });
    return [...found.fields.values(), found.rule].filter(Boolean);
  };
  assert.deepEqual(mistakesOf({}, {}), []);
  assert.deepEqual(mistakesOf({ field: "header", header: "X Projet" }, {}), ["needHeader"]);
  assert.deepEqual(mistakesOf({ field: "size", megabytes: "1,5" }, {}), []);
  assert.deepEqual(mistakesOf({ field: "size", megabytes: "-1" }, {}), ["needSize"]);
  assert.deepEqual(mistakesOf({}, { mailboxId: newMailbox, newName: " " }), ["needFolder"]);
  assert.deepEqual(mistakesOf({}, { kind: "forward", address: "Nom <a@b.example>" }), ["needAddress"]);
  assert.deepEqual(mistakesOf({ field: "subject", operator: "is", value: "" }, {}), []);
  const both = [
    { ...emptyAction(), kind: "reject" as const, text: "Non." },
    { ...emptyAction(), kind: "discard" as const },
  ];
  assert.equal(findMistakes({ ...form, actions: both }).rule, "rejectAlone");
  assert.equal(findMistakes({ ...form, actions: [] }).rule, "needAction");
});

test("A rule is said in a sentence of the reader’s language", () => {
  const nameOf = (id: string) => (id === "m1" ? "Dossiers/Voirie" : undefined);
  const say = (each: FilterRule, language: "fr" | "en") =>
    plainWords(
      describeRule(each, { t: (language === "fr" ? fr : en).filters, language, trashId: "trash", nameOf }),
    ).replaceAll("\u00a0", " ");
  assert.equal(
    say(rule, "fr"),
    "Si l’expéditeur contient @geometre.example et l’objet ne commence pas par Pub et le message a une pièce jointe et le message dépasse 2,5 Mo et le message ne vient pas d’une liste de diffusion, alors marquer comme lu, étiqueter $label1, ranger dans Dossiers/Voirie, envoyer aussi à a@b.example, les règles suivantes ne sont pas essayées.",
  );
  const short: FilterRule = { ...rule, conditions: [], stops: false, actions: [] };
  assert.equal(say(short, "en"), "For every message, leave it in the inbox.");
  const gone: FilterRule = { ...short, actions: [{ kind: "move", mailboxId: "x", mailbox: "Ancien" }] };
  assert.equal(say(gone, "en"), "For every message, file in Ancien.");
});

test("Only what a search can say exactly is counted and applied to messages that are there", () => {
  const contains = formToRule(
    { ...emptyRule(), conditions: [{ ...emptyCondition(), field: "recipient", operator: "notContains", value: "a" }] },
    mailboxes,
  );
  assert.deepEqual(ruleFilter(contains, "in"), {
    operator: "AND",
    conditions: [
      { inMailbox: "in" },
      {
        operator: "AND",
        conditions: [{ operator: "NOT", conditions: [{ operator: "OR", conditions: [{ to: "a" }, { cc: "a" }] }] }],
      },
    ],
  });
  assert.equal(ruleFilter(rule, "in"), null, "a beginning is no search");
  assert.deepEqual(rulePatch({ actions: rule.actions.slice(0, 3) }, "in"), {
    "mailboxIds/in": null,
    "mailboxIds/m1": true,
    "keywords/$seen": true,
    "keywords/$label1": true,
  });
  assert.equal(rulePatch(rule, "in"), null, "what is forwarded is only forwarded when it arrives");
});
