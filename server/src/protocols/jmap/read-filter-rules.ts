import type { FilterAction, FilterCondition, FilterRule, FilterRules } from "@bouquet/contract/jmap-filters.ts";
import {
  bool,
  InvalidValue,
  isObject,
  listOf,
  nullable,
  type Read,
  type Shape,
  type Shaped,
  text,
  unsignedInt,
  utcDate,
} from "./read-arguments.ts";

/** An object of exactly these properties. */
function exactly<S extends Shape>(shape: S): Read<Shaped<S>> {
  return (value) => {
    if (!isObject(value)) throw new InvalidValue("must hold an object");
    const unknown = Object.keys(value).find((name) => !Object.hasOwn(shape, name));
    if (unknown !== undefined) throw new InvalidValue(`holds an unknown property ${unknown.slice(0, 40)}`);
    return Object.fromEntries(
      Object.entries(shape).map(([name, read]) => {
        try {
          return [name, read(value[name])];
        } catch (error) {
          throw error instanceof InvalidValue ? new InvalidValue(`${error.message} (${name})`) : error;
        }
      }),
    ) as Shaped<S>;
  };
}

function oneOf<const T extends string>(...values: readonly T[]): Read<T> {
  return (value) => {
    const found = values.find((each) => each === value);
    if (found === undefined) throw new InvalidValue(`must be one of ${values.join(", ")}`);
    return found;
  };
}

const orNull =
  <T>(read: Read<T>): Read<T | null> =>
  (value) =>
    nullable(read)(value) ?? null;

const date: Read<string | null> = (value) => orNull(utcDate)(value)?.toISOString() ?? null;

const textCondition = {
  field: oneOf("from", "to", "cc", "recipient", "subject", "body"),
  operator: oneOf("contains", "is", "startsWith", "endsWith"),
  value: text,
  isNegated: bool,
};

const condition: Read<FilterCondition> = (value) => {
  switch (isObject(value) ? value.field : undefined) {
    case "size":
      return exactly({ field: oneOf("size"), operator: oneOf("over", "under"), bytes: unsignedInt })(value);
    case "list":
      return exactly({ field: oneOf("list"), isNegated: bool })(value);
    case "header": {
      const { header, ...rest } = exactly({ ...textCondition, field: oneOf("header"), header: text })(value);
      return { ...rest, header: header.toLowerCase() };
    }
    default:
      return exactly(textCondition)(value);
  }
};

const action: Read<FilterAction> = (value) => {
  switch (isObject(value) ? value.kind : undefined) {
    case "flag":
      return exactly({ kind: oneOf("flag"), flags: listOf(text) })(value);
    case "forward":
      return exactly({ kind: oneOf("forward"), address: text })(value);
    case "discard":
      return exactly({ kind: oneOf("discard") })(value);
    case "reject":
      return exactly({ kind: oneOf("reject"), text })(value);
    default:
      return exactly({ kind: oneOf("move", "copy"), mailboxId: text, mailbox: text })(value);
  }
};

const rule: Read<FilterRule> = exactly({
  name: text,
  isEnabled: bool,
  match: oneOf("all", "any"),
  conditions: listOf(condition),
  actions: listOf(action),
  stops: bool,
});

/** Reads the argument `rules`; what the values may be is for the domain to say. */
export const readFilterRules: Read<FilterRules> = exactly({
  vacation: orNull(
    exactly({
      isEnabled: bool,
      from: date,
      until: date,
      subject: orNull(text),
      text,
      html: orNull(text),
      days: unsignedInt,
    }),
  ),
  forward: orNull(exactly({ addresses: listOf(text), keepsCopy: bool })),
  rules: listOf(rule),
});
