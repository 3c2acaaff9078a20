import type { Envelope } from "./envelope.ts";

/**
 * One part of an indexed message: byte offsets into the stored message and the described `Content-*` fields.
 * Plain JSON: it is stored beside the message and crosses worker boundaries.
 */
export interface MimePart {
  /**
   * IMAP section number (RFC 9051 §6.4.5.1): "1", "1.2"; "" for a multipart root. The multipart root of a nested message
   * carries the number of the message/rfc822 part that encloses it, as its own parts are numbered below that.
   */
  path: string;
  headerStart: number;
  /** Just after the blank line that ends the header, or where the header stops when there is none. */
  headerEnd: number;
  bodyStart: number;
  bodyEnd: number;
  /** Lines of the body; a last line without line end counts. */
  lines: number;
  /** Lower case, without the subtype. */
  type: string;
  /** Lower case. */
  subtype: string;
  /** Content-Type parameters, names in lower case, RFC 2231 undone; encoded words are left as they are. */
  params: Record<string, string>;
  id: string | null;
  description: string | null;
  /** Content-Transfer-Encoding in lower case; "7bit" when absent. */
  encoding: string;
  disposition: { type: string; params: Record<string, string> } | null;
  language: string[] | null;
  location: string | null;
  md5: string | null;
  /** Of the enclosed message, for message/rfc822 and message/global that are not encoded. */
  envelope?: Envelope;
  /** For multipart/*. */
  parts?: MimePart[];
  /** Root part of the enclosed message. */
  message?: MimePart;
}
