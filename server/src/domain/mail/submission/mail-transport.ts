import type { ByteSource } from "../../../store/blobs/byte-source.ts";

/** One message for some recipients of one destination. */
export interface OutboundMail {
  /** Empty: a notification. */
  readonly returnPath: string;
  readonly recipients: readonly OutboundRecipient[];
  /** Put before the bytes; ended by CRLF. */
  readonly prependedHeaders: string;
  readonly message: ByteSource;
  readonly isEightBit: boolean;
  /** Its header holds other than ASCII (RFC 6531). */
  readonly isSmtpUtf8?: boolean;
  /** REQUIRETLS (RFC 8689). */
  readonly requiresTls?: boolean;
  /** "TLS-Required: No" (RFC 8689 section 5): what DANE and MTA-STS ask for does not count. */
  readonly isTlsOptional?: boolean;
  /** RFC 3461. */
  readonly dsn: { readonly ret: string | null; readonly envid: string | null };
}

export interface OutboundRecipient {
  readonly id: string;
  readonly address: string;
  readonly notify: readonly string[] | null;
  readonly orcpt: string | null;
}

/** Of TLS: none; with whomever answered, offered or demanded; with a certificate of a known authority; with one named by TLSA. */
export type TlsStrength = "none" | "opportunistic" | "encrypted" | "authorities" | "dane";

export type Outcome = "sent" | "failed" | "retry";

export interface RecipientResult {
  readonly recipientId: string;
  readonly outcome: Outcome;
  /** RFC 3463. */
  readonly status: string;
  /** What the other server said, or what kept us from reaching it. One line. */
  readonly reply: string;
  /** The server that answered. */
  readonly remoteHost: string | null;
  /** The next server takes charge of notifications (RFC 3461 section 5.2). */
  readonly relayedWithDsn: boolean;
  /** How far the server that answered had proved itself; undefined when none did, or the mail was delivered here. */
  readonly tls?: TlsStrength;
  /** No server of the destination came as far as being told of the message: all others to it would fare the same. */
  readonly isUnreachable?: boolean;
}

/** Brings mail to other servers; implemented in outbound/smtp-client. */
export interface MailTransport {
  /** One result for each recipient. Never throws: what goes wrong is a result. */
  deliver(domain: string, mail: OutboundMail, signal: AbortSignal): Promise<RecipientResult[]>;
  /** Lets go of connections that wait for the next message. */
  close?(): void;
}
