/** Set of code points: sorted ranges, both ends inside. */
export interface CharacterSet {
  readonly ranges: readonly (readonly [number, number])[];
  readonly isNegated: boolean;
}

export type Instruction =
  | { op: "character"; code: number }
  | { op: "set"; set: CharacterSet }
  | { op: "any" }
  | { op: "start" }
  | { op: "end" }
  | { op: "save"; slot: number }
  /** `first` is preferred. */
  | { op: "split"; first: number; second: number }
  | { op: "jump"; to: number }
  | { op: "match" };

/** A regular expression compiled for a machine that runs in time proportional to text × program. */
export interface RegexProgram {
  readonly instructions: readonly Instruction[];
  /** Groups, the whole match included. */
  readonly groups: number;
}

/** A regular expression that cannot be used. */
export class RegexError extends Error {
  override readonly name = "RegexError";
}
