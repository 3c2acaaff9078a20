import type { GetResponse } from "@bouquet/contract/jmap.ts";
import { MethodFailure } from "./jmap-errors.ts";
import { type CallContext, resolveId } from "./method.ts";
import { id, listOf, nullable, reference, text } from "./read-arguments.ts";

/** RFC 8620 section 5.1. */
export const getShape = { accountId: id, ids: nullable(listOf(reference)), properties: nullable(listOf(text)) };

/**
 * The ids asked for, each once; undefined is all.
 * @throws MethodFailure `requestTooLarge`
 */
export function readIds(context: CallContext, ids: readonly string[] | undefined): string[] | undefined {
  if (!ids) return undefined;
  if (ids.length > context.deps.limits.maxObjectsInGet) {
    throw new MethodFailure(
      "requestTooLarge",
      `At most ${context.deps.limits.maxObjectsInGet} objects are given at once`,
    );
  }
  return [...new Set(ids.map((each) => resolveId(context, each)))];
}

/** @throws MethodFailure `invalidArguments` for a property that the type does not have */
export function readProperties(known: readonly string[], given: readonly string[] | undefined): ReadonlySet<string> {
  const unknown = given?.filter((name) => !known.includes(name)) ?? [];
  if (unknown.length > 0) {
    throw new MethodFailure("invalidArguments", `There is no property “${unknown[0]!.slice(0, 100)}”`, {
      arguments: ["properties"],
    });
  }
  return new Set(given ? ["id", ...given] : known);
}

/** Builds the response of a type that is read whole. `id` is always given. */
export function getResponse<T extends { id: string }>(
  accountId: string,
  state: string,
  objects: readonly T[],
  ids: readonly string[] | undefined,
  properties: ReadonlySet<string>,
): GetResponse<T> {
  const byId = new Map(objects.map((object) => [object.id, object]));
  const wanted = ids ?? [...byId.keys()];
  return {
    accountId,
    state,
    list: wanted.flatMap((each) => {
      const object = byId.get(each);
      return object ? [pick(object, properties)] : [];
    }),
    notFound: wanted.filter((each) => !byId.has(each)),
  };
}

export function pick<T extends object>(object: T, properties: ReadonlySet<string>): T {
  return Object.fromEntries(Object.entries(object).filter(([name]) => properties.has(name))) as T;
}
