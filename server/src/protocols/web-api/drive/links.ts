import { NewShareLink } from "@bouquet/contract/drive.ts";
import { Type } from "typebox";
import { openNodeAccess } from "../../../domain/drive/open-node-access.ts";
import { createShareLink } from "../../../domain/sharing/create-share-link.ts";
import { listVisits } from "../../../domain/sharing/link-visits.ts";
import { listMyShareLinks, listShareLinks } from "../../../domain/sharing/list-share-links.ts";
import type { LinkRight, LinkSettings, ShareLink } from "../../../domain/sharing/model.ts";
import { revokeShareLink, sendShareLink, updateShareLink } from "../../../domain/sharing/update-share-link.ts";
import { requireViewer } from "../../shared/http-access.ts";
import type { ServiceApp, ServiceContext } from "../../shared/service-app.ts";
import type { DriveApiDeps } from "./drive-api-deps.ts";
import { toApiLink } from "./to-api.ts";

const IdParams = Type.Object({ id: Type.String() });

export function registerLinks(app: ServiceApp, { settings }: ServiceContext, deps: DriveApiDeps): void {
  const toApi = (link: ShareLink) => toApiLink(link, settings.origins.drive);

  app.get("/api/drive/links", async (request) => ({
    links: (await listMyShareLinks(deps, requireViewer(request))).map(toApi),
  }));

  app.get("/api/drive/nodes/:id/links", { schema: { params: IdParams } }, async (request) => {
    const access = await openNodeAccess(deps, requireViewer(request), request.params.id);
    return { links: (await listShareLinks(deps, access, request.params.id)).map(toApi) };
  });

  app.post(
    "/api/drive/nodes/:id/links",
    { schema: { params: IdParams, body: NewShareLink } },
    async (request, reply) => {
      const access = await openNodeAccess(deps, requireViewer(request), request.params.id);
      const link = await createShareLink(deps, access, request.params.id, toSettings(request.body));
      return reply.code(201).send(toApi(link));
    },
  );

  app.patch("/api/drive/links/:id", { schema: { params: IdParams, body: NewShareLink } }, async (request) =>
    toApi(await updateShareLink(deps, requireViewer(request), request.params.id, toSettings(request.body))),
  );

  app.get("/api/drive/links/:id/visits", { schema: { params: IdParams } }, async (request) => {
    const visits = await listVisits(deps, requireViewer(request), request.params.id);
    return { visits: visits.map((visit) => ({ ...visit, at: visit.at.toISOString() })) };
  });

  app.post("/api/drive/links/:id/mail", { schema: { params: IdParams } }, async (request, reply) => {
    await sendShareLink(deps, requireViewer(request), request.params.id);
    return reply.code(204).send();
  });

  app.delete("/api/drive/links/:id", { schema: { params: IdParams } }, async (request, reply) => {
    await revokeShareLink(deps, requireViewer(request), request.params.id);
    return reply.code(204).send();
  });
}

function toSettings(body: NewShareLink): LinkSettings {
  const { expiresAt, rights, ...settings } = body;
  return {
    ...settings,
    expiresAt: typeof expiresAt === "string" ? new Date(expiresAt) : expiresAt,
    ...(rights && { rights: new Set(rights.filter((right): right is LinkRight => right !== "share")) }),
  };
}
