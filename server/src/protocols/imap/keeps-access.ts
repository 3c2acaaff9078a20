import { openAccount } from "../../domain/access/account-access.ts";
import { DomainError } from "../../domain/errors.ts";
import { isAppPasswordValid } from "../../domain/identity/authenticate-client.ts";
import type { Session } from "./session.ts";

/** Whether a session may go on: its app password holds, and so do the rights with which it has selected a shared mailbox. */
export async function keepsAccess(session: Session, appPasswordId: string): Promise<boolean> {
  const { deps, viewer, selected } = session;
  if (!(await isAppPasswordValid(deps.identity, viewer.organizationId, appPasswordId))) return false;
  if (selected === null || selected.access.isOwn) return true;
  try {
    const { rights } = await openAccount(deps.mail.store.read, viewer, selected.access.accountId);
    return [...selected.access.rights].every((right) => rights.has(right));
  } catch (error) {
    if (error instanceof DomainError && error.code === "not_found") return false;
    throw error;
  }
}
