/**
 * A refusal as smtp-server takes it from a handler. The library derives one enhanced code (RFC 3463) from each reply code
 * (every 550 becomes 5.1.1); a reply code given as text passes through unchanged, which is how ours are kept.
 */
export class SmtpRefusal extends Error {
  override readonly name = "SmtpRefusal";
  readonly responseCode: string;

  constructor(code: number, enhanced: string, text: string, options?: ErrorOptions) {
    super(text, options);
    this.responseCode = `${code} ${enhanced}`;
  }

  /** True when the client should try again later. */
  get isTemporary(): boolean {
    return this.responseCode.startsWith("4");
  }
}

/** 421 ends the connection; the library closes it only when the code is a number. */
export class SmtpGoodbye extends Error {
  override readonly name = "SmtpGoodbye";
  readonly responseCode = 421;
}
