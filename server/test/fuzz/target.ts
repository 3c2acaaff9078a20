/** A parser, and how to feed it. */
export interface FuzzTarget {
  readonly name: string;
  /** Real input to begin with. */
  readonly seeds: readonly (string | Buffer)[];
  /** What the syntax is made of: put in anywhere. */
  readonly words: readonly string[];
  /** Bytes of the largest input; 8,192 when not given. */
  readonly maxBytes?: number;
  /**
   * Parses and checks what must hold whatever the input. An error that the parser documents is no failure.
   * @returns what kind of outcome it was: inputs with a new one are kept to be changed further
   * @throws anything else
   */
  run(input: Buffer): string | Promise<string>;
}

/** Numbers and quoted parts taken out of a text, so that equal outcomes look equal. */
export function kindOf(text: string): string {
  return text
    .replace(/\d+/g, "0")
    .replace(/"[^"]*"|'[^']*'|`[^`]*`/g, "_")
    .slice(0, 80);
}
