/** What is not a multipart body as RFC 2046 section 5.1 has it, or beyond the limits. */
export class BadMultipart extends Error {
  override readonly name = "BadMultipart";
}
