import type { FastifyInstance } from "fastify";
import { openMailBlob } from "../../domain/mail/open-message.ts";
import { requireViewer } from "../shared/http-access.ts";
import { getAndHead, sendFile } from "../shared/send-file.ts";
import { createAccountDirectory } from "./account-directory.ts";
import { fromBlobId } from "./blob-id.ts";
import { jmapAccess } from "./jmap-access.ts";
import type { JmapDeps } from "./jmap-deps.ts";

const mediaType = /^[a-z0-9!#$&^_.+-]{1,100}\/[a-z0-9!#$&^_.+-]{1,100}$/;

/**
 * `GET /jmap/download/{accountId}/{blobId}/{name}?accept={type}` (RFC 8620 section 6.2). Shown by the browser itself are images
 * and plain text only, in a sandbox; everything else is saved.
 */
export function registerDownload(app: FastifyInstance, deps: JmapDeps): void {
  interface Route {
    Params: { accountId: string; blobId: string; name: string };
    Querystring: { accept?: string | string[] };
  }
  app.route<Route>({
    ...getAndHead,
    url: "/jmap/download/:accountId/:blobId/:name",
    config: jmapAccess,
    handler: async (request, reply) => {
      const { accountId, blobId, name } = request.params;
      const access = await createAccountDirectory(deps, requireViewer(request)).open(accountId);
      const content = await openMailBlob(deps.mail, access, fromBlobId(blobId));
      const { accept } = request.query;
      const [asked = ""] = (typeof accept === "string" ? accept : "").toLowerCase().split(";", 1);
      const contentType = mediaType.test(asked.trim()) ? asked.trim() : content.contentType;
      const charset = content.charset !== null && /^[\w-]{1,40}$/.test(content.charset) ? content.charset : undefined;
      return sendFile(
        request,
        reply,
        {
          name,
          contentType,
          ...(charset !== undefined && { charset }),
          // Blobs do not change: the ETag says all.
          modifiedAt: new Date(0),
          versionId: blobId,
          source: content,
        },
        { disposition: "inline", mayStore: true },
      );
    },
  });
}
