/** A piece of a command: text of one line without its line break and literal announcement, or a literal. */
export type Segment =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "literal"; readonly bytes: Buffer; readonly binary: boolean }
  /** A literal whose bytes were handed over while they arrived. */
  | { readonly kind: "streamed"; readonly size: number; readonly binary: boolean };

/** A command as it was framed on the wire; its arguments are not parsed yet. */
export interface RawCommand {
  readonly tag: string;
  /** Upper case; `UID` and the verb that follows it are one verb: `UID FETCH`. */
  readonly verb: string;
  /** What follows the verb, beginning with the space. */
  readonly segments: readonly Segment[];
}
