import { DomainError } from "../../domain/errors.ts";
import { authenticateBearer } from "../../domain/identity/authenticate-bearer.ts";
import {
  type AuthenticatedClient,
  authenticateClient,
  isAppPasswordValid,
} from "../../domain/identity/authenticate-client.ts";
import { admitSender } from "../../domain/mail/delivery/admit-sender.ts";
import { findRecipient } from "../../domain/mail/delivery/resolve-recipient.ts";
import { checkReturnPath } from "../../domain/mail/submission/check-sender.ts";
import { isLoopback } from "../../net/client-address.ts";
import { goodbye, SmtpRefusal } from "./reply.ts";
import type { AuthMechanism, SmtpService } from "./service.ts";
import type { Session } from "./session.ts";
import type { SubmissionOptions } from "./smtp-options.ts";
import { submitFromClient } from "./submit-from-client.ts";
import { traceRefusal } from "./trace-refusal.ts";

const mechanisms: readonly AuthMechanism[] = ["PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER"];

/** Mail from programs of our users (RFC 6409), who sign in under TLS with an app password or a token. */
export function submissionService(options: SubmissionOptions): SmtpService {
  const { identity, mail, trace } = options;
  const limits = mail.limits;

  const mayBePlain = ({ remoteAddress }: Session) => options.allowPlainAuthOnLoopback && isLoopback(remoteAddress);

  return {
    kind: "submission",
    discovery: options.discovery,
    mechanisms: (session) => (session.secure || mayBePlain(session) ? mechanisms : []),
    async authenticate(session, credentials) {
      const { remoteAddress } = session;
      const client =
        credentials.kind === "password"
          ? await authenticateClient(identity, {
              login: ownName(credentials),
              secret: credentials.password,
              scope: "smtp",
              remoteAddress,
            })
          : await authenticateBearer(identity, {
              token: credentials.token,
              login: credentials.user,
              scope: "smtp",
              remoteAddress,
            });
      await limits?.noteNetwork(client.viewer, remoteAddress);
      return client;
    },
    async mail(session, envelope) {
      const { viewer, appPasswordId } = signedIn(session);
      if (!(await isAppPasswordValid(identity, viewer.organizationId, appPasswordId))) {
        throw goodbye("Your access was revoked");
      }
      await limits?.requireNotPaused(viewer);
      await checkReturnPath(mail.store.read, viewer, envelope.sender);
    },
    async recipient(session, envelope, recipient) {
      const { viewer } = signedIn(session);
      if (!recipient.address.includes("@")) throw new SmtpRefusal(550, "5.1.3", "The address needs a domain");
      try {
        // Outside addresses are tried later; ours are refused at once when they do not exist, or do not take mail of the sender's.
        const found = await findRecipient(mail.store.read, recipient.address, mail.secrets);
        if (found) await admitSender(mail.store.read, found, envelope.sender);
      } catch (error) {
        if (error instanceof DomainError && error.code === "unknown_recipient")
          await limits?.noteUnknownRecipient(viewer);
        throw error;
      }
    },
    data(session, envelope, stream, cut) {
      return submitFromClient(options, session, envelope, signedIn(session).viewer, stream, cut);
    },
    refused: (what) => traceRefusal(trace, what, "out"),
  };
}

function signedIn(session: Session): AuthenticatedClient {
  if (session.user) return session.user;
  throw new SmtpRefusal(530, "5.7.0", "Authentication required, after STARTTLS");
}

/** Acting as somebody else is a matter of grants, not of SASL. */
function ownName({ authorizationId, name }: { authorizationId: string; name: string }): string {
  if (authorizationId === "" || authorizationId.toLowerCase() === name.toLowerCase()) return name;
  throw new SmtpRefusal(535, "5.7.8", "You cannot sign in as somebody else");
}
