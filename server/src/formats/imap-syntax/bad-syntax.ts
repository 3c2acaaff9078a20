/** What the client sent is not IMAP. The message is for people; a session answers with a tagged BAD. */
export class BadSyntax extends Error {
  override readonly name: string = "BadSyntax";
}

/** SEARCH named a charset that is not known: the answer is a tagged NO [BADCHARSET] (RFC 9051 section 6.4.4). */
export class UnknownCharset extends Error {
  override readonly name: string = "UnknownCharset";
}
