import type { Random } from "./random.ts";

const hostile = [
  "\0",
  "\r",
  "\n",
  "\r\n",
  "\r\n\r\n",
  "\\",
  '"',
  "(",
  ")",
  "{",
  "}",
  "[",
  "]",
  "<",
  ">",
  "%",
  "*",
  " ",
  "\t",
  "é",
  "\u{1F600}",
  "\uFEFF",
];
const numbers = [
  "0",
  "1",
  "-1",
  "2147483647",
  "4294967296",
  "9007199254740993",
  "18446744073709551616",
  "1e9",
  "00000000000001",
];

type Change = (input: Buffer, random: Random, pool: readonly Buffer[], words: readonly string[]) => Buffer;

function splice(input: Buffer, from: number, to: number, inserted: Buffer): Buffer {
  return Buffer.concat([input.subarray(0, from), inserted, input.subarray(to)]);
}

function somewhere(input: Buffer, random: Random): [from: number, to: number] {
  const from = random.below(input.length + 1);
  return [from, Math.min(input.length, from + 1 + random.below(random.oneIn(4) ? 200 : 12))];
}

const changes: readonly Change[] = [
  function flipBits(input, random) {
    const changed = Buffer.from(input);
    for (let count = 0; changed.length > 0 && count <= random.below(4); count++) {
      const at = random.below(changed.length);
      changed[at] = (changed[at] as number) ^ (1 << random.below(8));
    }
    return changed;
  },
  function insertWord(input, random, _pool, words) {
    const at = random.below(input.length + 1);
    return splice(input, at, at, Buffer.from(random.pick(words)));
  },
  function replaceByWord(input, random, _pool, words) {
    const [from, to] = somewhere(input, random);
    return splice(input, from, to, Buffer.from(random.pick(words)));
  },
  function insertHostile(input, random) {
    const at = random.below(input.length + 1);
    return splice(input, at, at, Buffer.from(random.pick(random.oneIn(4) ? numbers : hostile)));
  },
  function cutOut(input, random) {
    const [from, to] = somewhere(input, random);
    return splice(input, from, to, Buffer.alloc(0));
  },
  function truncate(input, random) {
    return input.subarray(0, random.below(input.length + 1));
  },
  function repeat(input, random) {
    const [from, to] = somewhere(input, random);
    const times = random.oneIn(6) ? 400 : 2 + random.below(6);
    return splice(input, to, to, Buffer.concat(Array.from({ length: times }, () => input.subarray(from, to))));
  },
  function nest(input, random) {
    const [open, close] = random.pick([
      ["(", ")"],
      ["{", "}"],
      ["[", "]"],
      ["<", ">"],
      ['"', '"'],
    ] as const);
    const depth = 1 + random.below(random.oneIn(5) ? 1_200 : 8);
    const [from, to] = somewhere(input, random);
    return splice(
      input,
      from,
      to,
      Buffer.concat([Buffer.from(open.repeat(depth)), input.subarray(from, to), Buffer.from(close.repeat(depth))]),
    );
  },
  function join(input, random, pool) {
    const other = random.pick(pool);
    return Buffer.concat([
      input.subarray(0, random.below(input.length + 1)),
      other.subarray(random.below(other.length + 1)),
    ]);
  },
  function changeNumber(input, random) {
    const text = input.toString("latin1");
    const found = [...text.matchAll(/\d+/g)];
    if (found.length === 0) return input;
    const { index, 0: digits } = random.pick(found);
    return splice(input, index, index + digits.length, Buffer.from(random.pick(numbers)));
  },
  function swapCase(input, random) {
    const [from, to] = somewhere(input, random);
    const part = input.toString("latin1", from, to);
    return splice(input, from, to, Buffer.from(random.oneIn(2) ? part.toUpperCase() : part.toLowerCase(), "latin1"));
  },
];

/** An input made from one of the pool by a few changes. */
export function mutate(pool: readonly Buffer[], words: readonly string[], random: Random, maxBytes: number): Buffer {
  let input = random.pick(pool);
  for (let count = 1 + random.below(5); count > 0; count--) input = random.pick(changes)(input, random, pool, words);
  return input.length > maxBytes ? input.subarray(0, maxBytes) : input;
}
