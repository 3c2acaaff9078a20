import { DomainError } from "../../domain/errors.ts";
import {
  type AuthenticatedClient,
  authenticateClient,
  isAppPasswordValid,
} from "../../domain/identity/authenticate-client.ts";
import { findRecipient } from "../../domain/mail/delivery/resolve-recipient.ts";
import { checkReturnPath } from "../../domain/mail/submission/check-sender.ts";
import { isLoopback, plainAddress } from "../../net/client-address.ts";
import { SmtpGoodbye, SmtpRefusal } from "./reply.ts";
import { runSmtpServer, type Session } from "./run-smtp-server.ts";
import { defaultLimits, type SmtpServer, type SubmissionOptions } from "./smtp-options.ts";
import { submitFromClient } from "./submit-from-client.ts";
import { translateError } from "./translate-error.ts";

/**
 * Takes mail from programs of our users (RFC 6409), who sign in under TLS with an app password.
 * @throws ListenError
 */
export async function startSubmission(options: SubmissionOptions): Promise<SmtpServer> {
  const { maxWrongPasswords } = { ...defaultLimits, ...options.limits };
  const wrongPasswords = new WeakMap<Session, number>();
  return runSmtpServer({
    ...options,
    name: options.implicitTls ? "submission (TLS)" : "submission",
    service: "submission",
    extra: {
      authMethods: ["PLAIN", "LOGIN"],
      hideDSN: false,
      // The library would offer AUTH in clear and refuse it only once the password was sent: it is hidden instead until TLS,
      // and then no longer asked for by the library, so that MAIL must check.
      allowInsecureAuth: true,
      onSecure(_socket, session, callback) {
        session.disabledCommands = undefined;
        callback();
      },
      maxAllowedUnauthenticatedCommands: 20,
    },
    handlers: {
      connect(session) {
        const mayBePlain = options.allowPlainAuthOnLoopback && isLoopback(plainAddress(session.remoteAddress));
        if (!session.secure && !mayBePlain) session.disabledCommands = ["AUTH"];
      },
      onAuth(auth, session, callback) {
        signIn(options, session, auth.username ?? "", auth.password ?? "").then(
          (client) => callback(null, { user: client }),
          (thrown: unknown) => {
            const count = (wrongPasswords.get(session) ?? 0) + 1;
            wrongPasswords.set(session, count);
            const isOver = count >= maxWrongPasswords;
            callback(isOver ? new SmtpGoodbye("Too many wrong passwords") : translateError(thrown, options.log));
          },
        );
      },
      async mailFrom({ address }, session) {
        if (!session.user) throw new SmtpRefusal(530, "5.7.0", "Authentication required, after STARTTLS");
        const { viewer, appPasswordId } = session.user as AuthenticatedClient;
        if (!(await isAppPasswordValid(options.identity, viewer.organizationId, appPasswordId))) {
          throw new SmtpGoodbye("Your access was revoked");
        }
        await checkReturnPath(options.mail.store.read, viewer, address);
      },
      async rcptTo(recipient) {
        if (!recipient.address.includes("@")) throw new SmtpRefusal(550, "5.1.3", "The address needs a domain");
        // Outside addresses are tried later; ours are refused at once when they do not exist.
        await findRecipient(options.mail.store.read, recipient.address);
      },
      data(stream, session, cut) {
        return submitFromClient(options, session, (session.user as AuthenticatedClient).viewer, stream, cut);
      },
    },
  });
}

async function signIn(
  options: SubmissionOptions,
  session: Session,
  login: string,
  secret: string,
): Promise<AuthenticatedClient> {
  const remoteAddress = plainAddress(session.remoteAddress);
  if (!session.secure && !isLoopback(remoteAddress)) throw new SmtpRefusal(538, "5.7.11", "STARTTLS must come first");
  if (login === "" || secret === "")
    throw new DomainError("wrong_credentials", "A user name and a password are needed");
  return authenticateClient(options.identity, { login, secret, scope: "smtp", remoteAddress });
}
