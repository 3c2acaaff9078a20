import { Type } from "typebox";
import { openFile } from "../../../domain/drive/open-file.ts";
import { openNodeAccess } from "../../../domain/drive/open-node-access.ts";
import { requireViewer } from "../../shared/http-access.ts";
import { getAndHead } from "../../shared/send-file.ts";
import { sendPreview } from "../../shared/send-preview.ts";
import type { ServiceApp } from "../../shared/service-app.ts";
import type { DriveApiDeps } from "./drive-api-deps.ts";

const IdParams = Type.Object({ id: Type.String() });
const PreviewQuery = Type.Object({
  variant: Type.Optional(
    Type.Union([
      Type.Literal("small"),
      Type.Literal("small_square"),
      Type.Literal("large"),
      Type.Literal("large_square"),
    ]),
  ),
  version: Type.Optional(Type.String()),
});

/** The picture of a file; 204 where there is none. */
export function registerPreview(app: ServiceApp, deps: DriveApiDeps): void {
  app.route({
    ...getAndHead,
    url: "/api/drive/files/:id/preview",
    schema: { params: IdParams, querystring: PreviewQuery },
    handler: async (request, reply) => {
      const access = await openNodeAccess(deps, requireViewer(request), request.params.id);
      const file = await openFile(deps, access, request.params.id, request.query.version);
      const { organizationId, accountId } = access;
      const { variant = "small" } = request.query;
      return sendPreview(
        request,
        reply,
        deps.previews,
        { organizationId, accountId, ...file },
        { variant, mayStore: true },
      );
    },
  });
}
