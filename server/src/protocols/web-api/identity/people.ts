import { PasswordResetLink, PeopleList } from "@bouquet/contract/identity.ts";
import { Type } from "typebox";
import type { IdentityDeps } from "../../../domain/identity/identity-deps.ts";
import { listPeople } from "../../../domain/identity/list-people.ts";
import { createResetLink } from "../../../domain/identity/reset-password.ts";
import { requireSession } from "../../shared/http-access.ts";
import type { ServiceApp, ServiceContext } from "../../shared/service-app.ts";
import { toApiRoles } from "./to-api-roles.ts";

/** What an administrator of an organization sees and does for its people. */
export function registerPeople(app: ServiceApp, { settings }: ServiceContext, identity: IdentityDeps): void {
  app.get("/api/people", { schema: { response: { 200: PeopleList } } }, async (request): Promise<PeopleList> => {
    const people = await listPeople(identity.store.read, requireSession(request).viewer);
    return {
      people: people.map(({ files, roles, lastSeenAt, ...person }) => ({
        ...person,
        roles: toApiRoles(roles),
        drive: files,
        lastSeenAt: lastSeenAt?.toISOString() ?? null,
      })),
    };
  });

  app.post(
    "/api/people/:uid/password-reset",
    { schema: { params: Type.Object({ uid: Type.String({ maxLength: 64 }) }), response: { 201: PasswordResetLink } } },
    async (request, reply) => {
      const link = await createResetLink(identity, requireSession(request).viewer, request.params.uid);
      const url = `${settings.origins.portal}/reset/${link.token}`;
      return reply.code(201).send({ url, expiresAt: link.expiresAt.toISOString() });
    },
  );
}
