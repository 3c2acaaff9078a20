import { allHeaders, firstHeader, type HeaderField } from "./headers.ts";
import { type EnvelopeAddress, parseAddresses } from "./parse-addresses.ts";

/** The data of an IMAP ENVELOPE (RFC 9051 §7.5.2). Values are unfolded; encoded words are left as they are. */
export interface Envelope {
  date: string | null;
  subject: string | null;
  from: EnvelopeAddress[] | null;
  sender: EnvelopeAddress[] | null;
  replyTo: EnvelopeAddress[] | null;
  to: EnvelopeAddress[] | null;
  cc: EnvelopeAddress[] | null;
  bcc: EnvelopeAddress[] | null;
  inReplyTo: string | null;
  messageId: string | null;
}

/**
 * Builds the envelope from the fields of a message header. Sender and Reply-To default to From when missing or empty.
 * Repeated To, Cc and Bcc fields are joined (obsolete syntax, RFC 5322 §4.5.3); of the others the first counts.
 */
export function readEnvelope(fields: readonly HeaderField[]): Envelope {
  const from = readAddresses(fields, "from", false);
  return {
    date: firstHeader(fields, "date"),
    subject: firstHeader(fields, "subject"),
    from,
    sender: readAddresses(fields, "sender", false) ?? from,
    replyTo: readAddresses(fields, "reply-to", false) ?? from,
    to: readAddresses(fields, "to", true),
    cc: readAddresses(fields, "cc", true),
    bcc: readAddresses(fields, "bcc", true),
    inReplyTo: firstHeader(fields, "in-reply-to"),
    messageId: firstHeader(fields, "message-id"),
  };
}

function readAddresses(fields: readonly HeaderField[], key: string, joined: boolean): EnvelopeAddress[] | null {
  const values = allHeaders(fields, key);
  const addresses = (joined ? values : values.slice(0, 1)).flatMap(parseAddresses);
  return addresses.length > 0 ? addresses : null;
}
