import type { IncomingMessage } from "node:http";
import { DomainError } from "../../domain/errors.ts";
import type { HttpAuthenticator } from "../shared/http-authentication.ts";
import type { DavSession } from "./dav-context.ts";

/**
 * Who sent a request, by an app password: a browser's session opens nothing here.
 * @throws DomainError `unauthenticated`, `wrong_credentials`, `throttled`, `unavailable`
 */
export async function authenticateDav(
  authenticator: Pick<HttpAuthenticator, "authenticate">,
  request: IncomingMessage,
): Promise<DavSession> {
  if (request.headers.authorization === undefined) {
    throw new DomainError("unauthenticated", "Sign in with an app password");
  }
  const found = await authenticator.authenticate(request, { clientScope: "dav" });
  if (found.appPasswordId === undefined) throw new DomainError("unauthenticated", "Sign in with an app password");
  const { viewer, login, appPasswordId: id, appPasswordName: name } = found;
  return { viewer, login, device: { organizationId: viewer.organizationId, id, name } };
}
