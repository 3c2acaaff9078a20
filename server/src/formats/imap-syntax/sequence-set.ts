import { BadSyntax } from "./bad-syntax.ts";

/** Stands for `*`, the largest number in use. */
export const STAR = Number.POSITIVE_INFINITY;

/** Both ends belong to the range. */
export interface NumberRange {
  readonly from: number;
  readonly to: number;
}

/** A set of sequence numbers or UIDs as written, never expanded; `saved` is `$`, the result kept by SEARCH RETURN (SAVE). */
export type SequenceSet =
  | { readonly kind: "ranges"; readonly ranges: readonly NumberRange[] }
  | { readonly kind: "saved" };

const MAX_NUMBER = 0xffff_ffff;

/**
 * Parses a sequence-set (RFC 9051 section 9).
 * @throws BadSyntax
 */
export function parseSequenceSet(text: string): SequenceSet {
  if (text === "$") return { kind: "saved" };
  const ranges: NumberRange[] = [];
  for (const item of text.split(",")) {
    const colon = item.indexOf(":");
    if (colon === -1) {
      const number = parseSequenceNumber(item);
      ranges.push({ from: number, to: number });
    } else {
      ranges.push({ from: parseSequenceNumber(item.slice(0, colon)), to: parseSequenceNumber(item.slice(colon + 1)) });
    }
  }
  return { kind: "ranges", ranges };
}

function parseSequenceNumber(text: string): number {
  if (text === "*") return STAR;
  const number = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : 0;
  if (number === 0 || number > MAX_NUMBER) throw new BadSyntax(`"${text.slice(0, 20)}" is not a message number.`);
  return number;
}

/**
 * The ranges of a set in ascending order, merged, with `*` replaced by `largest` (0 when the mailbox is empty: then
 * only numbers written in full remain).
 */
export function resolveRanges(ranges: readonly NumberRange[], largest: number): NumberRange[] {
  const resolved: NumberRange[] = [];
  for (const range of ranges) {
    const a = range.from === STAR ? largest : range.from;
    const b = range.to === STAR ? largest : range.to;
    const from = Math.min(a, b);
    const to = Math.max(a, b);
    if (to > 0) resolved.push({ from: Math.max(from, 1), to });
  }
  resolved.sort((x, y) => x.from - y.from);
  const merged: NumberRange[] = [];
  for (const range of resolved) {
    const last = merged.at(-1);
    if (last !== undefined && range.from <= last.to + 1) {
      merged[merged.length - 1] = { from: last.from, to: Math.max(last.to, range.to) };
    } else merged.push(range);
  }
  return merged;
}

/** Whether a number is in ranges that `resolveRanges` made. */
export function includesNumber(ranges: readonly NumberRange[], number: number): boolean {
  let low = 0;
  let high = ranges.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const range = ranges[middle] as NumberRange;
    if (number < range.from) high = middle - 1;
    else if (number > range.to) low = middle + 1;
    else return true;
  }
  return false;
}

/** Ranges that cover exactly the numbers given, which must ascend. */
export function toRanges(ascending: Iterable<number>): NumberRange[] {
  const ranges: { from: number; to: number }[] = [];
  let last: { from: number; to: number } | undefined;
  for (const number of ascending) {
    if (last !== undefined && number === last.to + 1) last.to = number;
    else {
      last = { from: number, to: number };
      ranges.push(last);
    }
  }
  return ranges;
}

/** Writes ranges as a sequence-set; empty ranges give an empty string, which is not a sequence-set. */
export function writeRanges(ranges: readonly NumberRange[]): string {
  return ranges.map(({ from, to }) => (from === to ? `${from}` : `${from}:${to}`)).join(",");
}
