import { SharedFolderQuery } from "@bouquet/contract/sharing.ts";
import { Type } from "typebox";
import { archiveNodes, checkArchive } from "../../domain/drive/archive-nodes.ts";
import { listFolder } from "../../domain/drive/list-folder.ts";
import { openFile } from "../../domain/drive/open-file.ts";
import { requireDownload, takeDownload } from "../../domain/sharing/link-visits.ts";
import { type LinkContent, requireOpenedLink } from "../../domain/sharing/resolve-share-link.ts";
import { sendArchive } from "../shared/send-archive.ts";
import { getAndHead, isShownInline, sendFile } from "../shared/send-file.ts";
import type { ServiceApp, ServiceContext } from "../shared/service-app.ts";
import {
  cutWithLink,
  everybody,
  NodeParams,
  type SharePageDeps,
  TokenParams,
  toSharedNode,
  visitOf,
} from "./share-request.ts";

/**
 * What is not to be taken is not given whole where something less shows it: a picture is drawn again, by its preview. Texts, sounds
 * and films are heard and read from their own bytes.
 */
function mayLookAt({ mayDownload }: LinkContent, { contentType }: { contentType: string }): boolean {
  return isShownInline(contentType) && (mayDownload || !contentType.startsWith("image/"));
}

const ContentQuery = Type.Object({
  disposition: Type.Optional(Type.Union([Type.Literal("inline"), Type.Literal("attachment")])),
  /** So that another version has another address: the current one is given. */
  version: Type.Optional(Type.String()),
});
const ArchiveQuery = Type.Object({ ids: Type.Optional(Type.String({ maxLength: 8_000 })) });

/** What a link shows: folders, and bytes as far as they may be taken. */
export function registerShareContent(app: ServiceApp, { settings }: ServiceContext, deps: SharePageDeps): void {
  app.get(
    "/s/:token/api/folders/:id",
    { ...everybody, schema: { params: NodeParams, querystring: SharedFolderQuery } },
    async (request) => {
      const { access } = await requireOpenedLink(deps, visitOf(request, settings));
      const listing = (await listFolder(deps.store.read, access, request.params.id, request.query))!;
      return {
        folder: toSharedNode(listing.folder),
        path: listing.path,
        nodes: listing.nodes.map(toSharedNode),
        next: listing.next,
      };
    },
  );

  app.route({
    ...getAndHead,
    ...everybody,
    url: "/s/:token/api/files/:id/content",
    schema: { params: NodeParams, querystring: ContentQuery },
    handler: async (request, reply) => {
      const visit = visitOf(request, settings);
      const link = await requireOpenedLink(deps, visit);
      const file = await openFile(deps, link.access, request.params.id);
      const { disposition } = request.query;
      const isLookedAt = disposition === "inline" && link.downloadLimit === null && mayLookAt(link, file);
      if (!isLookedAt) requireDownload(link);
      const { range } = request.headers;
      // Each request of a limited link is one download, and is given all of it: pieces would be taken without end.
      if (link.downloadLimit !== null) delete request.headers.range;
      const isStart = link.downloadLimit !== null || range === undefined || /^bytes=0-/.test(range);
      if (!isLookedAt && isStart && request.method === "GET") await takeDownload(deps, link, request.params.id);
      if (request.method === "GET") cutWithLink(deps, reply, visit, link);
      return sendFile(request, reply, file, { disposition, mayStore: false });
    },
  });

  app.route({
    ...getAndHead,
    ...everybody,
    url: "/s/:token/api/archive",
    schema: { params: TokenParams, querystring: ArchiveQuery },
    handler: async (request, reply) => {
      const visit = visitOf(request, settings);
      const link = await requireOpenedLink(deps, visit);
      requireDownload(link);
      const { access, node } = link;
      const chosen = [...new Set((request.query.ids ?? "").split(",").filter((id) => id !== ""))];
      const ids = chosen.length > 0 ? chosen : [node.id];
      const nodes = ids.map((nodeId) => ({ access, nodeId }));
      const [first, ...others] = await checkArchive(deps, nodes);
      const name = others.length === 0 ? first!.name : node.name;
      if (request.method === "GET") {
        await takeDownload(deps, link, others.length === 0 ? ids[0]! : node.id);
        cutWithLink(deps, reply, visit, link);
      }
      return sendArchive(request, reply, name, archiveNodes(deps, nodes));
    },
  });
}
