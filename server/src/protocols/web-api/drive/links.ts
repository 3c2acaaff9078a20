import { NewShareLink } from "@bouquet/contract/drive.ts";
import { Type } from "typebox";
import { openNodeAccount } from "../../../domain/drive/open-node-account.ts";
import { createShareLink } from "../../../domain/sharing/create-share-link.ts";
import { listMyShareLinks, listShareLinks } from "../../../domain/sharing/list-share-links.ts";
import type { LinkSettings, ShareLink } from "../../../domain/sharing/model.ts";
import { revokeShareLink, updateShareLink } from "../../../domain/sharing/update-share-link.ts";
import { requireViewer } from "../../shared/http-access.ts";
import type { ServiceApp, ServiceContext } from "../../shared/service-app.ts";
import type { DriveApiDeps } from "./drive-api-deps.ts";
import { toApiLink } from "./to-api.ts";

const IdParams = Type.Object({ id: Type.String() });

export function registerLinks(app: ServiceApp, { settings }: ServiceContext, deps: DriveApiDeps): void {
  const { read } = deps.store;
  const toApi = (link: ShareLink) => toApiLink(link, settings.origins.drive);

  app.get("/api/drive/links", async (request) => ({
    links: (await listMyShareLinks(deps, requireViewer(request))).map(toApi),
  }));

  app.get("/api/drive/nodes/:id/links", { schema: { params: IdParams } }, async (request) => {
    const access = await openNodeAccount(read, requireViewer(request), request.params.id);
    return { links: (await listShareLinks(deps, access, request.params.id)).map(toApi) };
  });

  app.post(
    "/api/drive/nodes/:id/links",
    { schema: { params: IdParams, body: NewShareLink } },
    async (request, reply) => {
      const access = await openNodeAccount(read, requireViewer(request), request.params.id);
      const link = await createShareLink(deps, access, request.params.id, toSettings(request.body));
      return reply.code(201).send(toApi(link));
    },
  );

  app.patch("/api/drive/links/:id", { schema: { params: IdParams, body: NewShareLink } }, async (request) =>
    toApi(await updateShareLink(deps, requireViewer(request), request.params.id, toSettings(request.body))),
  );

  app.delete("/api/drive/links/:id", { schema: { params: IdParams } }, async (request, reply) => {
    await revokeShareLink(deps, requireViewer(request), request.params.id);
    return reply.code(204).send();
  });
}

function toSettings(body: NewShareLink): LinkSettings {
  const { label, password, expiresAt } = body;
  return { label, password, expiresAt: typeof expiresAt === "string" ? new Date(expiresAt) : expiresAt };
}
