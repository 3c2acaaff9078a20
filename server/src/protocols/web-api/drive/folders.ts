import { FolderQuery, NewFolder } from "@bouquet/contract/drive.ts";
import { type Static, Type } from "typebox";
import { createFolder } from "../../../domain/drive/create-folder.ts";
import { listDriveAccounts, openDriveAccount } from "../../../domain/drive/drive-accounts.ts";
import { listFolder } from "../../../domain/drive/list-folder.ts";
import { listSpaces, readUsage } from "../../../domain/drive/list-spaces.ts";
import type { DriveDeps } from "../../../domain/drive/model.ts";
import { openNodeAccess } from "../../../domain/drive/open-node-access.ts";
import { type FoundNode, recentFiles, searchFiles } from "../../../domain/drive/search-files.ts";
import type { Viewer } from "../../../domain/identity/viewer.ts";
import { requireViewer } from "../../shared/http-access.ts";
import type { ServiceApp } from "../../shared/service-app.ts";
import { toApiNode, toApiPermissions, toApiSpace } from "./to-api.ts";

const IdParams = Type.Object({ id: Type.String() });
const AccountQuery = Type.Object({ accountId: Type.String() });
const SearchQuery = Type.Object({
  q: Type.String({ maxLength: 200 }),
  accountId: Type.Optional(Type.String()),
});

/** Reading: spaces, folders, searches; and making a folder. */
export function registerFolders(app: ServiceApp, deps: DriveDeps): void {
  const { read } = deps.store;

  app.get("/api/drive/spaces", async (request) => ({
    spaces: (await listSpaces(read, requireViewer(request))).map(toApiSpace),
  }));

  app.get("/api/drive/usage", { schema: { querystring: AccountQuery } }, async (request) =>
    readUsage(read, await openDriveAccount(read, requireViewer(request), request.query.accountId)),
  );

  app.get(
    "/api/drive/folders/:id",
    { schema: { params: IdParams, querystring: FolderQuery } },
    async (request, reply) => {
      const access = await openNodeAccess(deps, requireViewer(request), request.params.id);
      // What the viewer may do is part of the answer.
      const ending = `.${access.grantsEpoch}"`;
      const known = request.headers["if-none-match"]?.trim().replace(/^W\//, "");
      const listing = await listFolder(read, access, request.params.id, {
        ...request.query,
        ...(known?.endsWith(ending) && { unless: known.slice(1, -ending.length) }),
      });
      if (!listing) return reply.code(304).send();
      const state = `"${listing.state}${ending}`;
      return reply.header("etag", state).send({
        folder: toApiNode(listing.folder),
        path: listing.path,
        permissions: toApiPermissions(access),
        nodes: listing.nodes.map(toApiNode),
        next: listing.next,
        state,
      });
    },
  );

  app.post(
    "/api/drive/folders/:id/folders",
    { schema: { params: IdParams, body: NewFolder } },
    async (request, reply) => {
      const access = await openNodeAccess(deps, requireViewer(request), request.params.id);
      const { name, onConflict = "fail" } = request.body;
      const node = await createFolder(deps, access, { parentId: request.params.id, name, onConflict });
      return reply.code(201).send(toApiNode(node));
    },
  );

  app.get("/api/drive/search", { schema: { querystring: SearchQuery } }, async (request) =>
    toFound(await searchFiles(read, await searched(requireViewer(request), request.query), request.query.q)),
  );

  app.get("/api/drive/recent", async (request) =>
    toFound(await recentFiles(read, await searched(requireViewer(request)))),
  );

  async function searched(viewer: Viewer, query: Partial<Static<typeof SearchQuery>> = {}) {
    return query.accountId === undefined
      ? listDriveAccounts(read, viewer)
      : [await openDriveAccount(read, viewer, query.accountId)];
  }
}

function toFound(found: readonly FoundNode[]) {
  return { nodes: found.map(({ node, path }) => ({ node: toApiNode(node), path })) };
}
