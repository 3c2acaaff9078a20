import assert from "node:assert/strict";

/**
 * A conversation to be held with a server, one step a line:
 *
 *     capabilities: SORT MOVE        announced, or the script fails
 *     message:                       a message put in the mailbox before, up to a line with a dot; `message: (\Seen) "date"`
 *     2 ok select $mailbox           a command of the second connection (1 without a number) and how it ends: ok, no or bad
 *     * 3 exists                     a response that must come before the end, in any order; case does not count
 *     ! $n expunge                   one that must not come
 *     [trycreate]                    the response code of the end
 *
 * A word `$name` takes what stands there the first time, and stands for it from then on; `$` alone takes anything; `~(a b)` is a
 * list in any order that holds at least these. `{{{` to `}}}` is a literal of the lines between; `\n` in a command is a line break.
 */
export interface Script {
  readonly name: string;
  readonly capabilities: readonly string[];
  readonly messages: readonly { readonly options: string; readonly text: string }[];
  readonly steps: readonly Step[];
}

export interface Step {
  readonly line: number;
  readonly connection: number;
  readonly end: "OK" | "NO" | "BAD";
  readonly command: string;
  readonly expected: readonly { readonly is: "*" | "!" | "["; readonly text: string }[];
}

/** Words, strings without their quotes, and lists. */
export type Token = string | readonly Token[];

export function parseScript(name: string, text: string): Script {
  const capabilities: string[] = [];
  const messages: { options: string; text: string }[] = [];
  const steps: {
    line: number;
    connection: number;
    end: Step["end"];
    command: string;
    expected: { is: "*" | "!" | "["; text: string }[];
  }[] = [];
  const lines = text.split("\n");
  for (let index = 0; index < lines.length; index += 1) {
    let line = lines[index] as string;
    const number = index + 1;
    if (line.trim() === "" || line.startsWith("#")) continue;
    while (line.endsWith("{{{")) {
      const end = lines.indexOf(lines.slice(index + 1).find((each) => each.startsWith("}}}")) as string, index + 1);
      const literal = lines
        .slice(index + 1, end)
        .map((each) => `${each}\r\n`)
        .join("");
      line = `${line.slice(0, -3)}{${Buffer.byteLength(literal)}+}\r\n${literal}${(lines[end] as string).slice(3)}`;
      index = end;
    }
    if (line.startsWith("capabilities:")) capabilities.push(...line.slice(13).trim().split(/\s+/));
    else if (line.startsWith("message:")) {
      const end = lines.indexOf(".", index);
      const body = lines
        .slice(index + 1, end)
        .map((each) => `${each}\r\n`)
        .join("");
      messages.push({ options: line.slice(8).trim(), text: body });
      index = end;
    } else if (/^[*![]/.test(line)) {
      const is = line[0] as "*" | "!" | "[";
      assert.ok(steps.length > 0, `${name}:${number}: nothing was asked before`);
      steps.at(-1)?.expected.push({ is, text: is === "[" ? line : line.slice(1).trim() });
    } else {
      const match = /^(?:(\d) )?(ok|no|bad) ([\s\S]+)$/.exec(line);
      assert.ok(match, `${name}:${number}: this is no step: ${line}`);
      const end = (match[2] as string).toUpperCase() as Step["end"];
      steps.push({ line: number, connection: Number(match[1] ?? 1), end, command: match[3] as string, expected: [] });
    }
  }
  return { name, capabilities, messages, steps };
}

/** Takes a response apart; a literal is one word. */
export function tokenize(text: string): Token[] {
  const stack: Token[][] = [[]];
  const top = () => stack.at(-1) as Token[];
  const pattern =
    /\s+|~?\(|\)|\[|\]|"((?:[^"\\]|\\.)*)"|~?\{(\d+)\+?\}\r\n|[^\s()[\]"{]+(?:\[[^\]]*\](?:<\d+>)?)?|\{/gy;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const found = match[0];
    if (/^\s/.test(found)) continue;
    if (match[2] !== undefined) {
      const bytes = Buffer.from(text.slice(pattern.lastIndex)).subarray(0, Number(match[2])).toString();
      top().push(bytes);
      pattern.lastIndex += bytes.length;
    } else if (found === "(" || found === "~(" || found === "[") {
      const list: Token[] = found === "~(" ? ["~"] : found === "[" ? ["["] : [];
      top().push(list);
      stack.push(list);
    } else if (found === ")" || found === "]") stack.pop();
    else top().push(match[1] === undefined ? found : match[1].replace(/\\(.)/g, "$1"));
  }
  return stack[0] as Token[];
}

/** Whether a response is what is expected; the variables that it gives a value are added. Only a text for people may follow. */
export function matches(expected: readonly Token[], actual: readonly Token[], values: Map<string, string>): boolean {
  const found = new Map(values);
  const first = expected[0];
  const isForPeople = typeof first === "string" ? /^(ok|no|bad|bye)$/i.test(first) : first?.[0] === "[";
  if (!matchLists(expected, actual, found, isForPeople)) return false;
  for (const [name, value] of found) values.set(name, value);
  return true;
}

function matchLists(
  expected: readonly Token[],
  actual: readonly Token[],
  values: Map<string, string>,
  mayGoOn: boolean,
): boolean {
  if (expected[0] === "~") {
    const left = [...actual];
    return expected.slice(1).every((each) => {
      const at = left.findIndex((other) => matchToken(each, other, values));
      if (at !== -1) left.splice(at, 1);
      return at !== -1;
    });
  }
  if (!mayGoOn && expected.length !== actual.length) return false;
  return expected.every((each, index) => {
    const other = actual[index];
    return other !== undefined && matchToken(each, other, values);
  });
}

function matchToken(expected: Token, actual: Token, values: Map<string, string>): boolean {
  if (typeof expected !== "string") {
    return typeof actual !== "string" && matchLists(expected, actual, values, false);
  }
  if (expected === "$") return true;
  if (typeof actual !== "string") return false;
  const name = /^\$(\w+)$/.exec(expected)?.[1];
  if (name !== undefined && !values.has(name)) {
    values.set(name, actual);
    return true;
  }
  return expand(expected, values).toLowerCase() === actual.toLowerCase();
}

/** Puts the values of variables in, `$name` or `${name}`. */
export function expand(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (all, braced?: string, plain?: string) => {
    return values.get((braced ?? plain) as string) ?? all;
  });
}
