import { DomainError } from "../../domain/errors.ts";
import type { Viewer } from "../../domain/identity/viewer.ts";
import { findRecipient } from "../../domain/mail/delivery/resolve-recipient.ts";
import { checkReturnPath } from "../../domain/mail/submission/check-sender.ts";
import { isLoopback, plainAddress } from "../../net/client-address.ts";
import { SmtpRefusal } from "./reply.ts";
import { runSmtpServer, type Session } from "./run-smtp-server.ts";
import type { SmtpServer, SubmissionOptions } from "./smtp-options.ts";
import { submitFromClient } from "./submit-from-client.ts";
import { translateError } from "./translate-error.ts";

/**
 * Takes mail from programs of our users (RFC 6409), who sign in under TLS with an app password.
 * @throws ListenError
 */
export async function startSubmission(options: SubmissionOptions): Promise<SmtpServer> {
  return runSmtpServer({
    ...options,
    name: options.implicitTls ? "submission (TLS)" : "submission",
    service: "submission",
    extra: {
      authMethods: ["PLAIN", "LOGIN"],
      hideDSN: false,
      // Then the library lets AUTH through in clear, and onAuth decides.
      allowInsecureAuth: options.allowPlainAuthOnLoopback,
      maxAllowedUnauthenticatedCommands: 20,
    },
    handlers: {
      onAuth(auth, session, callback) {
        signIn(options, session, auth.username ?? "", auth.password ?? "").then(
          (viewer) => callback(null, { user: viewer }),
          (error: unknown) => callback(translateError(error, options.log)),
        );
      },
      mailFrom: ({ address }, session) => checkReturnPath(options.mail.store.read, session.user as Viewer, address),
      async rcptTo(recipient) {
        if (!recipient.address.includes("@")) throw new SmtpRefusal(550, "5.1.3", "The address needs a domain");
        // Outside addresses are tried later; ours are refused at once when they do not exist.
        await findRecipient(options.mail.store.read, recipient.address);
      },
      data(stream, session, cut) {
        return submitFromClient(options, session, session.user as Viewer, stream, cut);
      },
    },
  });
}

async function signIn(options: SubmissionOptions, session: Session, login: string, secret: string): Promise<Viewer> {
  const remoteAddress = plainAddress(session.remoteAddress);
  if (!session.secure && !isLoopback(remoteAddress)) throw new SmtpRefusal(538, "5.7.11", "STARTTLS must come first");
  if (login === "" || secret === "") throw new DomainError("wrong_credentials", "A user name and a password are needed");
  const { viewer } = await options.authenticateClient({ login, secret, scope: "smtp", remoteAddress });
  return viewer;
}
