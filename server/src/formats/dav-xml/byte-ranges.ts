export interface Span {
  /** Offsets in bytes, `end` exclusive. */
  readonly start: number;
  readonly end: number;
}

/** More than any program asks for; small ranges by the thousand are an attack (RFC 9110 section 17.15). */
const mostRanges = 50;

/**
 * What a Range header asks of a representation (RFC 9110 section 14.2). Malformed headers, other units and sets that make no
 * sense are ignored: the whole is sent. Ranges that overlap or touch become one.
 * @returns undefined for the whole, "unsatisfiable" for 416
 */
export function parseRanges(header: string | undefined, size: number): Span[] | "unsatisfiable" | undefined {
  const set = /^bytes=(.{1,2000})$/i.exec(header?.trim() ?? "")?.[1];
  if (set === undefined) return undefined;
  const parts = set.split(",").map((part) => part.trim());
  if (parts.length > mostRanges) return undefined;
  const spans: Span[] = [];
  for (const part of parts) {
    if (part === "") continue; // an empty element of a list (RFC 9110 section 5.6.1)
    const span = parseSpan(part, size);
    if (span === undefined) return undefined;
    if (span !== "outside") spans.push(span);
  }
  if (spans.length === 0) return "unsatisfiable";
  return merge(spans);
}

function parseSpan(part: string, size: number): Span | "outside" | undefined {
  const match = /^(\d{0,15})-(\d{0,15})$/.exec(part);
  if (!match) return undefined;
  const [, first = "", last = ""] = match;
  if (first === "") {
    if (last === "") return undefined;
    const length = Number(last);
    return length === 0 || size === 0 ? "outside" : { start: Math.max(0, size - length), end: size };
  }
  const start = Number(first);
  if (last !== "" && Number(last) < start) return undefined;
  if (start >= size) return "outside";
  return { start, end: last === "" ? size : Math.min(size, Number(last) + 1) };
}

/** In the order they were asked for, unless some overlap. */
function merge(spans: readonly Span[]): Span[] {
  const sorted = [...spans].sort((a, b) => a.start - b.start);
  const merged: { start: number; end: number }[] = [];
  for (const span of sorted) {
    const last = merged.at(-1);
    if (last && span.start <= last.end) last.end = Math.max(last.end, span.end);
    else merged.push({ ...span });
  }
  return merged.length === spans.length ? [...spans] : merged;
}
