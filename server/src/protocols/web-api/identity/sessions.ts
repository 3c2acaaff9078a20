import { SessionList } from "@bouquet/contract/identity.ts";
import { Type } from "typebox";
import type { IdentityDeps } from "../../../domain/identity/identity-deps.ts";
import { listSignIns } from "../../../domain/identity/list-sessions.ts";
import { revokeOtherSignIns, revokeSignIn } from "../../../domain/identity/revoke-sessions.ts";
import { requireSession } from "../../shared/http-access.ts";
import type { ServiceApp } from "../../shared/service-app.ts";
import { readUserAgent } from "./read-user-agent.ts";

/** The person's own sign-ins, each with the services opened from it. */
export function registerSessions(app: ServiceApp, { store }: IdentityDeps): void {
  app.get("/api/sessions", { schema: { response: { 200: SessionList } } }, async (request): Promise<SessionList> => {
    const { viewer, familyId } = requireSession(request);
    const signIns = await listSignIns(store.read, viewer);
    return {
      sessions: signIns.map((signIn) => ({
        id: signIn.familyId,
        current: signIn.familyId === familyId,
        createdAt: signIn.signedInAt.toISOString(),
        lastSeenAt: signIn.lastSeenAt.toISOString(),
        network: signIn.remoteAddress,
        ...readUserAgent(signIn.userAgent),
        services: signIn.services,
      })),
    };
  });

  const Id = Type.Object({ id: Type.String({ maxLength: 64 }) });
  app.delete("/api/sessions/:id", { schema: { params: Id } }, async (request, reply) => {
    const { viewer, familyId } = requireSession(request);
    await revokeSignIn(store, viewer, request.params.id);
    if (request.params.id === familyId) reply.header("set-cookie", request.authenticator.clearedSessionCookie());
    return reply.code(204).send();
  });

  app.post("/api/sessions/revoke-others", async (request, reply) => {
    const { viewer, familyId } = requireSession(request);
    await revokeOtherSignIns(store, viewer, familyId);
    return reply.code(204).send();
  });
}
