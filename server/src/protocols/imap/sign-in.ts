import { watchRevoked } from "../../domain/changes/watch-revoked.ts";
import { DomainError } from "../../domain/errors.ts";
import { authenticateBearer } from "../../domain/identity/authenticate-bearer.ts";
import { type AuthenticatedClient, authenticateClient } from "../../domain/identity/authenticate-client.ts";
import { holdConnection } from "../shared/hold-connection.ts";
import { listCapabilities } from "./capability.ts";
import type { Completion } from "./command.ts";
import { keepsAccess } from "./keeps-access.ts";
import { Refusal } from "./refusal.ts";
import type { Session } from "./session.ts";

const MAX_FAILED_LOGINS = 3;

/** @throws Refusal where a password would travel in clear over a network */
export function requirePrivacy(session: Session): void {
  if (!session.mayLogIn) throw new Refusal("Use STARTTLS before signing in.", "PRIVACYREQUIRED");
}

/**
 * Signs a client in with an app password. The connection ends when the password is revoked, or after a few failures.
 * @throws DomainError wrong_credentials, throttled
 * @throws Refusal when the person has too many connections
 */
export async function signIn(session: Session, login: string, secret: string): Promise<Completion> {
  const { remoteAddress } = session.channel;
  return enter(session, () =>
    authenticateClient(session.deps.identity, { login, secret, scope: "imap", remoteAddress }),
  );
}

/**
 * Signs a client in with an access token; `login` may be empty.
 * @throws DomainError wrong_credentials, throttled
 * @throws Refusal when the person has too many connections
 */
export async function signInByToken(session: Session, login: string, token: string): Promise<Completion> {
  const { remoteAddress } = session.channel;
  return enter(session, () =>
    authenticateBearer(session.deps.identity, { login, token, scope: "imap", remoteAddress }),
  );
}

async function enter(session: Session, authenticate: () => Promise<AuthenticatedClient>): Promise<Completion> {
  const { deps } = session;
  try {
    const { viewer, appPasswordId, openedAccountId } = await authenticate();
    hold(session, viewer.principalId);
    session.signIn(viewer, openedAccountId);
    if (openedAccountId !== undefined) {
      deps.log.info({ person: viewer.uid, account: openedAccountId }, "a person opened a shared mailbox as a login");
    }
    const check = async () => {
      if (!(await keepsAccess(session, appPasswordId))) session.host.bye("Your access was revoked.");
    };
    session.onEnd(
      watchRevoked(deps.identity.store.hints, [appPasswordId, viewer.principalId], () => {
        check().catch((error: unknown) => deps.log.warn({ error }, "an access could not be checked again"));
      }),
    );
  } catch (error) {
    if (error instanceof DomainError) {
      session.failedLogins += 1;
      deps.metrics.logins.increase({ result: error.code });
    }
    if (session.failedLogins >= MAX_FAILED_LOGINS) session.host.bye("Too many failed attempts.");
    throw error;
  }
  deps.metrics.logins.increase({ result: "ok" });
  return { text: "Signed in.", code: `CAPABILITY ${listCapabilities(session)}` };
}

function hold(session: Session, principalId: string): void {
  const { connectionsOf, settings } = session.deps;
  const release = holdConnection(connectionsOf, principalId, settings.maxConnectionsPerPerson);
  if (!release) throw new Refusal("You have too many connections open.", "LIMIT");
  session.onEnd(release);
}
