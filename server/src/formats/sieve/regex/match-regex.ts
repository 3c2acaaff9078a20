import type { CharacterSet, RegexProgram } from "./regex-program.ts";

interface Thread {
  readonly at: number;
  readonly slots: readonly number[];
}

const formsOf = new Map<number, readonly number[]>();

/** A character in both cases. */
function foldedForms(code: number): readonly number[] {
  const known = formsOf.get(code);
  if (known) return known;
  const character = String.fromCodePoint(code);
  const single = (form: string): number[] => ([...form].length === 1 ? [form.codePointAt(0)!] : []);
  const forms = [code, ...single(character.toLowerCase()), ...single(character.toUpperCase())];
  if (formsOf.size < 5_000) formsOf.set(code, forms);
  return forms;
}

/** One number for both cases of a character. */
function fold(code: number): number {
  const forms = foldedForms(code);
  return forms[forms.length - 1]!;
}

/**
 * Where a match can begin: only at these characters (folded), only at the start of the text, or anywhere.
 */
function beginnings({ instructions }: RegexProgram, ignoresCase: boolean): ReadonlySet<number> | "start" | "anywhere" {
  const codes = new Set<number>();
  const seen = new Set<number>();
  const pending = [0];
  let starts = 0;
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    const instruction = instructions[at]!;
    if (instruction.op === "jump") pending.push(instruction.to);
    else if (instruction.op === "split") pending.push(instruction.first, instruction.second);
    else if (instruction.op === "save") pending.push(at + 1);
    else if (instruction.op === "start") starts++;
    else if (instruction.op === "character") codes.add(ignoresCase ? fold(instruction.code) : instruction.code);
    else return "anywhere";
  }
  if (starts === 0) return codes;
  return codes.size === 0 ? "start" : "anywhere";
}

function contains(set: CharacterSet, forms: readonly number[]): boolean {
  const isInside = set.ranges.some(([first, last]) => forms.some((code) => code >= first && code <= last));
  return isInside !== set.isNegated;
}

/**
 * Finds the leftmost, then longest match, with all states advanced together (no backtracking): the time is bounded by the length of
 * the text times the size of the program, whatever both are.
 * @param spend is told of the states visited; it may throw to end a match that costs too much
 * @returns null, or the text of each group; empty for a group that took no part
 */
export function matchRegex(
  program: RegexProgram,
  text: string,
  ignoresCase: boolean,
  spend: (steps: number) => void,
): string[] | null {
  const { instructions, groups } = program;
  const characters = Array.from(text);
  const length = characters.length;
  const seen = new Int32Array(instructions.length).fill(-1);
  let best: readonly number[] | null = null;
  let threads: Thread[] = [];

  const follow = (into: Thread[], startAt: number, startSlots: readonly number[], position: number): void => {
    // A stack of our own: an expression may chain thousands of empty steps.
    const pending: Thread[] = [{ at: startAt, slots: startSlots }];
    for (let next = pending.pop(); next; next = pending.pop()) {
      const { at, slots } = next;
      if (seen[at] === position) continue;
      seen[at] = position;
      const instruction = instructions[at]!;
      switch (instruction.op) {
        case "jump":
          pending.push({ at: instruction.to, slots });
          break;
        case "split":
          pending.push({ at: instruction.second, slots }, { at: instruction.first, slots });
          break;
        case "save":
          pending.push({ at: at + 1, slots: slots.with(instruction.slot, position) });
          break;
        case "start":
          if (position === 0) pending.push({ at: at + 1, slots });
          break;
        case "end":
          if (position === length) pending.push({ at: at + 1, slots });
          break;
        default:
          into.push(next);
      }
    }
  };

  const noSlots: readonly number[] = new Array<number>(groups * 2).fill(-1);
  const exactForms: number[] = [0];
  const beginning = beginnings(program, ignoresCase);
  const mayBeginAt = (position: number): boolean => {
    if (beginning === "anywhere") return true;
    if (beginning === "start") return position === 0;
    if (position >= length) return false;
    const code = characters[position]!.codePointAt(0)!;
    return beginning.has(ignoresCase ? fold(code) : code);
  };
  for (let position = 0; position <= length; position++) {
    if (best === null && mayBeginAt(position)) follow(threads, 0, noSlots, position);
    if (threads.length === 0) {
      if (best !== null || (beginning === "start" && position > 0)) break;
      spend(0.05);
      continue;
    }
    spend(threads.length / 8);
    const code = position < length ? characters[position]!.codePointAt(0)! : -1;
    let forms: readonly number[] = exactForms;
    if (code >= 0 && ignoresCase) forms = foldedForms(code);
    else exactForms[0] = code;
    const following: Thread[] = [];
    for (const { at, slots } of threads) {
      const instruction = instructions[at]!;
      if (instruction.op === "match") {
        if (best === null || slots[1]! > best[1]! || slots[0]! < best[0]!) best = slots;
        continue;
      }
      if (code < 0) continue;
      // What began further right cannot win any more.
      if (best !== null && slots[0]! > best[0]!) continue;
      const isTaken =
        instruction.op === "any" ||
        (instruction.op === "character"
          ? instruction.code === code || (ignoresCase && fold(instruction.code) === fold(code))
          : instruction.op === "set" && contains(instruction.set, forms));
      if (isTaken) follow(following, at + 1, slots, position + 1);
    }
    threads = following;
  }
  if (best === null) return null;
  const found = best;
  return Array.from({ length: groups }, (_, group) => {
    const [from, to] = [found[group * 2]!, found[group * 2 + 1]!];
    return from < 0 || to < 0 ? "" : characters.slice(from, to).join("");
  });
}
