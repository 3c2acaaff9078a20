import { SignInRequest, SignInResponse } from "@bouquet/contract/session.ts";
import { DomainError } from "../../../domain/errors.ts";
import type { IdentityDeps } from "../../../domain/identity/identity-deps.ts";
import { isInteractionOpen } from "../../../domain/identity/oidc-records.ts";
import { openPortalSession } from "../../../domain/identity/open-session.ts";
import { signOut } from "../../../domain/identity/revoke-sessions.ts";
import { verifyCredentials } from "../../../domain/identity/verify-credentials.ts";
import type { ServiceApp, ServiceContext } from "../../shared/service-app.ts";

/** `POST /api/sign-in`, on the portal. */
export function registerSignIn(
  app: ServiceApp,
  { settings, authenticator, log }: ServiceContext,
  identity: IdentityDeps,
): void {
  app.post(
    "/api/sign-in",
    {
      config: { access: "own-origin" },
      bodyLimit: 16_384,
      schema: { body: SignInRequest, response: { 200: SignInResponse } },
    },
    async (request, reply) => {
      const { login, password, interaction } = request.body;
      if (interaction !== undefined && !(await isInteractionOpen(identity.store, interaction))) {
        throw new DomainError("expired", "The service that asked for a sign-in does not wait any more");
      }
      const remoteAddress = settings.clientAddress(request.raw);
      const viewer = await verifyCredentials(identity, { login, password, remoteAddress }).catch((error: unknown) => {
        // Not what was typed as a name: it is sometimes the password.
        if (error instanceof DomainError)
          log.info({ reason: error.detail ?? error.code, remoteAddress }, "a sign-in was refused");
        throw error;
      });
      log.info({ person: viewer.uid, remoteAddress }, "a person signed in");
      // Whoever was signed in with this browser is not any more, on any service.
      const previous = await authenticator.findSession(request.raw);
      if (previous) await signOut(identity.store, previous.viewer, previous.familyId);
      const client = { remoteAddress, userAgent: request.headers["user-agent"] };
      const { token } = await openPortalSession(identity, viewer, client);
      reply.header("set-cookie", authenticator.sessionCookie(token));
      return { redirect: interaction === undefined ? "/" : `/interaction/${encodeURIComponent(interaction)}` };
    },
  );
}
