import type { Comparator, QueryResponse } from "@bouquet/contract/jmap.ts";
import { MethodFailure } from "./jmap-errors.ts";
import {
  bool,
  InvalidValue,
  id,
  int,
  listOf,
  nullable,
  object,
  optional,
  type Read,
  text,
  unsignedInt,
} from "./read-arguments.ts";

const comparator: Read<Comparator & { keyword?: string }> = (value) => {
  const { property, isAscending, collation, keyword, ...rest } = object(value);
  if (Object.keys(rest).length > 0) throw new InvalidValue("holds what is no Comparator");
  const collationName = optional(text)(collation);
  if (collationName !== undefined && !collations.includes(collationName)) throw new MethodFailure("unsupportedSort");
  const keywordName = optional(text)(keyword);
  return {
    property: text(property),
    isAscending: optional(bool)(isAscending) ?? true,
    ...(keywordName !== undefined && { keyword: keywordName }),
  };
};

const collations: readonly string[] = ["i;ascii-casemap", "i;unicode-casemap"];

/** RFC 8620 section 5.5, without the filter. */
export const queryShape = {
  accountId: id,
  sort: nullable(listOf(comparator)),
  position: nullable(int),
  anchor: nullable(id),
  anchorOffset: nullable(int),
  limit: nullable(unsignedInt),
  calculateTotal: nullable(bool),
};

/** RFC 8620 section 5.6, without the filter. */
export const queryChangesShape = {
  accountId: id,
  sort: nullable(listOf(comparator)),
  sinceQueryState: text,
  maxChanges: nullable(unsignedInt),
  upToId: nullable(id),
  calculateTotal: nullable(bool),
};

export interface Window {
  position: number | undefined;
  anchor: string | undefined;
  anchorOffset: number | undefined;
  limit: number | undefined;
  calculateTotal: boolean | undefined;
}

/**
 * The part of a whole result that a client asks for.
 * @throws MethodFailure `anchorNotFound`
 */
export function windowOf(
  all: readonly string[],
  window: Window,
  maxLimit: number,
): Pick<QueryResponse, "position" | "ids" | "total" | "limit"> {
  const limit = Math.min(window.limit ?? maxLimit, maxLimit);
  const start = startOf(all, window);
  return {
    position: start,
    ids: all.slice(start, start + limit),
    ...(window.calculateTotal && { total: all.length }),
    ...((window.limit ?? Number.POSITIVE_INFINITY) > maxLimit && { limit }),
  };
}

function startOf(all: readonly string[], { position = 0, anchor, anchorOffset = 0 }: Window): number {
  if (anchor === undefined) return position < 0 ? Math.max(0, all.length + position) : position;
  const found = all.indexOf(anchor);
  if (found === -1) throw new MethodFailure("anchorNotFound");
  return Math.max(0, found + anchorOffset);
}
