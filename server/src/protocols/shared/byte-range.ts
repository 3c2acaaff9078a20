export interface HttpRange {
  /** Offsets in bytes, `end` exclusive. */
  start: number;
  end: number;
}

/**
 * What a Range header asks of a representation (RFC 9110 section 14). Several ranges, other units and malformed headers are
 * ignored, which the RFC allows: the whole is sent.
 * @returns undefined for the whole, "unsatisfiable" for 416
 */
export function parseRange(header: string | undefined, size: number): HttpRange | "unsatisfiable" | undefined {
  const match = /^bytes=[ \t]*(\d{0,15})-(\d{0,15})[ \t]*$/i.exec(header ?? "");
  if (!match || (match[1] === "" && match[2] === "")) return undefined;
  const [, first = "", last = ""] = match;
  if (first === "") {
    const length = Number(last);
    return length === 0 || size === 0 ? "unsatisfiable" : { start: Math.max(0, size - length), end: size };
  }
  const start = Number(first);
  const end = last === "" ? size : Math.min(size, Number(last) + 1);
  if (last !== "" && Number(last) < start) return undefined;
  return start >= size ? "unsatisfiable" : { start, end };
}
