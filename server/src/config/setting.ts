import type { Parser } from "./parsers.ts";

/** One thing that an operator can set. The reference in docs/configuration.md is generated from these. */
export type Setting<T = unknown> = {
  readonly parser: Parser<T>;
  /** The value as the operator would write it; undefined when the setting is off, or derived as `defaultDoc` says. */
  readonly default?: string;
  readonly defaultDoc?: string;
  readonly doc: string;
  /** True when the value must never be shown, in an error sentence or a log. */
  readonly secret?: boolean;
};

export type Given<T> = Setting<T> & { readonly default: string };

export function required<T>(parser: Parser<T>, value: string, doc: string): Given<T> {
  return { parser, default: value, doc };
}

export function optional<T>(parser: Parser<T>, defaultDoc: string, doc: string): Setting<T> {
  return { parser, defaultDoc, doc };
}
