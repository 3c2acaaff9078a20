import { isAppPasswordValid } from "../../domain/identity/authenticate-client.ts";
import type { Session } from "./session.ts";

/** Whether a session may go on: its app password holds, and it may still read what it has opened and selected. */
export async function keepsAccess(session: Session, appPasswordId: string): Promise<boolean> {
  const { deps, viewer } = session;
  if (!(await isAppPasswordValid(deps.identity, viewer.organizationId, appPasswordId))) return false;
  return session.keepsRights();
}
