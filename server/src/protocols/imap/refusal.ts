/** A command that is understood and refused: a tagged NO with its response code (RFC 9051 section 7.1, RFC 5530). */
export class Refusal extends Error {
  override readonly name = "Refusal";
  /** Without brackets. */
  readonly code: string | undefined;

  constructor(text: string, code?: string) {
    super(text);
    this.code = code;
  }
}
