import { BadSyntax } from "./bad-syntax.ts";
import { type Partial, parseSection, type Section } from "./parse-fetch.ts";

/** What an IMAP URL names on this server (RFC 5092). */
export interface ImapUrl {
  /** Null for the selected mailbox. */
  readonly mailbox: string | null;
  readonly uidValidity: number | null;
  readonly uid: number;
  /** Null for the whole message. */
  readonly section: Section | null;
  readonly partial: Partial | null;
}

const MAX_LENGTH = 8192;

/**
 * Parses a URL that names a message, or a part of one, on the server that the client is connected to: relative, with the mailbox
 * (`/INBOX;UIDVALIDITY=3/;UID=20/;SECTION=1.2`) or in the selected one (`;UID=20`).
 * @throws BadSyntax for anything else, URLs of other servers and those with an authorization (RFC 4467) among it
 */
export function parseImapUrl(url: string): ImapUrl {
  const match =
    url.length > MAX_LENGTH
      ? null
      : /^(?:\/([^;]*?)(?:;UIDVALIDITY=(\d{1,10}))?\/|\/?);UID=(\d{1,10})(?:\/;SECTION=([^;]*?))?(?:\/;PARTIAL=(\d{1,15})(?:\.(\d{1,15}))?)?$/i.exec(
          url,
        );
  if (match === null) throw new BadSyntax("The URL is not one of a message here.");
  const [, name, uidValidity, uid, section, offset, count] = match;
  if (Number(uid) === 0 || Number(uid) > 0xffff_ffff) throw new BadSyntax("The URL names an impossible UID.");
  if (offset !== undefined && count !== undefined && Number(count) === 0)
    throw new BadSyntax("The URL asks for nothing.");
  const mailbox = name === undefined || name === "" ? null : decode(name);
  return {
    mailbox: mailbox?.toUpperCase() === "INBOX" ? "INBOX" : mailbox,
    uidValidity: uidValidity === undefined ? null : Number(uidValidity),
    uid: Number(uid),
    section: section === undefined ? null : parseSection(decode(section)),
    partial:
      offset === undefined
        ? null
        : { offset: Number(offset), count: count === undefined ? Number.MAX_SAFE_INTEGER : Number(count) },
  };
}

function decode(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw new BadSyntax("The URL is encoded wrongly.");
  }
}
