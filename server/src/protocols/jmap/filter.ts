import { MethodFailure } from "./jmap-errors.ts";
import { InvalidValue, isObject, type JsonObject, type Read } from "./read-arguments.ts";

/** A filter (RFC 8620 section 5.5) whose conditions were read. */
export type Filter<C> =
  | { readonly operator: "AND" | "OR" | "NOT"; readonly conditions: readonly Filter<C>[] }
  | { readonly condition: C };

const maxDepth = 20;
const maxConditions = 200;

/**
 * @param readCondition gets an object without `operator`; throws InvalidValue
 * @throws MethodFailure `unsupportedFilter` (too deep, too many conditions), InvalidValue
 */
export function filterOf<C>(readCondition: Read<C>): Read<Filter<C>> {
  return (value) => {
    let conditions = 0;
    const read = (each: unknown, depth: number): Filter<C> => {
      if (depth > maxDepth || ++conditions > maxConditions) {
        throw new MethodFailure("unsupportedFilter", "The filter is too large");
      }
      if (!isObject(each)) throw new InvalidValue("must be a filter");
      if (!Object.hasOwn(each, "operator")) return { condition: readCondition(each) };
      const { operator } = each;
      if (operator !== "AND" && operator !== "OR" && operator !== "NOT") throw new InvalidValue("has no such operator");
      if (!Array.isArray(each.conditions)) throw new InvalidValue("lacks conditions");
      return { operator, conditions: each.conditions.map((inner) => read(inner, depth + 1)) };
    };
    return read(value, 0);
  };
}

/** NOT matches when none of its conditions does. */
export function matchesFilter<C>(filter: Filter<C>, test: (condition: C) => boolean): boolean {
  if ("condition" in filter) return test(filter.condition);
  const { operator, conditions } = filter;
  if (operator === "AND") return conditions.every((each) => matchesFilter(each, test));
  const some = conditions.some((each) => matchesFilter(each, test));
  return operator === "OR" ? some : !some;
}

/**
 * Reads the properties of one condition, all of which must hold.
 * @throws MethodFailure `unsupportedFilter` for a property that is not known
 */
export function conditionOf<S extends Record<string, Read<unknown>>>(
  shape: S,
): Read<{ [K in keyof S]?: ReturnType<S[K]> }> {
  return (value) => {
    const given = value as JsonObject;
    const entries = Object.entries(given).map(([name, each]) => {
      const read = Object.hasOwn(shape, name) ? shape[name] : undefined;
      if (!read) throw new MethodFailure("unsupportedFilter", `There is no condition “${name.slice(0, 100)}”`);
      try {
        return [name, read(each)] as const;
      } catch (error) {
        throw error instanceof InvalidValue ? new InvalidValue(`: ${name} ${error.message}`) : error;
      }
    });
    return Object.fromEntries(entries) as { [K in keyof S]?: ReturnType<S[K]> };
  };
}
