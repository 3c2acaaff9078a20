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

/** The first line of a script that this wrote. */
export const rulesMark = "# Filtres Bouquet : ce script est écrit par le webmail.";

const comparator = ':comparator "i;unicode-casemap"';

/**
 * The script that does what the rules say. `readRules` reads it back; the same rules always give the same script. Lines end with CRLF.
 */
export function writeRules({ vacation, forward, rules }: FilterRules): string {
  const writer = new Writer();
  if (vacation) writer.addVacation(vacation);
  if (forward) {
    for (const [index, address] of forward.addresses.entries()) {
      const isCopy = forward.keepsCopy || index > 0;
      if (isCopy) writer.need("copy");
      writer.add(`redirect ${isCopy ? ":copy " : ""}${quote(address)};`);
    }
    if (!forward.keepsCopy) writer.add("stop;");
  }
  for (const rule of rules) writer.addRule(rule);
  return writer.script();
}

class Writer {
  readonly #capabilities = new Set<string>();
  readonly #lines: string[] = [];

  need(...capabilities: string[]): void {
    for (const each of capabilities) this.#capabilities.add(each);
  }

  add(line: string): void {
    this.#lines.push(line);
  }

  script(): string {
    const needed = [...this.#capabilities].sort();
    const head = needed.length === 0 ? [] : [`require [${needed.map(quote).join(", ")}];`];
    return [rulesMark, ...head, ...this.#lines, ""].join("\n").replace(/\r?\n/g, "\r\n");
  }

  addVacation(rule: VacationRule): void {
    this.need("vacation");
    const tests: string[] = rule.isEnabled ? [] : ["false"];
    if (rule.from !== null || rule.until !== null) this.need("date", "relational");
    if (rule.from !== null) tests.push(moment("ge", rule.from));
    if (rule.until !== null) tests.push(moment("lt", rule.until));
    const subject = rule.subject === null ? "" : ` :subject ${quote(rule.subject)}`;
    const mime = rule.html === null ? "" : " :mime";
    const reason = rule.html === null ? rule.text : entity(rule.text, rule.html);
    const command = `vacation :days ${rule.days}${subject}${mime} ${quote(reason)};`;
    this.add("# vacation");
    this.#addBlock(tests, "all", [command]);
  }

  addRule(rule: FilterRule): void {
    this.add(`# rule ${JSON.stringify(rule.name)}`);
    const conditions = rule.conditions.map((condition) => this.#condition(condition));
    const commands = rule.actions.map((action) => this.#action(action));
    if (rule.stops) commands.push("stop;");
    const tests = conditions.length === 0 ? ["true"] : conditions;
    const test = `${rule.match === "all" ? "allof" : "anyof"} (${tests.join(", ")})`;
    this.#addBlock(rule.isEnabled ? [test] : ["false", test], "rule", commands);
  }

  #addBlock(tests: readonly string[], kind: "all" | "rule", commands: readonly string[]): void {
    const only = kind === "rule" && tests.length === 1;
    const test = only ? tests[0]! : `allof (${(tests.length === 0 ? ["true"] : tests).join(", ")})`;
    this.add(`if ${test} {`);
    for (const command of commands) this.add(`  ${command}`);
    this.add("}");
  }

  #condition(condition: FilterCondition): string {
    if (condition.field === "size") return `size :${condition.operator} ${condition.bytes}`;
    const test = condition.field === "list" ? 'exists "list-id"' : this.#textTest(condition);
    return condition.isNegated ? `not ${test}` : test;
  }

  #textTest({ field, header, operator, value }: TextCondition): string {
    this.need("comparator-i;unicode-casemap");
    const match = `${comparator} ${operator === "contains" ? ":contains" : operator === "is" ? ":is" : ":matches"}`;
    const escaped = value.replace(/[*?\\]/g, "\\$&");
    const key = operator === "startsWith" ? `${escaped}*` : operator === "endsWith" ? `*${escaped}` : value;
    if (field === "body") {
      this.need("body");
      return `body :text ${match} ${quote(key)}`;
    }
    const names = field === "header" ? [(header ?? "").toLowerCase()] : conditionHeaders[field];
    const isAddress = operator === "is" && field !== "subject" && field !== "header";
    const list = names.length === 1 ? quote(names[0]!) : `[${names.map(quote).join(", ")}]`;
    return `${isAddress ? "address" : "header"} ${match} ${list} ${quote(key)}`;
  }

  #action(action: FilterAction): string {
    switch (action.kind) {
      case "move":
      case "copy":
        this.need("fileinto", "mailboxid");
        if (action.kind === "copy") this.need("copy");
        return `fileinto ${action.kind === "copy" ? ":copy " : ""}:mailboxid ${quote(action.mailboxId)} ${quote(action.mailbox)};`;
      case "flag":
        this.need("imap4flags");
        return `addflag [${action.flags.map(quote).join(", ")}];`;
      case "forward":
        this.need("copy");
        return `redirect :copy ${quote(action.address)};`;
      case "discard":
        return "discard;";
      case "reject":
        this.need("reject");
        return `reject ${quote(action.text)};`;
    }
  }
}

function moment(relation: "ge" | "lt", date: string): string {
  return `currentdate :zone "+0000" :value "${relation}" "iso8601" ${quote(date.replace(/Z$/, "+00:00"))}`;
}

function quote(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/** Both forms of an answer, for `:mime`. */
function entity(text: string, html: string): string {
  const part = (subtype: string, body: string): string =>
    `--${vacationBoundary}\nContent-Type: text/${subtype}; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n${body}\n`;
  return `Content-Type: multipart/alternative; boundary="${vacationBoundary}"\n\n${part("plain", text)}${part("html", html)}--${vacationBoundary}--\n`;
}
