import { NodeChange, NodeIds, Transfer, VersionChange } from "@bouquet/contract/drive.ts";
import { Type } from "typebox";
import { labelVersion } from "../../../domain/drive/change-version.ts";
import { copyNode } from "../../../domain/drive/copy-node.ts";
import { listVersions, restoreVersion } from "../../../domain/drive/list-versions.ts";
import { moveNode } from "../../../domain/drive/move-node.ts";
import { openNodeAccess } from "../../../domain/drive/open-node-access.ts";
import { readNode } from "../../../domain/drive/read-node.ts";
import { renameNode } from "../../../domain/drive/rename-node.ts";
import { trashNode } from "../../../domain/drive/trash-node.ts";
import { listShareLinks } from "../../../domain/sharing/list-share-links.ts";
import { requireViewer } from "../../shared/http-access.ts";
import type { ServiceApp, ServiceContext } from "../../shared/service-app.ts";
import { forEachNode } from "./batch.ts";
import type { DriveApiDeps } from "./drive-api-deps.ts";
import { toApiLink, toApiNode, toApiPermissions } from "./to-api.ts";

const IdParams = Type.Object({ id: Type.String() });
const VersionParams = Type.Object({ id: Type.String(), versionId: Type.String() });

export function registerNodes(app: ServiceApp, { settings }: ServiceContext, deps: DriveApiDeps): void {
  const { read } = deps.store;

  app.get("/api/drive/nodes/:id", { schema: { params: IdParams } }, async (request) => {
    const access = await openNodeAccess(deps, requireViewer(request), request.params.id);
    const { node, path } = await readNode(read, access, request.params.id);
    const links = await listShareLinks(deps, access, node.id);
    return {
      node: toApiNode(node),
      path,
      permissions: toApiPermissions(access),
      links: links.map((link) => toApiLink(link, settings.origins.drive)),
    };
  });

  app.patch("/api/drive/nodes/:id", { schema: { params: IdParams, body: NodeChange } }, async (request) => {
    const access = await openNodeAccess(deps, requireViewer(request), request.params.id);
    return toApiNode(await renameNode(deps, access, request.params.id, request.body.name));
  });

  app.post("/api/drive/nodes/move", { schema: { body: Transfer } }, async (request) => {
    const viewer = requireViewer(request);
    const { ids, folderId, onConflict = "fail" } = request.body;
    const toAccess = await openNodeAccess(deps, viewer, folderId);
    return forEachNode(ids, async (id) =>
      moveNode(deps, await openNodeAccess(deps, viewer, id), id, toAccess, { parentId: folderId, onConflict }),
    );
  });

  app.post("/api/drive/nodes/copy", { schema: { body: Transfer } }, async (request) => {
    const viewer = requireViewer(request);
    const { ids, folderId, onConflict = "fail" } = request.body;
    const toAccess = await openNodeAccess(deps, viewer, folderId);
    return forEachNode(ids, async (id) =>
      copyNode(deps, await openNodeAccess(deps, viewer, id), id, toAccess, { parentId: folderId, onConflict }),
    );
  });

  app.post("/api/drive/nodes/trash", { schema: { body: NodeIds } }, async (request) => {
    const viewer = requireViewer(request);
    return forEachNode(request.body.ids, async (id) => {
      await trashNode(deps, await openNodeAccess(deps, viewer, id), id);
      return undefined;
    });
  });

  app.get("/api/drive/files/:id/versions", { schema: { params: IdParams } }, async (request) => {
    const access = await openNodeAccess(deps, requireViewer(request), request.params.id);
    const versions = await listVersions(read, access, request.params.id);
    return { versions: versions.map((version) => ({ ...version, createdAt: version.createdAt.toISOString() })) };
  });

  app.patch(
    "/api/drive/files/:id/versions/:versionId",
    { schema: { params: VersionParams, body: VersionChange } },
    async (request, reply) => {
      const { id, versionId } = request.params;
      const access = await openNodeAccess(deps, requireViewer(request), id);
      await labelVersion(deps, access, id, versionId, request.body.label);
      return reply.code(204).send();
    },
  );

  app.post(
    "/api/drive/files/:id/versions/:versionId/restore",
    { schema: { params: VersionParams } },
    async (request) => {
      const { id, versionId } = request.params;
      const access = await openNodeAccess(deps, requireViewer(request), id);
      return toApiNode(await restoreVersion(deps, access, id, versionId));
    },
  );
}
