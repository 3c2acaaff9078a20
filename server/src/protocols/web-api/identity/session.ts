import { Session, SignOutResponse } from "@bouquet/contract/session.ts";
import type { IdentityDeps } from "../../../domain/identity/identity-deps.ts";
import { readProfile } from "../../../domain/identity/profile.ts";
import { signOut } from "../../../domain/identity/revoke-sessions.ts";
import { requireSession } from "../../shared/http-access.ts";
import type { ServiceApp, ServiceContext } from "../../shared/service-app.ts";
import { toApiRoles } from "./to-api-roles.ts";

/** `GET /api/session` and `POST /api/sign-out`, on every host. */
export function registerSession(
  app: ServiceApp,
  { settings, authenticator }: ServiceContext,
  identity: IdentityDeps,
): void {
  app.get("/api/session", { schema: { response: { 200: Session } } }, async (request): Promise<Session> => {
    const session = requireSession(request);
    const profile = await readProfile(identity.store.read, session.viewer);
    return {
      person: {
        uid: profile.uid,
        displayName: profile.displayName,
        givenName: profile.givenName,
        address: profile.addresses[0] ?? profile.uid,
        organization: { name: profile.organizationName },
      },
      roles: toApiRoles(session.viewer.roles),
      csrf: session.csrfToken,
      services: { ...settings.origins },
      language: profile.language,
      timeZone: profile.timeZone,
      sessionId: session.familyId,
    };
  });

  app.post("/api/sign-out", { schema: { response: { 200: SignOutResponse } } }, async (request, reply) => {
    const session = requireSession(request);
    await signOut(identity.store, session.viewer, session.familyId);
    reply.header("set-cookie", authenticator.clearedSessionCookie());
    return { redirect: `${settings.origins.portal}/sign-in` };
  });
}
