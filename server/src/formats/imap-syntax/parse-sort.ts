import { BadSyntax } from "./bad-syntax.ts";
import { findCharset, parseKeys, parseReturns, type SearchKey, type SearchResults } from "./parse-search.ts";
import type { RawCommand } from "./raw-command.ts";
import { Scanner } from "./scanner.ts";

const SORT_KEYS = ["ARRIVAL", "CC", "DATE", "DISPLAYFROM", "DISPLAYTO", "FROM", "SIZE", "SUBJECT", "TO"] as const;

export interface SortCriterion {
  readonly by: (typeof SORT_KEYS)[number];
  readonly reverse: boolean;
}

export interface SortCommand extends SearchResults {
  readonly criteria: readonly SortCriterion[];
  readonly key: SearchKey;
}

const ALGORITHMS = ["ORDEREDSUBJECT", "REFERENCES"] as const;

export interface ThreadCommand {
  readonly algorithm: (typeof ALGORITHMS)[number];
  readonly key: SearchKey;
}

const MAX_CRITERIA = 20;

/**
 * Parses the arguments of SORT and UID SORT (RFC 5256, RETURN of RFC 5267, DISPLAYFROM and DISPLAYTO of RFC 5957).
 * @throws BadSyntax
 * @throws UnknownCharset
 */
export function parseSort(command: RawCommand): SortCommand {
  const scanner = new Scanner(command);
  scanner.space();
  const results = parseReturns(scanner);
  const criteria = scanner.list(() => parseCriterion(scanner));
  if (criteria.length === 0 || criteria.length > MAX_CRITERIA) {
    throw new BadSyntax(`SORT takes 1 to ${MAX_CRITERIA} criteria.`);
  }
  return { ...results, criteria, key: parseRest(scanner) };
}

/**
 * Parses the arguments of THREAD and UID THREAD (RFC 5256).
 * @throws BadSyntax
 * @throws UnknownCharset
 */
export function parseThread(command: RawCommand): ThreadCommand {
  const scanner = new Scanner(command);
  scanner.space();
  const name = scanner.atom().toUpperCase();
  const algorithm = ALGORITHMS.find((known) => known === name);
  if (algorithm === undefined) throw new BadSyntax(`The algorithm ${name.slice(0, 40)} is not known.`);
  return { algorithm, key: parseRest(scanner) };
}

function parseCriterion(scanner: Scanner): SortCriterion {
  let name = scanner.keyword();
  const reverse = name === "REVERSE";
  if (reverse) {
    scanner.space();
    name = scanner.keyword();
  }
  const by = SORT_KEYS.find((known) => known === name);
  if (by === undefined) throw new BadSyntax(`The SORT criterion ${name.slice(0, 40)} is not known.`);
  return { by, reverse };
}

/** The charset, which is not optional here, and the search. */
function parseRest(scanner: Scanner): SearchKey {
  scanner.space();
  const charset = findCharset(scanner.astring());
  scanner.space();
  return parseKeys(scanner, charset);
}
