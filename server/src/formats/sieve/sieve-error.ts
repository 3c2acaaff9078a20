/** A place in a script, as editors count it. */
export interface Position {
  /** From 1. */
  readonly line: number;
  /** UTF-16 units from 1. */
  readonly column: number;
  /** UTF-16 units from 0. */
  readonly offset: number;
}

/** A script that cannot be used, or that failed while it ran. */
export class SieveError extends Error {
  override readonly name = "SieveError";
  readonly position: Position;

  constructor(message: string, position: Position) {
    super(message);
    this.position = position;
  }
}
