import { type CharacterSet, type Instruction, RegexError, type RegexProgram } from "./regex-program.ts";

type Node =
  | { kind: "empty" | "any" | "start" | "end" }
  | { kind: "character"; code: number }
  | { kind: "set"; set: CharacterSet }
  | { kind: "group"; index: number; body: Node }
  | { kind: "sequence" | "choice"; items: Node[] }
  | { kind: "repeat"; body: Node; least: number; most: number };

const maxRepeat = 255;
const maxInstructions = 10_000;
const maxDepth = 100;
const maxGroups = 100;

const classes: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  alpha: [
    [65, 90],
    [97, 122],
    [0xaa, 0xaa],
    [0xb5, 0xb5],
    [0xba, 0xba],
    [0xc0, 0xd6],
    [0xd8, 0xf6],
    [0xf8, 0x2af],
  ],
  alnum: [
    [48, 57],
    [65, 90],
    [97, 122],
    [0xaa, 0xaa],
    [0xb5, 0xb5],
    [0xba, 0xba],
    [0xc0, 0xd6],
    [0xd8, 0xf6],
    [0xf8, 0x2af],
  ],
  blank: [
    [9, 9],
    [32, 32],
  ],
  cntrl: [
    [0, 31],
    [127, 159],
  ],
  digit: [[48, 57]],
  graph: [
    [33, 126],
    [0xa1, 0x10ffff],
  ],
  lower: [
    [97, 122],
    [0xdf, 0xf6],
    [0xf8, 0xff],
  ],
  print: [
    [32, 126],
    [0xa0, 0x10ffff],
  ],
  punct: [
    [33, 47],
    [58, 64],
    [91, 96],
    [123, 126],
  ],
  space: [
    [9, 13],
    [32, 32],
  ],
  upper: [
    [65, 90],
    [0xc0, 0xd6],
    [0xd8, 0xde],
  ],
  xdigit: [
    [48, 57],
    [65, 70],
    [97, 102],
  ],
};

const word: CharacterSet["ranges"] = [...classes.alnum!, [95, 95]];

/**
 * Compiles a POSIX extended regular expression (draft-ietf-sieve-regex): alternatives, groups, `* + ? {n,m}`, bracket expressions with
 * classes, `^`, `$`, `.`, and `\w \W \s \S` as GNU has them.
 * @throws RegexError
 */
export function compileRegex(pattern: string): RegexProgram {
  const parser = new RegexParser(pattern);
  const root = parser.run();
  const instructions: Instruction[] = [];
  emit({ kind: "group", index: 0, body: root }, instructions);
  instructions.push({ op: "match" });
  return { instructions, groups: parser.groups };
}

class RegexParser {
  readonly #codes: readonly number[];
  #at = 0;
  #depth = 0;
  groups = 1;

  constructor(pattern: string) {
    this.#codes = Array.from(pattern, (character) => character.codePointAt(0)!);
  }

  run(): Node {
    const node = this.#choice();
    if (this.#at < this.#codes.length) throw new RegexError("“)” without “(”");
    return node;
  }

  #peek(): string {
    const code = this.#codes[this.#at];
    return code === undefined ? "" : String.fromCodePoint(code);
  }

  #choice(): Node {
    if (++this.#depth > maxDepth) throw new RegexError("groups are nested too deep");
    const items = [this.#sequence()];
    while (this.#peek() === "|") {
      this.#at++;
      items.push(this.#sequence());
    }
    this.#depth--;
    return items.length === 1 ? items[0]! : { kind: "choice", items };
  }

  #sequence(): Node {
    const items: Node[] = [];
    for (;;) {
      const next = this.#peek();
      if (next === "" || next === "|" || next === ")") break;
      items.push(this.#repeated(this.#atom(next)));
    }
    if (items.length === 0) return { kind: "empty" };
    return items.length === 1 ? items[0]! : { kind: "sequence", items };
  }

  #repeated(body: Node): Node {
    let node = body;
    let repeats = 0;
    for (;;) {
      const bounds = this.#bounds();
      if (bounds === null) return node;
      if (++repeats > 10) throw new RegexError("too many repetitions in a row");
      node = { kind: "repeat", body: node, least: bounds[0], most: bounds[1] };
    }
  }

  #bounds(): [number, number] | null {
    const next = this.#peek();
    if (next === "*" || next === "+" || next === "?") {
      this.#at++;
      return [next === "+" ? 1 : 0, next === "?" ? 1 : Number.POSITIVE_INFINITY];
    }
    if (next !== "{") return null;
    const rest = String.fromCodePoint(...this.#codes.slice(this.#at, this.#at + 12));
    const found = /^\{(\d{1,3})(,(\d{0,3}))?\}/.exec(rest);
    if (!found) throw new RegexError("“{” does not begin a repetition");
    const least = Number(found[1]);
    const most = found[2] === undefined ? least : found[3] === "" ? Number.POSITIVE_INFINITY : Number(found[3]);
    if (least > maxRepeat || (most !== Number.POSITIVE_INFINITY && most > maxRepeat) || least > most) {
      throw new RegexError(`a repetition goes from a number to a larger one, at most ${maxRepeat}`);
    }
    this.#at += found[0].length;
    return [least, most];
  }

  #atom(next: string): Node {
    this.#at++;
    switch (next) {
      case ".":
        return { kind: "any" };
      case "^":
        return { kind: "start" };
      case "$":
        return { kind: "end" };
      case "*":
      case "+":
      case "?":
      case "{":
        throw new RegexError(`“${next}” repeats nothing`);
      case "(":
        return this.#group();
      case "[":
        return { kind: "set", set: this.#bracket() };
      case "\\":
        return this.#escape();
      default:
        return { kind: "character", code: next.codePointAt(0)! };
    }
  }

  #group(): Node {
    const index = this.groups++;
    if (index > maxGroups) throw new RegexError("too many groups");
    const body = this.#choice();
    if (this.#peek() !== ")") throw new RegexError("“(” without “)”");
    this.#at++;
    return { kind: "group", index, body };
  }

  #escape(): Node {
    const next = this.#peek();
    this.#at++;
    if (next === "w" || next === "W") return { kind: "set", set: { ranges: word, isNegated: next === "W" } };
    if (next === "s" || next === "S") return { kind: "set", set: { ranges: classes.space!, isNegated: next === "S" } };
    if (next === "" || /[A-Za-z0-9]/.test(next)) throw new RegexError(`“\\${next}” has no meaning`);
    return { kind: "character", code: next.codePointAt(0)! };
  }

  #bracket(): CharacterSet {
    const ranges: [number, number][] = [];
    const isNegated = this.#peek() === "^";
    if (isNegated) this.#at++;
    for (let isFirst = true; ; isFirst = false) {
      const next = this.#peek();
      if (next === "") throw new RegexError("“[” without “]”");
      if (next === "]" && !isFirst) {
        this.#at++;
        return { ranges, isNegated };
      }
      const named = this.#bracketClass();
      if (named) ranges.push(...(named as [number, number][]));
      else ranges.push(this.#bracketRange());
    }
  }

  #bracketClass(): readonly (readonly [number, number])[] | null {
    if (this.#peek() !== "[" || this.#codes[this.#at + 1] !== 58) return null;
    const rest = String.fromCodePoint(...this.#codes.slice(this.#at, this.#at + 12));
    const name = /^\[:([a-z]+):\]/.exec(rest)?.[1];
    const found = name === undefined || !Object.hasOwn(classes, name) ? undefined : classes[name];
    if (!found) throw new RegexError("there is no such class of characters");
    this.#at += name!.length + 4;
    return found;
  }

  #bracketRange(): [number, number] {
    const first = this.#bracketEnd();
    if (this.#peek() !== "-" || this.#codes[this.#at + 1] === 93 || this.#codes[this.#at + 1] === undefined) {
      return [first, first];
    }
    this.#at++;
    const last = this.#bracketEnd();
    if (last < first) throw new RegexError("a range is written backwards");
    return [first, last];
  }

  /** One character; `[.x.]` and `[=x=]` stand for it too. */
  #bracketEnd(): number {
    const code = this.#codes[this.#at++]!;
    const mark = this.#codes[this.#at];
    if (code !== 91 || (mark !== 46 && mark !== 61)) return code;
    const inner = this.#codes[this.#at + 1];
    if (inner === undefined || this.#codes[this.#at + 2] !== mark || this.#codes[this.#at + 3] !== 93) {
      throw new RegexError("there is no such collating element");
    }
    this.#at += 4;
    return inner;
  }
}

function emit(node: Node, out: Instruction[]): void {
  if (out.length > maxInstructions) throw new RegexError("the expression is too large");
  switch (node.kind) {
    case "empty":
      return;
    case "any":
    case "start":
    case "end":
      out.push({ op: node.kind });
      return;
    case "character":
      out.push({ op: "character", code: node.code });
      return;
    case "set":
      out.push({ op: "set", set: node.set });
      return;
    case "group":
      out.push({ op: "save", slot: node.index * 2 });
      emit(node.body, out);
      out.push({ op: "save", slot: node.index * 2 + 1 });
      return;
    case "sequence":
      for (const item of node.items) emit(item, out);
      return;
    case "choice":
      emitChoice(node.items, out);
      return;
    case "repeat":
      emitRepeat(node.body, node.least, node.most, out);
  }
}

function emitChoice(items: readonly Node[], out: Instruction[]): void {
  const jumps: { op: "jump"; to: number }[] = [];
  for (const [index, item] of items.entries()) {
    if (index === items.length - 1) {
      emit(item, out);
      break;
    }
    const split = { op: "split" as const, first: out.length + 1, second: 0 };
    out.push(split);
    emit(item, out);
    const jump = { op: "jump" as const, to: 0 };
    out.push(jump);
    jumps.push(jump);
    split.second = out.length;
  }
  for (const jump of jumps) jump.to = out.length;
}

function emitRepeat(body: Node, least: number, most: number, out: Instruction[]): void {
  for (let n = 0; n < least; n++) emit(body, out);
  if (most === Number.POSITIVE_INFINITY) {
    const split = { op: "split" as const, first: out.length + 1, second: 0 };
    const start = out.length;
    out.push(split);
    emit(body, out);
    out.push({ op: "jump", to: start });
    split.second = out.length;
    return;
  }
  const splits: { op: "split"; first: number; second: number }[] = [];
  for (let n = least; n < most; n++) {
    const split = { op: "split" as const, first: out.length + 1, second: 0 };
    out.push(split);
    splits.push(split);
    emit(body, out);
  }
  for (const split of splits) split.second = out.length;
}
