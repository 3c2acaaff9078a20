import type { Invocation, ResultReference } from "@bouquet/contract/jmap.ts";
import { MethodFailure } from "./jmap-errors.ts";
import { InvalidValue, isObject, type JsonObject, resultReference } from "./read-arguments.ts";

/** How many values references may still bring into a request: a chain of references to references grows without end. */
export interface ReferenceBudget {
  values: number;
}

/**
 * Puts the values that `#name` arguments refer to in their place (RFC 8620 section 3.7).
 * @param responses of the calls before
 * @throws MethodFailure `invalidArguments`, `invalidResultReference`, `requestTooLarge`
 */
export function resolveReferences(
  given: JsonObject,
  responses: readonly Invocation[],
  budget: ReferenceBudget,
): JsonObject {
  const names = Object.keys(given);
  if (!names.some((name) => name.startsWith("#"))) return given;
  const entries = names.map((name): readonly [string, unknown] => {
    if (!name.startsWith("#")) return [name, given[name]];
    const plain = name.slice(1);
    if (Object.hasOwn(given, plain)) {
      throw new MethodFailure("invalidArguments", `${plain} is given twice`, { arguments: [plain] });
    }
    const value = follow(readReference(name, given[name]), responses);
    charge(value, budget);
    return [plain, value];
  });
  return Object.fromEntries(entries);
}

function readReference(name: string, value: unknown): ResultReference {
  try {
    return resultReference(value);
  } catch (error) {
    if (!(error instanceof InvalidValue)) throw error;
    throw new MethodFailure("invalidResultReference", `${name} ${error.message}`);
  }
}

function follow({ resultOf, name, path }: ResultReference, responses: readonly Invocation[]): unknown {
  const source = responses.find((response) => response[2] === resultOf);
  if (!source) throw new MethodFailure("invalidResultReference", `There is no result of a call “${resultOf}”`);
  if (source[0] !== name) {
    throw new MethodFailure("invalidResultReference", `The result of “${resultOf}” is ${source[0]}, not ${name}`);
  }
  if (path !== "" && !path.startsWith("/")) {
    throw new MethodFailure("invalidResultReference", "The path is not a JSON Pointer");
  }
  return evaluate(source[1], path === "" ? [] : path.slice(1).split("/"));
}

/** RFC 6901 with `*`, which maps the rest of the path over an array and joins the arrays that come out. */
function evaluate(start: unknown, tokens: readonly string[]): unknown {
  let value = start;
  for (const [position, token] of tokens.entries()) {
    if (Array.isArray(value)) {
      if (token === "*") {
        const rest = tokens.slice(position + 1);
        return value.flatMap((item) => evaluate(item, rest));
      }
      if (!/^(?:0|[1-9]\d*)$/.test(token) || Number(token) >= value.length) throw nothingAt(token);
      value = value[Number(token)];
    } else {
      const key = token.replaceAll("~1", "/").replaceAll("~0", "~");
      if (!isObject(value) || !Object.hasOwn(value, key)) throw nothingAt(token);
      value = value[key];
    }
  }
  return value;
}

function nothingAt(token: string): MethodFailure {
  return new MethodFailure("invalidResultReference", `There is nothing at “${token.slice(0, 100)}” of the path`);
}

function charge(value: unknown, budget: ReferenceBudget): void {
  const pending = [value];
  while (pending.length > 0) {
    const next = pending.pop();
    // Long strings count by their length, in words of 64 characters.
    budget.values -= typeof next === "string" ? 1 + (next.length >> 6) : 1;
    if (budget.values < 0) throw new MethodFailure("requestTooLarge", "The references of this request hold too much");
    if (Array.isArray(next)) for (const each of next) pending.push(each);
    else if (isObject(next)) for (const key of Object.keys(next)) pending.push(next[key]);
  }
}
