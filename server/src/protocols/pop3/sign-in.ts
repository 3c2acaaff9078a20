import { openAccount, openOwnAccount } from "../../domain/access/account-access.ts";
import { watchRevoked } from "../../domain/changes/watch-revoked.ts";
import { DomainError } from "../../domain/errors.ts";
import {
  type AuthenticatedClient,
  authenticateClient,
  isAppPasswordValid,
} from "../../domain/identity/authenticate-client.ts";
import { openMaildrop } from "../../domain/mail/open-maildrop.ts";
import { holdConnection } from "../shared/hold-connection.ts";
import { Refusal } from "./refusal.ts";
import type { Session } from "./session.ts";

const MAX_FAILED_LOGINS = 3;

/** @throws Refusal where a password would travel in clear over a network */
export function requirePrivacy(session: Session): void {
  if (!session.mayLogIn) throw new Refusal("Use STLS before signing in");
}

/** Signs a client in with an app password; see `signIn`. */
export async function signInByPassword(session: Session, login: string, secret: string): Promise<string> {
  const { remoteAddress } = session.channel;
  return signIn(session, () =>
    authenticateClient(session.deps.identity, { login, secret, scope: "imap", remoteAddress }),
  );
}

/**
 * Lets a client in and takes the snapshot of its inbox. The connection ends when what it signed in with is revoked, or after a few
 * failures.
 * @throws DomainError wrong_credentials, throttled
 * @throws Refusal when the person has too many connections
 */
export async function signIn(session: Session, authenticate: () => Promise<AuthenticatedClient>): Promise<string> {
  const { deps, channel } = session;
  try {
    const { viewer, appPasswordId, openedAccountId } = await authenticate();
    hold(session, viewer.principalId);
    const { read } = deps.mail.store;
    const access =
      openedAccountId === undefined
        ? await openOwnAccount(read, viewer)
        : await openAccount(read, viewer, openedAccountId);
    const maildrop = await openMaildrop(read, access);
    session.transaction = { viewer, access, maildrop, deleted: new Set(), retrieved: new Set() };
    const check = async () => {
      const isValid = await isAppPasswordValid(deps.identity, viewer.organizationId, appPasswordId);
      if (!isValid || !(await mayStay(session))) channel.destroy();
    };
    session.onEnd(
      watchRevoked(deps.identity.store.hints, [appPasswordId, viewer.principalId], () => {
        check().catch((error: unknown) => deps.log.warn({ error }, "an access could not be checked again"));
      }),
    );
    channel.onSilence(deps.settings.silenceTimeoutMs, true, () => channel.destroy());
    deps.metrics.logins.increase({ result: "ok" });
    return `${maildrop.uids.length} messages`;
  } catch (error) {
    if (error instanceof DomainError) {
      session.failedLogins += 1;
      deps.metrics.logins.increase({ result: error.code });
    }
    if (session.failedLogins >= MAX_FAILED_LOGINS) session.ended = true;
    throw error;
  }
}

/** Takes over the rights that the person has now on what they have opened; false when they may not read it any more. */
async function mayStay({ deps, transaction }: Session): Promise<boolean> {
  if (transaction === null || transaction.access.isOwn) return true;
  try {
    transaction.access = await openAccount(deps.mail.store.read, transaction.viewer, transaction.access.accountId);
    return true;
  } catch (error) {
    if (error instanceof DomainError && error.code === "not_found") return false;
    throw error;
  }
}

function hold(session: Session, principalId: string): void {
  const { connectionsOf, settings } = session.deps;
  const release = holdConnection(connectionsOf, principalId, settings.maxConnectionsPerPerson);
  if (!release) throw new Refusal("You have too many connections open", "IN-USE");
  session.onEnd(release);
}
