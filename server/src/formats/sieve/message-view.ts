/** One header field as it stands in the message. */
export interface SieveHeader {
  readonly name: string;
  /** Unfolded, encoded words left as they are. */
  readonly value: string;
  /** The whole field with its line ends, one UTF-16 unit for each octet: written back as it is when others are edited. */
  readonly raw?: string;
}

/** One part of the body, for `body` (RFC 5173). */
export interface SieveBodyPart {
  /** `text/plain`, in lower case. */
  readonly contentType: string;
  /**
   * Decoded to UTF-8; of a multipart its prologue and epilogue, of an enclosed message its header (RFC 5173 section 5.2).
   */
  text(): string;
}

/** A message as scripts see it. What is dear is asked for only when a test needs it. */
export interface MessageView {
  /** Octets. */
  readonly size: number;
  readonly headers: readonly SieveHeader[];
  /** SMTP: `from` is empty for the null reverse-path. */
  readonly envelope: { readonly from: string; readonly to: string };
  /** The body undecoded (RFC 5173 section 5.1). */
  rawBody(): string;
  parts(): readonly SieveBodyPart[];
  /** The text of the body without markup (RFC 5173 section 5.3). */
  bodyTexts(): readonly string[];
}
