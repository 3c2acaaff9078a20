import { openAccount, openOwnAccount } from "../../domain/access/account-access.ts";
import { watchRevoked } from "../../domain/changes/watch-revoked.ts";
import { DomainError } from "../../domain/errors.ts";
import { type AuthenticatedClient, isAppPasswordValid } from "../../domain/identity/authenticate-client.ts";
import { holdConnection } from "../shared/hold-connection.ts";
import { Refusal } from "./refusal.ts";
import type { Session } from "./session.ts";

const maxFailedLogins = 3;

/**
 * Lets a client in, to the account that it named: the person's own, or a shared mailbox that is a login of its own. The connection ends
 * when the password is revoked, or after a few failures.
 * @throws DomainError `wrong_credentials`, `throttled`; Refusal when the person has too many connections
 */
export async function signIn(session: Session, authenticate: () => Promise<AuthenticatedClient>): Promise<void> {
  const { deps } = session;
  const { store } = deps.mail;
  try {
    const { viewer, appPasswordId, openedAccountId } = await authenticate();
    const open = () =>
      openedAccountId === undefined
        ? openOwnAccount(store.read, viewer)
        : openAccount(store.read, viewer, openedAccountId);
    await open();
    hold(session, viewer.principalId);
    session.signIn(open);
    const check = async () => {
      if (!(await isAppPasswordValid(deps.identity, viewer.organizationId, appPasswordId))) session.channel.destroy();
    };
    session.onEnd(
      watchRevoked(store.hints, [appPasswordId, viewer.principalId], () => {
        check().catch((error: unknown) => deps.log.warn({ error }, "an access could not be checked again"));
      }),
    );
  } catch (error) {
    if (error instanceof DomainError) {
      session.failedLogins += 1;
      deps.metrics.logins.increase({ result: error.code });
    }
    if (session.failedLogins >= maxFailedLogins) session.ended = true;
    throw error;
  }
  deps.metrics.logins.increase({ result: "ok" });
}

function hold(session: Session, principalId: string): void {
  const { connectionsOf, settings } = session.deps;
  const release = holdConnection(connectionsOf, principalId, settings.maxConnectionsPerPerson);
  if (!release) throw new Refusal("You have too many connections open", "TRYLATER");
  session.onEnd(release);
}
