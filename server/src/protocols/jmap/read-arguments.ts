import type { ResultReference } from "@bouquet/contract/jmap.ts";
import { MethodFailure } from "./jmap-errors.ts";

export type JsonObject = Record<string, unknown>;

/** Reads an untrusted value. Throws `InvalidValue` when it is not what it must be. */
export type Read<T> = (value: unknown) => T;

export class InvalidValue extends Error {
  override readonly name = "InvalidValue";
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** RFC 8620 section 1.2. */
export function isId(value: unknown): value is string {
  return typeof value === "string" && /^[A-Za-z0-9_-]{1,255}$/.test(value);
}

function must<T>(test: (value: unknown) => value is T, expected: string): Read<T> {
  return (value) => {
    if (!test(value)) throw new InvalidValue(`must be ${expected}`);
    return value;
  };
}

export const id: Read<string> = must(isId, "an Id");
/** An id, or `#` and the creation id of an object made earlier in the request. */
export const reference: Read<string> = must(
  (value): value is string => typeof value === "string" && isId(value.replace(/^#/, "")),
  "an Id or a creation id after #",
);
export const text: Read<string> = must((value): value is string => typeof value === "string", "a String");
export const bool: Read<boolean> = must((value): value is boolean => typeof value === "boolean", "a Boolean");
export const int: Read<number> = must(Number.isSafeInteger as (value: unknown) => value is number, "an Int");
export const unsignedInt: Read<number> = must(
  (value): value is number => Number.isSafeInteger(value) && (value as number) >= 0,
  "an UnsignedInt",
);
export const anything: Read<unknown> = (value) => value;
export const object: Read<JsonObject> = must(isObject, "an object");

const utcPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/;

function dateOf(pattern: RegExp, expected: string): Read<Date> {
  return (value) => {
    const date = typeof value === "string" && pattern.test(value) ? new Date(value) : undefined;
    if (!date || Number.isNaN(date.getTime()) || date.getUTCFullYear() > 9999 || date.getUTCFullYear() < 1) {
      throw new InvalidValue(`must be ${expected}`);
    }
    return date;
  };
}

export const utcDate: Read<Date> = dateOf(utcPattern, "a UTCDate");

export function optional<T>(read: Read<T>): Read<T | undefined> {
  return (value) => (value === undefined ? undefined : read(value));
}

/** May be null or absent: both are undefined. */
export function nullable<T>(read: Read<T>): Read<T | undefined> {
  return (value) => (value === undefined || value === null ? undefined : read(value));
}

export function listOf<T>(read: Read<T>): Read<T[]> {
  return (value) => {
    if (!Array.isArray(value)) throw new InvalidValue("must be an array");
    return value.map(read);
  };
}

/** A map, as entries that no key such as `__proto__` can trouble. */
export function mapOf<T>(readKey: Read<string>, read: Read<T>): Read<Map<string, T>> {
  return (value) => new Map(Object.entries(object(value)).map(([key, each]) => [readKey(key), read(each)] as const));
}

/** A set written as `{ key: true }`. */
export function setOf(readKey: Read<string>): Read<Set<string>> {
  const truth = must((value): value is true => value === true, "a set: each value is true");
  return (value) => new Set(mapOf(readKey, truth)(value).keys());
}

export type Shape = Record<string, Read<unknown>>;
export type Shaped<S extends Shape> = { [K in keyof S]: ReturnType<S[K]> };

/**
 * Reads the arguments of a call by their shape. Arguments that the method does not know are refused: they are mistakes, or belong to
 * an extension that the client may not use without its capability (RFC 8620 section 3.3).
 * @throws MethodFailure `invalidArguments`
 */
export function readArguments<S extends Shape>(given: JsonObject, shape: S): Shaped<S> {
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(shape, name));
  if (unknown.length > 0) {
    throw new MethodFailure("invalidArguments", "There is no such argument", { arguments: unknown.slice(0, 10) });
  }
  const entries = Object.entries(shape).map(([name, read]) => {
    try {
      return [name, read(Object.hasOwn(given, name) ? given[name] : undefined)] as const;
    } catch (error) {
      if (!(error instanceof InvalidValue)) throw error;
      throw new MethodFailure("invalidArguments", `${name} ${error.message}`, { arguments: [name] });
    }
  });
  return Object.fromEntries(entries) as Shaped<S>;
}

export const resultReference: Read<ResultReference> = (value) => {
  const { resultOf, name, path, ...rest } = object(value);
  if (Object.keys(rest).length > 0) throw new InvalidValue("must be a ResultReference");
  return { resultOf: text(resultOf), name: text(name), path: text(path) };
};
