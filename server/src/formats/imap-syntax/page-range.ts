import { BadSyntax } from "./bad-syntax.ts";
import type { Scanner } from "./scanner.ts";

/** Which of many results are wanted: counted from 1, from the end when `fromEnd` (RFC 9394). Both ends belong to it. */
export interface PageRange {
  readonly from: number;
  readonly to: number;
  readonly fromEnd: boolean;
  /** In order: 500:400 is the same as 400:500 (RFC 5267 section 4.4). */
  readonly written: string;
}

/**
 * Parses a partial-range, `1:500` or `-1:-100`.
 * @throws BadSyntax
 */
export function parsePageRange(scanner: Scanner): PageRange {
  const fromEnd = scanner.accept("-");
  const first = scanner.number();
  scanner.expect(fromEnd ? ":-" : ":");
  const second = scanner.number();
  if (first === 0 || second === 0) throw new BadSyntax("PARTIAL counts from 1.");
  const [from, to] = [Math.min(first, second), Math.max(first, second)];
  return { from, to, fromEnd, written: fromEnd ? `-${from}:-${to}` : `${from}:${to}` };
}

/** The results that a range names, in their order. */
export function cutPage<T extends { readonly length: number; slice(start: number, end: number): T }>(
  results: T,
  { from, to, fromEnd }: PageRange,
): T {
  if (!fromEnd) return results.slice(from - 1, to);
  return results.slice(Math.max(0, results.length - to), Math.max(0, results.length - from + 1));
}
