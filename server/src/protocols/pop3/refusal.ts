/** A command that is answered `-ERR`. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  /** RFC 2449 section 8 and RFC 3206, without the brackets. */
  readonly code: string | undefined;

  constructor(text: string, code?: string) {
    super(text);
    this.code = code;
  }
}
