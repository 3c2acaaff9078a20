import { PausedSenderList } from "@bouquet/contract/mail-trace.ts";
import { Type } from "typebox";
import { DomainError } from "../../../domain/errors.ts";
import type { IdentityDeps } from "../../../domain/identity/identity-deps.ts";
import type { Viewer } from "../../../domain/identity/viewer.ts";
import {
  listPausedSenders,
  pauseSender,
  requireSenderAdministrator,
  resumeSender,
} from "../../../domain/mail/limits/pause-sender.ts";
import { requireSession } from "../../shared/http-access.ts";
import type { ServiceApp } from "../../shared/service-app.ts";

/** Who may not send, for administrators, who let them again. */
export function registerPausedSenders(app: ServiceApp, { store }: Pick<IdentityDeps, "store">): void {
  const pausedSenders = (viewer: Viewer) => {
    requireSenderAdministrator(viewer, viewer.organizationId);
    return listPausedSenders(store.read, viewer.roles.has("operator") ? undefined : viewer.organizationId);
  };
  const nameOf = (viewer: Viewer) => `${viewer.displayName} <${viewer.address ?? viewer.uid}>`;

  app.get(
    "/api/paused-senders",
    { schema: { response: { 200: PausedSenderList } } },
    async (request): Promise<PausedSenderList> => {
      const senders = await pausedSenders(requireSession(request).viewer);
      return {
        senders: senders.map(({ principalId, address, pausedAt, ...sender }) => ({
          ...sender,
          id: principalId,
          address: address ?? null,
          pausedAt: pausedAt.toISOString(),
        })),
      };
    },
  );

  const Id = Type.Object({ id: Type.String({ format: "uuid" }) });
  app.post("/api/paused-senders/:id/resume", { schema: { params: Id } }, async (request, reply) => {
    const viewer = requireSession(request).viewer;
    const found = (await pausedSenders(viewer)).find((each) => each.principalId === request.params.id);
    if (!found) throw new DomainError("not_found", "This person is not paused");
    await resumeSender(store, found, nameOf(viewer));
    return reply.code(204).send();
  });

  app.post("/api/paused-senders/:id", { schema: { params: Id } }, async (request, reply) => {
    const viewer = requireSession(request).viewer;
    const { organizationId } = viewer;
    requireSenderAdministrator(viewer, organizationId);
    await pauseSender(store, { organizationId, principalId: request.params.id }, "administrator", nameOf(viewer));
    return reply.code(204).send();
  });
}
