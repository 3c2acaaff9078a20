import { PausedSenderList } from "@bouquet/contract/mail-trace.ts";
import { Type } from "typebox";
import { DomainError } from "../../../domain/errors.ts";
import type { IdentityDeps } from "../../../domain/identity/identity-deps.ts";
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
  app.get(
    "/api/paused-senders",
    { schema: { response: { 200: PausedSenderList } } },
    async (request): Promise<PausedSenderList> => {
      const { viewer } = requireSession(request);
      requireSenderAdministrator(viewer, viewer.organizationId);
      const isOperator = viewer.roles.has("operator");
      const senders = await listPausedSenders(store.read, isOperator ? undefined : viewer.organizationId);
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
    const { viewer } = requireSession(request);
    const paused = await listPausedSenders(
      store.read,
      viewer.roles.has("operator") ? undefined : viewer.organizationId,
    );
    requireSenderAdministrator(viewer, viewer.organizationId);
    const found = paused.find((each) => each.principalId === request.params.id);
    if (!found) throw new DomainError("not_found", "This person is not paused");
    await resumeSender(store, found, `${viewer.displayName} <${viewer.address ?? viewer.uid}>`);
    return reply.code(204).send();
  });

  app.post("/api/paused-senders/:id", { schema: { params: Id } }, async (request, reply) => {
    const { viewer } = requireSession(request);
    const { organizationId } = viewer;
    requireSenderAdministrator(viewer, organizationId);
    const by = `${viewer.displayName} <${viewer.address ?? viewer.uid}>`;
    await pauseSender(store, { organizationId, principalId: request.params.id }, "administrator", by);
    return reply.code(204).send();
  });
}
