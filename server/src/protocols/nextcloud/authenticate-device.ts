import type { IncomingMessage } from "node:http";
import { DomainError } from "../../domain/errors.ts";
import type { Viewer } from "../../domain/identity/viewer.ts";
import type { HttpAuthenticator } from "../shared/http-authentication.ts";

/** The app password by which a program came, and what its owner calls it. */
export interface Device {
  readonly organizationId: string;
  readonly id: string;
  readonly name: string;
}

export interface SignedInDevice {
  readonly viewer: Viewer;
  readonly device: Device;
}

/**
 * The device that sent a request, by its app password: a browser's session opens nothing here.
 * @throws DomainError `unauthenticated` without credentials, `wrong_credentials`, `throttled`, `unavailable`
 */
export async function authenticateDevice(
  authenticator: HttpAuthenticator,
  request: IncomingMessage,
): Promise<SignedInDevice> {
  if (request.headers.authorization === undefined)
    throw new DomainError("unauthenticated", "Current user is not logged in");
  const found = await authenticator.authenticate(request, { clientScope: "dav" });
  if (found.appPasswordId === undefined) throw new DomainError("unauthenticated", "Current user is not logged in");
  const { organizationId } = found.viewer;
  return { viewer: found.viewer, device: { organizationId, id: found.appPasswordId, name: found.appPasswordName } };
}
