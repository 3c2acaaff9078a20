import type { Comparator } from "./comparators.ts";

type PatternItem = { readonly kind: "star" | "one" } | { readonly kind: "unit"; readonly unit: string };

/** `*` and `?` stand for themselves after a backslash (RFC 5228 section 2.7.1). */
function readPattern(pattern: string, comparator: Comparator): PatternItem[] {
  const items: PatternItem[] = [];
  let literal = "";
  const flush = (): void => {
    const { folded } = comparator.units(literal);
    for (let at = 0; at < folded.length; at++) items.push({ kind: "unit", unit: folded[at]! });
    literal = "";
  };
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at]!;
    if (character === "*" || character === "?") {
      flush();
      items.push({ kind: character === "*" ? "star" : "one" });
    } else if (character === "\\" && at + 1 < pattern.length) literal += pattern[++at]!;
    else literal += character;
  }
  flush();
  return items;
}

/**
 * Matches a whole text. Each `*` takes as little as it can, from left to right (RFC 5229 section 3.2).
 * @param spend is told of the comparisons made; it may throw to end a match that costs too much
 * @returns null, or the whole text and what each wildcard stood for
 */
export function matchWildcard(
  pattern: string,
  text: string,
  comparator: Comparator,
  spend: (steps: number) => void,
): string[] | null {
  const items = readPattern(pattern, comparator);
  const { folded, original } = comparator.units(text);
  const length = folded.length;
  spend(1 + (items.length + length) / 50);
  const segments: PatternItem[][] = [[]];
  for (const item of items) {
    if (item.kind === "star") segments.push([]);
    else segments.at(-1)!.push(item);
  }
  const fits = (segment: readonly PatternItem[], start: number): boolean => {
    for (let at = 0; at < segment.length; at++) {
      const item = segment[at]!;
      if (item.kind === "unit" && item.unit !== folded[start + at]) {
        spend(at / 50);
        return false;
      }
    }
    return true;
  };
  const starts: number[] = [];
  let position = 0;
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1;
    if (index === 0 || isLast) {
      // The ends are anchored: the first segment at the start, the last at the end.
      const start = index === 0 ? 0 : length - segment.length;
      if (start < position || start + segment.length > length || !fits(segment, start)) return null;
      if (index === 0 && isLast && segment.length !== length) return null;
      starts.push(start);
      position = start + segment.length;
      continue;
    }
    const from = position;
    while (position + segment.length <= length && !fits(segment, position)) position++;
    spend((position - from) / 50);
    if (position + segment.length > length) return null;
    starts.push(position);
    position += segment.length;
  }
  const captures = [text];
  for (const [index, segment] of segments.entries()) {
    const start = starts[index]!;
    if (index > 0) captures.push(original(starts[index - 1]! + segments[index - 1]!.length, start));
    for (const [at, item] of segment.entries()) {
      if (item.kind === "one") captures.push(original(start + at, start + at + 1));
    }
  }
  return captures;
}
