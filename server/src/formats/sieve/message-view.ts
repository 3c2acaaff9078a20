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
   * Decoded to UTF-8; of a multipart its prologue and its epilogue, of an enclosed message its header (RFC 5173 section 5.2).
   */
  texts(): readonly string[];
}

/** An address of a field or of the envelope. */
export interface SieveAddress {
  /** Unquoted. */
  readonly localPart: string;
  /** Empty: none. */
  readonly domain: string;
}

/** A message as scripts see it. What is dear is asked for only when a test needs it. */
export interface MessageView {
  /** Octets. */
  readonly size: number;
  readonly headers: readonly SieveHeader[];
  /** SMTP: `from` is empty for the null reverse-path. */
  readonly envelope: { readonly from: string; readonly to: string };
  /** The value of a field with its encoded words decoded (RFC 2047). */
  decode(value: string): string;
  /** The addresses of a field, members of groups included (RFC 5228 section 5.1). */
  addresses(value: string): readonly SieveAddress[];
  /** The moment that a text in the form of a Date field means. */
  parseDate(text: string): Date | null;
  /** The body undecoded (RFC 5173 section 5.1); undefined when the message ends with its header, without a blank line (section 4). */
  rawBody(): string | undefined;
  parts(): readonly SieveBodyPart[];
  /** The text of the body without markup (RFC 5173 section 5.3). */
  bodyTexts(): readonly string[];
}
