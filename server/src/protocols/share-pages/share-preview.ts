import { Type } from "typebox";
import { openFile } from "../../domain/drive/open-file.ts";
import { requireOpenedLink } from "../../domain/sharing/resolve-share-link.ts";
import { getAndHead } from "../shared/send-file.ts";
import { sendPreview } from "../shared/send-preview.ts";
import type { ServiceApp, ServiceContext } from "../shared/service-app.ts";
import { everybody, NodeParams, type SharePageDeps, visitOf } from "./share-request.ts";

const PreviewQuery = Type.Object({
  variant: Type.Optional(Type.Union([Type.Literal("small"), Type.Literal("small_square"), Type.Literal("large")])),
  /** So that another version has another address. */
  version: Type.Optional(Type.String()),
});

/** Pictures of what a link shows. */
export function registerSharePreview(app: ServiceApp, { settings }: ServiceContext, deps: SharePageDeps): void {
  app.route({
    ...getAndHead,
    ...everybody,
    url: "/s/:token/api/files/:id/preview",
    schema: { params: NodeParams, querystring: PreviewQuery },
    handler: async (request, reply) => {
      const { access, downloadLimit } = await requireOpenedLink(deps, visitOf(request, settings));
      const file = await openFile(deps, access, request.params.id);
      const { organizationId, accountId } = access;
      const { variant: wanted = "small" } = request.query;
      // What is counted is not read from its picture.
      const variant = downloadLimit !== null && wanted === "large" ? "small" : wanted;
      return sendPreview(
        request,
        reply,
        deps.previews,
        { organizationId, accountId, ...file },
        { variant, mayStore: false },
      );
    },
  });
}
