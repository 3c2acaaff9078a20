import { SharedFolderQuery, type SharedNode, Unlock } from "@bouquet/contract/sharing.ts";
import type { FastifyReply, FastifyRequest } from "fastify";
import { Type } from "typebox";
import { archiveNodes, checkArchive } from "../../domain/drive/archive-nodes.ts";
import { listFolder } from "../../domain/drive/list-folder.ts";
import type { DriveDeps, DriveNode } from "../../domain/drive/model.ts";
import { openFile } from "../../domain/drive/open-file.ts";
import type { SharingDeps } from "../../domain/sharing/model.ts";
import {
  countOpening,
  type LinkVisit,
  requireOpenedLink,
  resolveShareLink,
  unlockShareLink,
} from "../../domain/sharing/resolve-share-link.ts";
import { readCookies, writeCookie } from "../shared/cookies.ts";
import { sendArchive } from "../shared/send-archive.ts";
import { getAndHead, sendFile } from "../shared/send-file.ts";
import type { ServiceApp, ServiceContext, ServicePlugin } from "../shared/service-app.ts";
import { isSecure } from "../shared/service-settings.ts";

const TokenParams = Type.Object({ token: Type.String() });
const NodeParams = Type.Object({ token: Type.String(), id: Type.String() });
const ContentQuery = Type.Object({
  disposition: Type.Optional(Type.Union([Type.Literal("inline"), Type.Literal("attachment")])),
});
const ArchiveQuery = Type.Object({ ids: Type.Optional(Type.String({ maxLength: 8_000 })) });

const everybody = { config: { access: "public" } } as const;
const cookieName = "bouquet-share";

/**
 * What an outside person sees of the drive: `/s/<token>` and its API (contract/src/sharing.ts). The token is the whole right, so
 * it must not travel on: no referrer, no index, no cache.
 */
export function sharePages(deps: DriveDeps & SharingDeps): ServicePlugin {
  return (app, context) => register(app, context, deps);
}

function register(app: ServiceApp, context: ServiceContext, deps: DriveDeps & SharingDeps): void {
  const { settings, pages } = context;
  const secure = isSecure(settings);

  // At the end, over whatever a page or a file says of itself.
  app.addHook("onSend", async (_request, reply) => {
    reply.headers({
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      "x-robots-tag": "noindex, nofollow, noarchive",
    });
  });

  const visitOf = (request: FastifyRequest<{ Params: { token: string } }>): LinkVisit => ({
    token: request.params.token,
    proof: readCookies(request.headers.cookie).get(cookieName),
    remoteAddress: settings.clientAddress(request.raw),
  });

  const sendPage = (_request: FastifyRequest, reply: FastifyReply) => pages.sendPage(reply, "share");
  app.get("/s/:token", everybody, sendPage);
  // Screens of the page, such as a folder's: `/s/<token>/folders/<id>`.
  app.get("/s/:token/*", everybody, (request, reply) =>
    /^\/s\/[^/]*\/api(\/|$|\?)/.test(request.url) ? reply.callNotFound() : sendPage(request, reply),
  );

  app.get("/s/:token/api/info", { ...everybody, schema: { params: TokenParams } }, async (request) => {
    const link = await resolveShareLink(deps, visitOf(request));
    const { organization, sharedBy, opened } = link;
    const about = { organization, sharedBy, expiresAt: link.expiresAt?.toISOString() ?? null };
    if (!opened) return { state: "locked", ...about };
    await countOpening(deps, opened.node.organizationId, link.linkId);
    return { state: "open", ...about, node: toSharedNode(opened.node) };
  });

  app.post(
    "/s/:token/api/unlock",
    // From the page only: another site must not try passwords with its visitors' addresses.
    { config: { access: "own-origin" }, schema: { params: TokenParams, body: Unlock } },
    async (request, reply) => {
      const { proof, seconds } = await unlockShareLink(deps, visitOf(request), request.body.password);
      // The path keeps proofs of several links apart, and away from everything else.
      const cookie = writeCookie(cookieName, proof, {
        secure,
        maxAgeSeconds: seconds,
        path: `/s/${request.params.token}`,
      });
      return reply.header("set-cookie", cookie).code(204).send();
    },
  );

  app.get(
    "/s/:token/api/folders/:id",
    { ...everybody, schema: { params: NodeParams, querystring: SharedFolderQuery } },
    async (request) => {
      const { access } = await requireOpenedLink(deps, visitOf(request));
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
      const { access } = await requireOpenedLink(deps, visitOf(request));
      const file = await openFile(deps, access, request.params.id);
      return sendFile(request, reply, file, { disposition: request.query.disposition, mayStore: false });
    },
  });

  app.route({
    ...getAndHead,
    ...everybody,
    url: "/s/:token/api/archive",
    schema: { params: TokenParams, querystring: ArchiveQuery },
    handler: async (request, reply) => {
      const { access, node } = await requireOpenedLink(deps, visitOf(request));
      const chosen = [...new Set((request.query.ids ?? "").split(",").filter((id) => id !== ""))];
      const ids = chosen.length > 0 ? chosen : [node.id];
      const nodes = ids.map((nodeId) => ({ access, nodeId }));
      const [first, ...others] = await checkArchive(deps, nodes);
      const name = others.length === 0 ? first!.name : node.name;
      return sendArchive(request, reply, name, archiveNodes(deps, nodes));
    },
  });
}

function toSharedNode(node: DriveNode): SharedNode {
  return {
    id: node.id,
    name: node.name,
    kind: node.kind,
    size: node.size,
    childCount: node.childCount,
    contentType: node.contentType,
    modifiedAt: node.modifiedAt.toISOString(),
  };
}
