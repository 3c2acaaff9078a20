/** What the conditional headers of RFC 9110 section 13.1 look at. */
export interface Validators {
  /** Quoted; absent for what has none. */
  readonly etag?: string | undefined;
  readonly modifiedAt?: Date | undefined;
}

export interface ConditionalHeaders {
  readonly "if-match"?: string | undefined;
  readonly "if-none-match"?: string | undefined;
  readonly "if-modified-since"?: string | undefined;
  readonly "if-unmodified-since"?: string | undefined;
}

export type ConditionOutcome = "proceed" | "not_modified" | "if-match" | "if-none-match" | "if-unmodified-since";

/**
 * Evaluates the preconditions in the order of RFC 9110 section 13.2.2; the name of a header says that it failed (412).
 * @param current undefined when nothing is mapped there
 */
export function evaluateConditions(
  headers: ConditionalHeaders,
  current: Validators | undefined,
  method: string,
): ConditionOutcome {
  const isRead = method === "GET" || method === "HEAD";
  const match = headers["if-match"];
  const unmodified = headers["if-unmodified-since"];
  if (match !== undefined) {
    if (!matches(match, current, "strong")) return "if-match";
  } else if (unmodified !== undefined && current?.modifiedAt) {
    const date = Date.parse(unmodified);
    if (!Number.isNaN(date) && wholeSeconds(current.modifiedAt) > date) return "if-unmodified-since";
  }
  const noneMatch = headers["if-none-match"];
  const since = headers["if-modified-since"];
  if (noneMatch !== undefined) {
    if (matches(noneMatch, current, "weak")) return isRead ? "not_modified" : "if-none-match";
  } else if (since !== undefined && isRead && current?.modifiedAt) {
    const date = Date.parse(since);
    if (!Number.isNaN(date) && wholeSeconds(current.modifiedAt) <= date) return "not_modified";
  }
  return "proceed";
}

/** If-Range (RFC 9110 section 13.1.5): whether the range still means the same bytes. */
export function mayUseRange(header: string | undefined, current: Validators): boolean {
  if (header === undefined) return true;
  const value = header.trim();
  if (value.includes('"')) return !value.startsWith("W/") && value === current.etag;
  return current.modifiedAt !== undefined && Date.parse(value) === wholeSeconds(current.modifiedAt);
}

export function wholeSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1_000) * 1_000;
}

function matches(header: string, current: Validators | undefined, comparison: "strong" | "weak"): boolean {
  if (header.trim() === "*") return current !== undefined;
  const etag = current?.etag;
  if (etag === undefined) return false;
  if (comparison === "strong" && etag.startsWith("W/")) return false;
  const wanted = opaque(etag);
  // Not split at commas: a tag may hold one. Some clients leave the quotes out.
  const tags = header.match(/(?:W\/)?"[^"]*"|[^\s,"]+/g) ?? [];
  return tags.some((tag) => {
    if (comparison === "strong" && tag.startsWith("W/")) return false;
    return opaque(tag) === wanted;
  });
}

function opaque(etag: string): string {
  return etag.replace(/^W\//, "").replaceAll('"', "");
}
