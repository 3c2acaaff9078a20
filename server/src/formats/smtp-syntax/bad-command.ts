/** A command that RFC 5321 does not allow, with the reply that says so. */
export class BadCommand extends Error {
  override readonly name = "BadCommand";
  readonly code: number;
  /** RFC 3463. */
  readonly status: string;

  constructor(code: number, status: string, text: string) {
    super(text);
    this.code = code;
    this.status = status;
  }
}
