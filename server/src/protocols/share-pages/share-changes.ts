import { SharedChange, SharedUploadQuery } from "@bouquet/contract/sharing.ts";
import { Type } from "typebox";
import {
  createFolderByLink,
  isFileRequest,
  receiveByLink,
  renameByLink,
  trashByLink,
} from "../../domain/sharing/receive-by-link.ts";
import { requireOpenedLink } from "../../domain/sharing/resolve-share-link.ts";
import { endUnreadBody } from "../shared/end-unread-body.ts";
import { lendBody } from "../shared/lend-body.ts";
import { readLength } from "../shared/read-length.ts";
import type { ServiceApp, ServiceContext } from "../shared/service-app.ts";
import { cutWithLink, fromThePage, NodeParams, type SharePageDeps, toSharedNode, visitOf } from "./share-request.ts";

const UploadParams = Type.Object({ token: Type.String(), id: Type.String(), name: Type.String() });
const VisitorQuery = Type.Object({ visitor: Type.Optional(Type.String({ maxLength: 100 })) });

/** What whoever has a link does there: send files, make folders, rename, delete. */
export async function registerShareChanges(
  app: ServiceApp,
  context: ServiceContext,
  deps: SharePageDeps,
): Promise<void> {
  const { settings } = context;
  app.post(
    "/s/:token/api/folders/:id/folders",
    { ...fromThePage, schema: { params: NodeParams, body: SharedChange } },
    async (request, reply) => {
      const { name, visitor } = request.body;
      const link = await requireOpenedLink(deps, visitOf(request, settings, visitor));
      const node = await createFolderByLink(deps, link, { parentId: request.params.id, name });
      return reply.code(201).send(toSharedNode(node));
    },
  );

  app.patch(
    "/s/:token/api/nodes/:id",
    { ...fromThePage, schema: { params: NodeParams, body: SharedChange } },
    async (request) => {
      const { name, visitor } = request.body;
      const link = await requireOpenedLink(deps, visitOf(request, settings, visitor));
      return toSharedNode(await renameByLink(deps, link, request.params.id, name));
    },
  );

  app.delete(
    "/s/:token/api/nodes/:id",
    { ...fromThePage, schema: { params: NodeParams, querystring: VisitorQuery } },
    async (request, reply) => {
      const link = await requireOpenedLink(deps, visitOf(request, settings, request.query.visitor));
      await trashByLink(deps, link, request.params.id);
      return reply.code(204).send();
    },
  );

  // A scope of its own: its bodies are files of any type, and are not parsed.
  await app.register(async (scope) => registerSharedUpload(scope as ServiceApp, context, deps));
}

function registerSharedUpload(app: ServiceApp, { log, settings }: ServiceContext, deps: SharePageDeps): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, _payload, done) => done(null));

  app.put(
    "/s/:token/api/folders/:id/files/:name",
    { ...fromThePage, schema: { params: UploadParams, querystring: SharedUploadQuery } },
    async (request, reply) => {
      const { raw } = request;
      try {
        const { visitor, onConflict, modifiedAt } = request.query;
        const visit = visitOf(request, settings, visitor);
        const link = await requireOpenedLink(deps, visit);
        const expectedSize = readLength(raw);
        const contentType = request.headers["content-type"];
        cutWithLink(deps, reply, visit, link);
        const { id, name } = request.params;
        const { node } = await receiveByLink(
          deps,
          link,
          {
            folderId: id === "top" ? undefined : id,
            name,
            ...(onConflict !== undefined && { onConflict }),
            ...(expectedSize !== undefined && { expectedSize }),
            ...(contentType !== undefined && { contentType }),
            ...(modifiedAt !== undefined && { modifiedAt: new Date(modifiedAt) }),
          },
          lendBody(raw),
        );
        return await reply.code(201).send({ name: node.name, node: isFileRequest(link) ? null : toSharedNode(node) });
      } catch (error) {
        if (raw.destroyed && !raw.complete) {
          log.info({ path: request.routeOptions.url }, "an upload was cut by its sender, or with its link");
          return reply.hijack();
        }
        endUnreadBody(raw, reply.raw);
        throw error;
      }
    },
  );
}
