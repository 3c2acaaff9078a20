import type { ArgumentReader, TagSpecs } from "./argument-reader.ts";
import { type Comparator, comparators, isComparatorName } from "./comparators.ts";
import type { CompileContext } from "./compile-context.ts";
import type { Machine } from "./machine.ts";
import { matchWildcard } from "./match-wildcard.ts";
import { compileRegex } from "./regex/compile-regex.ts";
import { matchRegex } from "./regex/match-regex.ts";
import { RegexError, type RegexProgram } from "./regex/regex-program.ts";
import { type Position, SieveError } from "./sieve-error.ts";
import type { Text } from "./text.ts";

/** Tags of every test that compares. */
export const matchTags: TagSpecs = {
  ":comparator": { value: "string" },
  ":is": { group: "match" },
  ":contains": { group: "match" },
  ":matches": { group: "match" },
  ":regex": { group: "match", needs: ["regex"] },
  ":value": { group: "match", value: "string", needs: ["relational"] },
  ":count": { group: "match", value: "string", needs: ["relational"] },
};

const relations: Readonly<Record<string, (order: number) => boolean>> = {
  gt: (order) => order > 0,
  ge: (order) => order >= 0,
  lt: (order) => order < 0,
  le: (order) => order <= 0,
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
};

/** Compares the values that a test finds with its keys. */
export interface Matcher {
  readonly isCount: boolean;
  /** Match variables are set by the first hit of `:matches` or `:regex`, unless `setsVariables` is false (RFC 5173 section 6). */
  match(machine: Machine, values: readonly string[], setsVariables?: boolean): boolean;
}

/**
 * Reads `:comparator` and the match type (RFC 5228 section 2.7, RFC 5231, draft-ietf-sieve-regex).
 * @param keys of the test, already read
 * @throws SieveError
 */
export function readMatcher(context: CompileContext, reader: ArgumentReader, keys: readonly Text[]): Matcher {
  const comparator = readComparator(context, reader);
  const tag = reader.inGroup("match");
  const type = tag?.name ?? ":is";
  const hasSetVariables = context.hasVariables;
  if (tag?.value) {
    const name = tag.value.kind === "string" ? tag.value.value.toLowerCase() : "";
    const holds = Object.hasOwn(relations, name) ? relations[name]! : undefined;
    if (!holds) throw new SieveError(`“${name.slice(0, 20)}” is not gt, ge, lt, le, eq or ne`, tag.value.position);
    return relational(comparator, holds, keys, type === ":count");
  }
  if (!comparator.hasSubstrings && type !== ":is") {
    throw new SieveError(`${type} cannot be used with ${comparator.name}`, tag?.position ?? reader.position);
  }
  const hits = type === ":regex" ? regexHits(comparator, keys) : textHits(type, comparator);
  return {
    isCount: false,
    match(machine, values, setsVariables = true) {
      for (const value of values) {
        for (const key of keys) {
          const found = hits(machine, value, key);
          if (found === null) continue;
          if (hasSetVariables && setsVariables && (type === ":matches" || type === ":regex")) {
            machine.scope.matches = found.map((each) => machine.cut(each));
          }
          return true;
        }
      }
      return false;
    },
  };
}

function readComparator(context: CompileContext, reader: ArgumentReader): Comparator {
  const value = reader.tag(":comparator")?.value;
  if (value?.kind !== "string") return comparators["i;ascii-casemap"];
  if (!isComparatorName(value.value)) {
    throw new SieveError(`There is no comparator “${value.value.slice(0, 60)}”`, value.position);
  }
  if (value.value !== "i;octet" && value.value !== "i;ascii-casemap") {
    context.need(`The comparator ${value.value}`, [`comparator-${value.value}`], value.position);
  }
  return comparators[value.value];
}

function relational(
  comparator: Comparator,
  holds: (order: number) => boolean,
  keys: readonly Text[],
  isCount: boolean,
): Matcher {
  return {
    isCount,
    match(machine, values) {
      machine.spend(1 + (values.length * keys.length) / 5);
      const compared = isCount ? [String(values.length)] : values;
      return compared.some((value) => keys.some((key) => holds(comparator.compare(value, key.read(machine)))));
    },
  };
}

type Hit = (machine: Machine, value: string, key: Text) => readonly string[] | null;
const noCaptures: readonly string[] = [];

function textHits(type: string, comparator: Comparator): Hit {
  return (machine, value, key) => {
    const text = key.read(machine);
    if (type === ":matches") return matchWildcard(text, value, comparator, machine.meter());
    machine.spend(1 + (value.length + text.length) / 5_000);
    const [held, wanted] = [machine.fold(comparator, value), comparator.key(text)];
    return (type === ":contains" ? held.includes(wanted) : held === wanted) ? noCaptures : null;
  };
}

/** Expressions without variables are compiled once, with the script. */
function regexHits(comparator: Comparator, keys: readonly Text[]): Hit {
  const programs = new Map<Text, RegexProgram>();
  for (const key of keys) if (key.constant !== undefined) programs.set(key, compile(key.constant, key.position));
  return (machine, value, key) => {
    const program = programs.get(key) ?? compile(key.read(machine), key.position);
    machine.spend(program.instructions.length / 50);
    return matchRegex(program, value, comparator.ignoresCase, machine.meter());
  };
}

function compile(pattern: string, position: Position): RegexProgram {
  try {
    return compileRegex(pattern);
  } catch (error) {
    if (!(error instanceof RegexError)) throw error;
    throw new SieveError(`The regular expression cannot be used: ${error.message}`, position);
  }
}
