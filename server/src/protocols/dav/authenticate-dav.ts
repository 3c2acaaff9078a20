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
  const { authorization } = request.headers;
  if (authorization === undefined) throw new DomainError("unauthenticated", "Sign in with an app password");
  const found = await authenticator.authenticate(request, { clientScope: "dav" });
  if (found.appPasswordId === undefined) throw new DomainError("unauthenticated", "Sign in with an app password");
  const { viewer, appPasswordId: id, appPasswordName: name } = found;
  return { viewer, login: loginOf(authorization), device: { organizationId: viewer.organizationId, id, name } };
}

function loginOf(authorization: string): string {
  const decoded = Buffer.from(authorization.replace(/^\S+\s+/, ""), "base64").toString("utf8");
  return decoded.slice(0, Math.max(0, decoded.indexOf(":")));
}
