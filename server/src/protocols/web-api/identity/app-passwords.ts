import { AppPasswordCreated, AppPasswordList, AppPasswordRequest } from "@bouquet/contract/identity.ts";
import { Type } from "typebox";
import {
  type AppPassword,
  createAppPassword,
  listAppPasswords,
  revokeAppPassword,
} from "../../../domain/identity/app-passwords.ts";
import type { IdentityDeps } from "../../../domain/identity/identity-deps.ts";
import { requestWipe } from "../../../domain/identity/wipe/request-wipe.ts";
import { requireSession } from "../../shared/http-access.ts";
import type { ServiceApp } from "../../shared/service-app.ts";

/** The person's passwords for mail programs and drive clients. */
export function registerAppPasswords(app: ServiceApp, identity: IdentityDeps): void {
  const answer = ({ id, name, scopes, createdAt, lastUsedAt, wipeRequestedAt, wipedAt }: AppPassword) => ({
    id,
    name,
    scopes,
    createdAt: createdAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
    wipeRequestedAt: wipeRequestedAt?.toISOString() ?? null,
    wipedAt: wipedAt?.toISOString() ?? null,
  });

  app.get("/api/app-passwords", { schema: { response: { 200: AppPasswordList } } }, async (request) => ({
    appPasswords: (await listAppPasswords(identity.store.read, requireSession(request).viewer)).map(answer),
  }));

  app.post(
    "/api/app-passwords",
    { schema: { body: AppPasswordRequest, response: { 201: AppPasswordCreated } } },
    async (request, reply) => {
      const { appPassword, secret } = await createAppPassword(identity, requireSession(request).viewer, request.body);
      return reply.code(201).send({ appPassword: answer(appPassword), secret });
    },
  );

  const Id = Type.Object({ id: Type.String({ maxLength: 64 }) });
  app.delete("/api/app-passwords/:id", { schema: { params: Id } }, async (request, reply) => {
    await revokeAppPassword(identity, requireSession(request).viewer, request.params.id);
    return reply.code(204).send();
  });

  app.post("/api/app-passwords/:id/wipe", { schema: { params: Id } }, async (request, reply) => {
    await requestWipe(identity, requireSession(request).viewer, request.params.id);
    return reply.code(204).send();
  });
}
