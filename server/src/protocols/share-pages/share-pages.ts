import { ShareInfoQuery, Unlock } from "@bouquet/contract/sharing.ts";
import type { FastifyReply, FastifyRequest } from "fastify";
import { countOpening } from "../../domain/sharing/link-visits.ts";
import { isFileRequest } from "../../domain/sharing/receive-by-link.ts";
import { resolveShareLink, unlockShareLink } from "../../domain/sharing/resolve-share-link.ts";
import { writeCookie } from "../shared/cookies.ts";
import type { ServiceApp, ServiceContext, ServicePlugin } from "../shared/service-app.ts";
import { isSecure } from "../shared/service-settings.ts";
import { registerShareChanges } from "./share-changes.ts";
import { registerShareContent } from "./share-content.ts";
import { registerShareEvents } from "./share-events.ts";
import { registerSharePreview } from "./share-preview.ts";
import {
  everybody,
  fromThePage,
  proofCookie,
  type SharePageDeps,
  TokenParams,
  toSharedNode,
  visitOf,
} from "./share-request.ts";

/**
 * What an outside person sees of the drive: `/s/<token>` and its API (contract/src/sharing.ts). The token is the whole right, so
 * it must not travel on: no referrer, no index, no cache.
 */
export function sharePages(deps: SharePageDeps): ServicePlugin {
  return async (app, context) => register(app, context, deps);
}

async function register(app: ServiceApp, context: ServiceContext, deps: SharePageDeps): Promise<void> {
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

  const sendPage = (_request: FastifyRequest, reply: FastifyReply) => pages.sendPage(reply, "share");
  app.get("/s/:token", everybody, sendPage);
  // Screens of the page, such as a folder's: `/s/<token>/folders/<id>`.
  app.get("/s/:token/*", everybody, (request, reply) =>
    /^\/s\/[^/]*\/api(\/|$|\?)/.test(request.url) ? reply.callNotFound() : sendPage(request, reply),
  );

  app.get(
    "/s/:token/api/info",
    { ...everybody, schema: { params: TokenParams, querystring: ShareInfoQuery } },
    async (request) => {
      const { organization, sharedBy, expiresAt, opened } = await resolveShareLink(deps, visitOf(request, settings));
      const about = { organization, sharedBy, expiresAt: expiresAt?.toISOString() ?? null };
      if (!opened) return { state: "locked", ...about };
      if (request.query.again === undefined) await countOpening(deps, opened);
      const { rights } = opened.access;
      const node = toSharedNode(opened.node);
      return {
        state: "open",
        ...about,
        note: opened.note,
        downloadsLeft: opened.downloadsLeft,
        allows: {
          canView: rights.has("read"),
          canDownload: opened.mayDownload,
          canUpload: rights.has("create"),
          canEdit: rights.has("write"),
          canDelete: rights.has("delete"),
        },
        // Whoever sends files is told where, and nothing of what is there.
        node: isFileRequest(opened) ? { ...node, size: 0, childCount: 0 } : node,
      };
    },
  );

  app.post(
    "/s/:token/api/unlock",
    // From the page only: another site must not try passwords with its visitors' addresses.
    { ...fromThePage, schema: { params: TokenParams, body: Unlock } },
    async (request, reply) => {
      const { proof, seconds } = await unlockShareLink(deps, visitOf(request, settings), request.body.password);
      // The path keeps proofs of several links apart, and away from everything else.
      const cookie = writeCookie(proofCookie, proof, {
        secure,
        maxAgeSeconds: seconds,
        path: `/s/${request.params.token}`,
      });
      return reply.header("set-cookie", cookie).code(204).send();
    },
  );

  registerShareContent(app, context, deps);
  registerSharePreview(app, context, deps);
  registerShareEvents(app, context, deps);
  await registerShareChanges(app, context, deps);
}
