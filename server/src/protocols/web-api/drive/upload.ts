import { UploadQuery } from "@bouquet/contract/drive.ts";
import { Type } from "typebox";
import type { DriveDeps } from "../../../domain/drive/model.ts";
import { openNodeAccess } from "../../../domain/drive/open-node-access.ts";
import { checkUpload, type Upload, uploadFile } from "../../../domain/drive/upload-file.ts";
import { endUnreadBody } from "../../shared/end-unread-body.ts";
import { requireViewer } from "../../shared/http-access.ts";
import { lendBody } from "../../shared/lend-body.ts";
import { readLength } from "../../shared/read-length.ts";
import type { ServiceApp, ServiceContext } from "../../shared/service-app.ts";
import { toApiNode } from "./to-api.ts";

const UploadParams = Type.Object({ id: Type.String(), name: Type.String() });

/**
 * `PUT /api/drive/folders/:id/files/:name`: the body is the file. It is judged before its first byte where that is possible, goes
 * through without being held, and is answered once it is safe. An upload that is cut leaves nothing.
 */
export function registerUpload(app: ServiceApp, { log }: ServiceContext, deps: DriveDeps): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, _payload, done) => done(null));

  app.put(
    "/api/drive/folders/:id/files/:name",
    { schema: { params: UploadParams, querystring: UploadQuery } },
    async (request, reply) => {
      const { raw } = request;
      try {
        const access = await openNodeAccess(deps, requireViewer(request), request.params.id);
        const { onConflict = "fail", modifiedAt } = request.query;
        const expectedSize = readLength(raw);
        const contentType = request.headers["content-type"];
        const upload: Upload = {
          folderId: request.params.id,
          name: request.params.name,
          onConflict,
          ...(expectedSize !== undefined && { expectedSize }),
          ...(contentType !== undefined && { contentType }),
          ...(modifiedAt !== undefined && { modifiedAt: new Date(modifiedAt) }),
        };
        await checkUpload(deps.store.read, access, upload);
        const { node } = await uploadFile(deps, access, upload, lendBody(raw));
        return await reply.code(201).send(toApiNode(node));
      } catch (error) {
        if (raw.destroyed && !raw.complete) {
          log.info({ path: request.routeOptions.url }, "an upload was cut by its sender");
          return reply.hijack();
        }
        endUnreadBody(raw, reply.raw);
        throw error;
      }
    },
  );
}
