import { Type } from "typebox";
import { archiveNodes, checkArchive } from "../../../domain/drive/archive-nodes.ts";
import type { DriveDeps } from "../../../domain/drive/model.ts";
import { openFile } from "../../../domain/drive/open-file.ts";
import { openNodeAccess } from "../../../domain/drive/open-node-access.ts";
import { DomainError } from "../../../domain/errors.ts";
import { requireViewer } from "../../shared/http-access.ts";
import { sendArchive } from "../../shared/send-archive.ts";
import { getAndHead, sendFile } from "../../shared/send-file.ts";
import type { ServiceApp } from "../../shared/service-app.ts";

const IdParams = Type.Object({ id: Type.String() });
const ContentQuery = Type.Object({
  disposition: Type.Optional(Type.Union([Type.Literal("inline"), Type.Literal("attachment")])),
  version: Type.Optional(Type.String()),
});
const ArchiveQuery = Type.Object({ ids: Type.String({ maxLength: 8_000 }) });

/** Bytes: a file, or a ZIP of several nodes. Reached by links of the page, so without a token. */
export function registerContent(app: ServiceApp, deps: DriveDeps): void {
  app.route({
    ...getAndHead,
    url: "/api/drive/files/:id/content",
    schema: { params: IdParams, querystring: ContentQuery },
    handler: async (request, reply) => {
      const access = await openNodeAccess(deps, requireViewer(request), request.params.id);
      const file = await openFile(deps, access, request.params.id, request.query.version);
      return sendFile(request, reply, file, { disposition: request.query.disposition, mayStore: true });
    },
  });

  app.route({
    ...getAndHead,
    url: "/api/drive/archive",
    schema: { querystring: ArchiveQuery },
    handler: async (request, reply) => {
      const viewer = requireViewer(request);
      const ids = [...new Set(request.query.ids.split(",").filter((id) => id !== ""))];
      if (ids.length === 0) throw new DomainError("invalid", "Nothing was chosen", { data: { field: "/ids" } });
      const nodes = [];
      for (const nodeId of ids) nodes.push({ access: await openNodeAccess(deps, viewer, nodeId), nodeId });
      const [first, ...others] = await checkArchive(deps, nodes);
      // The root of a space has no name of its own.
      const name = (others.length === 0 && first?.name) || "Fichiers";
      return sendArchive(request, reply, name, archiveNodes(deps, nodes));
    },
  });
}
