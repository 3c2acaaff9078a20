import { randomBytes } from "node:crypto";
import { TLSSocket } from "node:tls";
import type { AuthenticatedClient } from "../../domain/identity/authenticate-client.ts";
import type { MailParameters, RecipientParameters } from "../../formats/smtp-syntax/read-parameters.ts";
import type { Connection } from "../../net/listener.ts";

export interface EnvelopeRecipient extends RecipientParameters {
  /** As written. */
  readonly address: string;
}

/** From MAIL to the end of the data. */
export interface Envelope {
  /** The return path as written; empty for notifications. */
  readonly sender: string;
  readonly parameters: MailParameters;
  readonly recipients: EnvelopeRecipient[];
}

/** What is known of one connection. */
export class Session {
  readonly id: string = randomBytes(8).toString("hex");
  readonly remoteAddress: string;
  readonly #connection: Connection;
  /** What the client said in HELO or EHLO; untrusted, empty before. */
  helo = "";
  isExtended = false;
  user: AuthenticatedClient | undefined;
  envelope: Envelope | undefined;
  /** Transactions begun. */
  transaction = 0;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.remoteAddress = connection.remoteAddress;
  }

  get secure(): boolean {
    return this.#connection.secure;
  }

  /** Names the transaction in logs, in Received and to the client. */
  get transactionId(): string {
    return `${this.id}.${this.transaction}`;
  }

  /** Such as "TLSv1.3 TLS_AES_256_GCM_SHA384". */
  get tlsName(): string | undefined {
    const { socket } = this.#connection;
    if (!(socket instanceof TLSSocket)) return undefined;
    const cipher = socket.getCipher();
    return `${socket.getProtocol() ?? "TLS"} ${cipher?.standardName ?? cipher?.name ?? ""}`.trim();
  }

  /** For `with` in Received: RFC 3848, and RFC 6531 section 4.3. */
  get protocolName(): string {
    if (!this.isExtended) return "SMTP";
    const base = this.envelope?.parameters.isSmtpUtf8 ? "UTF8SMTP" : "ESMTP";
    return `${base}${this.secure ? "S" : ""}${this.user ? "A" : ""}`;
  }

  /** What came in clear counts no more (RFC 3207 section 4.2). */
  forget(): void {
    this.helo = "";
    this.isExtended = false;
    this.user = undefined;
    this.envelope = undefined;
  }
}
