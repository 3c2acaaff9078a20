import type { Argument, CommandNode, TestNode } from "../ast.ts";
import { parseScript } from "../parse-script.ts";
import { SieveError } from "../sieve-error.ts";
import {
  conditionHeaders,
  type FilterAction,
  type FilterCondition,
  type FilterRule,
  type FilterRules,
  type TextCondition,
  type VacationRule,
  vacationBoundary,
} from "./filter-rules.ts";
import { rulesMark, writeRules } from "./write-rules.ts";

/** What is not of the form that `writeRules` gives. */
class OtherForm extends Error {
  override readonly name = "OtherForm";
}

/**
 * The rules that a script was written from. Undefined for a script that says anything else, or the same in another way: writing the
 * rules must give the script again, so nothing that a person wrote can be lost.
 */
export function readRules(script: string): FilterRules | undefined {
  const text = script.replace(/\r?\n/g, "\r\n");
  if (!text.startsWith(`${rulesMark}\r\n`)) return undefined;
  try {
    const rules = read(parseScript(text));
    return writeRules(rules) === text ? rules : undefined;
  } catch (error) {
    if (error instanceof OtherForm || error instanceof SieveError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function read(nodes: readonly CommandNode[]): FilterRules {
  const result: FilterRules = { vacation: null, forward: null, rules: [] };
  for (const node of nodes) {
    if (node.name === "require") continue;
    const comment = node.comments.at(-1)?.trim() ?? "";
    if (node.name === "redirect") {
      result.forward ??= { addresses: [], keepsCopy: true };
      result.forward.addresses.push(textAt(node, -1));
    } else if (node.name === "stop" && result.forward) result.forward.keepsCopy = false;
    else if (node.name === "if" && comment === "vacation") result.vacation = readVacation(node);
    else if (node.name === "if" && comment.startsWith("rule ")) result.rules.push(readRule(node, comment.slice(5)));
    else throw new OtherForm(node.name);
  }
  return result;
}

function only<T>(items: readonly T[]): T {
  const [item] = items;
  if (item === undefined || items.length !== 1) throw new OtherForm("not one");
  return item;
}

function asText(argument: Argument | undefined): string {
  if (argument?.kind !== "string") throw new OtherForm("no string");
  return argument.value;
}

/** A string argument counted from the start, or from the end below 0. */
function textAt(node: TestNode, index: number): string {
  return asText(node.args.at(index)).replace(/\r\n/g, "\n");
}

function hasTag(node: TestNode, name: string): boolean {
  return node.args.some((argument) => argument.kind === "tag" && argument.name === name);
}

/** What follows a tag. */
function afterTag(node: TestNode, name: string): Argument | undefined {
  return node.args[node.args.findIndex((argument) => argument.kind === "tag" && argument.name === name) + 1];
}

function readVacation(node: CommandNode): VacationRule {
  const { tests } = only(node.tests);
  const command = only(node.block ?? []);
  if (command.name !== "vacation") throw new OtherForm(command.name);
  const date = (relation: string): string | null => {
    const test = tests.find((each) => each.name === "currentdate" && asText(afterTag(each, ":value")) === relation);
    return test ? textAt(test, -1).replace(/\+00:00$/, "Z") : null;
  };
  const days = afterTag(command, ":days");
  if (days?.kind !== "number") throw new OtherForm("days");
  const reason = textAt(command, -1);
  const { text, html } = hasTag(command, ":mime") ? readEntity(reason) : { text: reason, html: null };
  return {
    isEnabled: tests[0]?.name !== "false",
    from: date("ge"),
    until: date("lt"),
    subject: hasTag(command, ":subject") ? asText(afterTag(command, ":subject")).replace(/\r\n/g, "\n") : null,
    text,
    html,
    days: days.value,
  };
}

function readEntity(entity: string): { text: string; html: string } {
  const [, plain = "", rich = ""] = entity.split(`--${vacationBoundary}\n`);
  const bodyOf = (part: string): string => part.slice(part.indexOf("\n\n") + 2);
  const html = bodyOf(rich);
  const end = html.lastIndexOf(`\n--${vacationBoundary}--\n`);
  return { text: bodyOf(plain).replace(/\n$/, ""), html: html.slice(0, end < 0 ? undefined : end) };
}

function readRule(node: CommandNode, name: string): FilterRule {
  const outer = only(node.tests);
  const isEnabled = outer.tests[0]?.name !== "false";
  const test = isEnabled ? outer : outer.tests[1];
  if (test?.name !== "allof" && test?.name !== "anyof") throw new OtherForm("no tests");
  const commands = node.block ?? [];
  const stops = commands.at(-1)?.name === "stop";
  const parsed: unknown = JSON.parse(name);
  if (typeof parsed !== "string") throw new OtherForm("no name");
  return {
    name: parsed,
    isEnabled,
    match: test.name === "allof" ? "all" : "any",
    conditions: test.tests.length === 1 && test.tests[0]?.name === "true" ? [] : test.tests.map(readCondition),
    actions: commands.slice(0, stops ? -1 : undefined).map(readAction),
    stops,
  };
}

function readCondition(given: TestNode): FilterCondition {
  const isNegated = given.name === "not";
  const test = isNegated ? only(given.tests) : given;
  switch (test.name) {
    case "size": {
      const bytes = test.args[1];
      if (bytes?.kind !== "number") throw new OtherForm("size");
      return { field: "size", operator: hasTag(test, ":over") ? "over" : "under", bytes: bytes.value };
    }
    case "exists":
      return { field: "list", isNegated };
    case "header":
    case "address":
    case "body":
      return { ...readTextTest(test), isNegated };
    default:
      throw new OtherForm(test.name);
  }
}

function readTextTest(test: TestNode): Omit<TextCondition, "isNegated"> {
  const key = textAt(test, -1);
  const operator = hasTag(test, ":contains") ? "contains" : hasTag(test, ":is") ? "is" : readSide(key);
  const value =
    operator === "startsWith"
      ? unescapeKey(key.slice(0, -1))
      : operator === "endsWith"
        ? unescapeKey(key.slice(1))
        : key;
  if (test.name === "body") return { field: "body", operator, value };
  const names = test.args.at(-2);
  const list = names?.kind === "list" ? names.items.map((each) => each.value) : [asText(names)];
  const field = (Object.keys(conditionHeaders) as (keyof typeof conditionHeaders)[]).find(
    (each) => conditionHeaders[each].join() === list.join(),
  );
  return field ? { field, operator, value } : { field: "header", header: only(list), operator, value };
}

function readSide(key: string): "startsWith" | "endsWith" {
  // A star at the end that is not escaped: an even number of backslashes stands before it.
  const trailing = /(\\*)\*$/.exec(key);
  return trailing && trailing[1]!.length % 2 === 0 ? "startsWith" : "endsWith";
}

function unescapeKey(key: string): string {
  return key.replace(/\\(.)/gs, "$1");
}

function readAction(node: CommandNode): FilterAction {
  switch (node.name) {
    case "fileinto":
      return {
        kind: hasTag(node, ":copy") ? "copy" : "move",
        mailboxId: asText(afterTag(node, ":mailboxid")),
        mailbox: textAt(node, -1),
      };
    case "addflag": {
      const [flags] = node.args;
      if (flags?.kind !== "list") throw new OtherForm("flags");
      return { kind: "flag", flags: flags.items.map((each) => each.value) };
    }
    case "redirect":
      return { kind: "forward", address: textAt(node, -1) };
    case "discard":
      return { kind: "discard" };
    case "reject":
      return { kind: "reject", text: textAt(node, -1) };
    default:
      throw new OtherForm(node.name);
  }
}
