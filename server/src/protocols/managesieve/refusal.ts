/** A command answered with NO. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  /** RFC 5804 section 1.3, without parentheses. */
  readonly code: string | undefined;

  constructor(text: string, code?: string) {
    super(text);
    this.code = code;
  }
}
