import { openAccount, openOwnAccount } from "../../domain/access/account-access.ts";
import { watchRevoked } from "../../domain/changes/watch-revoked.ts";
import { DomainError } from "../../domain/errors.ts";
import { authenticateClient, isAppPasswordValid } from "../../domain/identity/authenticate-client.ts";
import { openMaildrop } from "../../domain/mail/open-maildrop.ts";
import { Refusal } from "./refusal.ts";
import type { Session } from "./session.ts";

const MAX_FAILED_LOGINS = 3;

/** @throws Refusal where a password would travel in clear over a network */
export function requirePrivacy(session: Session): void {
  if (!session.mayLogIn) throw new Refusal("Use STLS before signing in");
}

/**
 * Signs a client in with an app password and takes the snapshot of its inbox. The connection ends when the password is revoked, or
 * after a few failures.
 * @throws DomainError wrong_credentials, throttled
 * @throws Refusal when the person has too many connections
 */
export async function signIn(session: Session, login: string, secret: string): Promise<string> {
  const { deps, channel } = session;
  try {
    const credentials = { login, secret, scope: "imap", remoteAddress: channel.remoteAddress } as const;
    const { viewer, appPasswordId, openedAccountId } = await authenticateClient(deps.identity, credentials);
    holdConnection(session, viewer.principalId);
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
    channel.onSilence(deps.settings.silenceTimeoutMs, () => channel.destroy());
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

function holdConnection(session: Session, principalId: string): void {
  const { connectionsOf, settings } = session.deps;
  const held = connectionsOf.get(principalId) ?? 0;
  if (held >= settings.maxConnectionsPerPerson) throw new Refusal("You have too many connections open", "IN-USE");
  connectionsOf.set(principalId, held + 1);
  session.onEnd(() => {
    const left = (connectionsOf.get(principalId) ?? 1) - 1;
    if (left === 0) connectionsOf.delete(principalId);
    else connectionsOf.set(principalId, left);
  });
}
