import type { Position } from "./sieve-error.ts";

/*
 * The syntax tree of RFC 5228 section 8.2: commands and tests by whatever name, before anything is known of what they mean.
 */

export interface StringArgument {
  readonly kind: "string";
  readonly value: string;
  readonly position: Position;
}

export interface ListArgument {
  readonly kind: "list";
  readonly items: readonly StringArgument[];
  readonly position: Position;
}

export interface NumberArgument {
  readonly kind: "number";
  readonly value: number;
  readonly position: Position;
}

export interface TagArgument {
  readonly kind: "tag";
  /** Lower case, with the colon. */
  readonly name: string;
  readonly position: Position;
}

export type Argument = StringArgument | ListArgument | NumberArgument | TagArgument;

export interface TestNode {
  /** Lower case. */
  readonly name: string;
  readonly position: Position;
  readonly args: readonly Argument[];
  readonly tests: readonly TestNode[];
  /** A list in parentheses, which `allof` needs and `not` refuses. */
  readonly isTestList: boolean;
}

export interface CommandNode extends TestNode {
  readonly block: readonly CommandNode[] | null;
  /** The hash comments just before it, without the hash. */
  readonly comments: readonly string[];
}
