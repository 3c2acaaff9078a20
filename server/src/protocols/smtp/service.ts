import type { AuthenticatedClient } from "../../domain/identity/authenticate-client.ts";
import type { SmtpRefusal } from "./reply.ts";
import type { Envelope, EnvelopeRecipient, Session } from "./session.ts";

export type AuthMechanism = "PLAIN" | "LOGIN" | "XOAUTH2" | "OAUTHBEARER";

export type SaslCredentials =
  | { readonly kind: "password"; readonly authorizationId: string; readonly name: string; readonly password: string }
  | { readonly kind: "bearer"; readonly user: string; readonly token: string };

export interface Refused {
  readonly session: Session;
  readonly refusal: SmtpRefusal;
  readonly sender: string;
  /** One each; none when the sender was refused. */
  readonly recipients: readonly EnvelopeRecipient[];
  readonly size: number;
}

/** What one of the servers does. Each function may throw; what it throws is translated into a reply. */
export interface SmtpService {
  readonly kind: "receiving" | "submission";
  /** Called before the greeting. @throws SmtpRefusal 421 */
  connect?(session: Session): void;
  /** Those that this client may use now; empty: no AUTH. */
  mechanisms(session: Session): readonly AuthMechanism[];
  authenticate(session: Session, credentials: SaslCredentials): Promise<AuthenticatedClient>;
  /** Where a client without a valid token finds how to get one. */
  readonly discovery: string | undefined;
  mail(session: Session, envelope: Envelope): Promise<void>;
  /** The recipient is put in the envelope by the caller when this returns. */
  recipient(session: Session, envelope: Envelope, recipient: EnvelopeRecipient): Promise<void>;
  /**
   * Called when DATA starts; `stream` ends with the message.
   * @param cut ends the connection at once, with a sentence
   * @returns the text of the 250
   */
  data(session: Session, envelope: Envelope, stream: AsyncIterable<Buffer>, cut: () => void): Promise<string>;
  /** Told of each sender, recipient and message that was not taken, for the message trace. */
  refused?(what: Refused): void;
}
