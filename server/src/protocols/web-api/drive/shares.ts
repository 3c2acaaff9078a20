import { EndedShare, NewNodeShare, NodeShareChange, type ShareRight } from "@bouquet/contract/drive.ts";
import { Type } from "typebox";
import type { Right } from "../../../domain/access/account-access.ts";
import { openNodeAccess } from "../../../domain/drive/open-node-access.ts";
import { changeShare, endShare } from "../../../domain/sharing/change-share.ts";
import { findSharee, findSharees, recommendSharees } from "../../../domain/sharing/find-sharees.ts";
import {
  listInheritedShares,
  listSharedWithMe,
  listShares,
  listSharesByMe,
} from "../../../domain/sharing/list-shares.ts";
import { restoreShares } from "../../../domain/sharing/restore-shares.ts";
import { shareNode } from "../../../domain/sharing/share-node.ts";
import {
  endOrganizationLink,
  endOrganizationShare,
  listOrganizationSharedOutside,
  listSharedOutside,
  type SharedOutside,
} from "../../../domain/sharing/shared-outside.ts";
import { requireViewer } from "../../shared/http-access.ts";
import type { ServiceApp, ServiceContext } from "../../shared/service-app.ts";
import type { DriveApiDeps } from "./drive-api-deps.ts";
import { toApiLink, toApiShare, toApiSharee } from "./to-api.ts";

const IdParams = Type.Object({ id: Type.String() });
const NumberParams = Type.Object({ number: Type.Integer({ minimum: 1 }) });
const ShareesQuery = Type.Object({ q: Type.Optional(Type.String({ maxLength: 200 })) });

const givable: readonly ShareRight[] = ["read", "write", "create", "delete", "share"];

/** Sharing with people and groups, and what is shared with whom on one page. */
export function registerShares(app: ServiceApp, { settings }: ServiceContext, deps: DriveApiDeps): void {
  app.get("/api/drive/nodes/:id/shares", { schema: { params: IdParams } }, async (request) => {
    const viewer = requireViewer(request);
    const access = await openNodeAccess(deps, viewer, request.params.id);
    const [shares, inherited] = await Promise.all([
      listShares(deps, access, request.params.id),
      listInheritedShares(deps, access, request.params.id),
    ]);
    return {
      shares: shares.map((share) => toApiShare(share, viewer.organizationId)),
      inherited: inherited.map((share) => toApiShare(share, viewer.organizationId)),
      mayGive: access.rights.has("share") ? givable.filter((right) => access.rights.has(right)) : [],
    };
  });

  app.post(
    "/api/drive/nodes/:id/shares",
    { schema: { params: IdParams, body: NewNodeShare } },
    async (request, reply) => {
      const viewer = requireViewer(request);
      const { uid, rights, expiresAt, note } = request.body;
      const access = await openNodeAccess(deps, viewer, request.params.id);
      const sharee = await findSharee(deps, viewer, uid);
      const share = await shareNode(deps, access, request.params.id, sharee, {
        rights: new Set<Right>(rights),
        expiresAt: toDate(expiresAt),
        note,
      });
      return reply.code(201).send(toApiShare(share, viewer.organizationId));
    },
  );

  app.patch(
    "/api/drive/shares/:number",
    { schema: { params: NumberParams, body: NodeShareChange } },
    async (request) => {
      const viewer = requireViewer(request);
      const { rights, expiresAt, note } = request.body;
      const share = await changeShare(deps, viewer, request.params.number, {
        ...(rights && { rights: new Set<Right>(rights) }),
        expiresAt: toDate(expiresAt),
        note,
      });
      return toApiShare(share, viewer.organizationId);
    },
  );

  app.delete("/api/drive/shares/:number", { schema: { params: NumberParams } }, async (request) => ({
    undo: (await endShare(deps, requireViewer(request), request.params.number)) ?? null,
  }));

  app.post("/api/drive/shares/restore", { schema: { body: EndedShare } }, async (request, reply) => {
    const viewer = requireViewer(request);
    const share = await restoreShares(deps, viewer, request.body.undo);
    return reply.code(201).send(toApiShare(share, viewer.organizationId));
  });

  app.get("/api/drive/sharees", { schema: { querystring: ShareesQuery } }, async (request) => {
    const viewer = requireViewer(request);
    const { q = "" } = request.query;
    const found = q.trim() === "" ? await recommendSharees(deps, viewer) : await findSharees(deps, viewer, q);
    return { sharees: found.map(toApiSharee) };
  });

  app.get("/api/drive/shared", async (request) => {
    const viewer = requireViewer(request);
    const [withMe, byMe, outside] = await Promise.all([
      listSharedWithMe(deps, viewer),
      listSharesByMe(deps, viewer),
      listSharedOutside(deps, viewer),
    ]);
    return {
      withMe: withMe.map(({ share, names }) => ({ share: toApiShare(share, viewer.organizationId), path: names })),
      byMe: byMe.map((share) => toApiShare(share, viewer.organizationId)),
      outside: toApiOutside(outside, viewer.organizationId),
      isAdministrator: viewer.roles.has("member_administrator"),
    };
  });

  app.get("/api/drive/organization/shared", async (request) => {
    const viewer = requireViewer(request);
    return toApiOutside(await listOrganizationSharedOutside(deps, viewer), viewer.organizationId);
  });

  app.delete("/api/drive/organization/links/:id", { schema: { params: IdParams } }, async (request, reply) => {
    await endOrganizationLink(deps, requireViewer(request), request.params.id);
    return reply.code(204).send();
  });

  app.delete("/api/drive/organization/shares/:number", { schema: { params: NumberParams } }, async (request) => ({
    undo: await endOrganizationShare(deps, requireViewer(request), request.params.number),
  }));

  function toApiOutside({ links, shares }: SharedOutside, organizationId: string) {
    return {
      links: links.map((link) => ({
        link: toApiLink(link, settings.origins.drive),
        space: link.spaceName,
        path: link.path,
      })),
      shares: shares.map((share) => toApiShare(share, organizationId)),
    };
  }
}

function toDate(text: string | null | undefined): Date | null | undefined {
  return typeof text === "string" ? new Date(text) : text;
}
