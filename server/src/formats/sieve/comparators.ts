import { isAscii } from "node:buffer";

export type ComparatorName = "i;octet" | "i;ascii-casemap" | "i;unicode-casemap" | "i;ascii-numeric";

/** What a comparator takes for one character, and where it stood in the text: for wildcards and their captures. */
export interface Units {
  readonly folded: ArrayLike<string>;
  /** The text of the units [from, to). */
  original(from: number, to: number): string;
}

/** RFC 4790, RFC 5051; what a “character” is depends on it (RFC 5228 section 2.7.1). */
export interface Comparator {
  readonly name: ComparatorName;
  /** False: no `:contains`, `:matches`, `:regex`. */
  readonly hasSubstrings: boolean;
  readonly ignoresCase: boolean;
  /** Equal texts have equal keys. */
  key(text: string): string;
  compare(a: string, b: string): number;
  units(text: string): Units;
}

/** UTF-8, one UTF-16 unit for each octet. */
function toOctets(text: string): string {
  return /^[\0-\x7f]*$/.test(text) ? text : Buffer.from(text, "utf8").toString("latin1");
}

function fromOctets(octets: string): string {
  const bytes = Buffer.from(octets, "latin1");
  return isAscii(bytes) ? octets : bytes.toString("utf8");
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function octetComparator(name: ComparatorName, ignoresCase: boolean): Comparator {
  const fold = (octets: string): string =>
    ignoresCase ? octets.replace(/[a-z]+/g, (letters) => letters.toUpperCase()) : octets;
  const key = (text: string): string => fold(toOctets(text));
  return {
    name,
    hasSubstrings: true,
    ignoresCase,
    key,
    compare: (a, b) => order(key(a), key(b)),
    units(text) {
      const octets = toOctets(text);
      return { folded: fold(octets), original: (from, to) => fromOctets(octets.slice(from, to)) };
    },
  };
}

/** RFC 5051 section 2: the simple titlecase mapping of each character, then the compatibility decomposition. */
function titlecase(text: string): string {
  return text
    .replace(/[a-z]+/g, (letters) => letters.toUpperCase())
    .replace(/[^\0-\x7f]/gu, (character) => {
      const upper = character.toUpperCase();
      // What becomes several characters is not in the simple mapping.
      return [...upper].length === 1 ? upper : character;
    })
    .normalize("NFKD");
}

const unicode: Comparator = {
  name: "i;unicode-casemap",
  hasSubstrings: true,
  ignoresCase: true,
  key: titlecase,
  compare: (a, b) => Buffer.compare(Buffer.from(titlecase(a)), Buffer.from(titlecase(b))),
  units(text) {
    const characters = [...text.normalize("NFC")];
    return {
      folded: characters.map(titlecase),
      original: (from, to) => characters.slice(from, to).join(""),
    };
  },
};

/** RFC 4790 section 9.1.1: the number that a text begins with; no number is infinity. */
function numberOf(text: string): bigint | null {
  const digits = /^[0-9]{1,1000}/.exec(text)?.[0];
  return digits === undefined ? null : BigInt(digits);
}

const numeric: Comparator = {
  name: "i;ascii-numeric",
  hasSubstrings: false,
  ignoresCase: false,
  key: (text) => String(numberOf(text) ?? ""),
  compare(a, b) {
    const [left, right] = [numberOf(a), numberOf(b)];
    if (left === null || right === null) return left === right ? 0 : left === null ? 1 : -1;
    return left < right ? -1 : left > right ? 1 : 0;
  },
  units: () => ({ folded: "", original: () => "" }),
};

export const comparators: Readonly<Record<ComparatorName, Comparator>> = {
  "i;octet": octetComparator("i;octet", false),
  "i;ascii-casemap": octetComparator("i;ascii-casemap", true),
  "i;unicode-casemap": unicode,
  "i;ascii-numeric": numeric,
};

export function isComparatorName(name: string): name is ComparatorName {
  return Object.hasOwn(comparators, name);
}
