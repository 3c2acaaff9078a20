import type { Readable } from "node:stream";
import type { UploadResponse } from "@bouquet/contract/jmap.ts";
import type { FastifyInstance } from "fastify";
import { uploadBlob } from "../../domain/mail/upload-blob.ts";
import { requireViewer } from "../shared/http-access.ts";
import { createAccountDirectory } from "./account-directory.ts";
import { toBlobId } from "./blob-id.ts";
import { Slots } from "./hold-slots.ts";
import { jmapAccess } from "./jmap-access.ts";
import type { JmapDeps } from "./jmap-deps.ts";

/** `POST /jmap/upload/{accountId}/` (RFC 8620 section 6.1). Needs a scope of its own: the body is a stream, whatever its type. */
export function registerUpload(scope: FastifyInstance, deps: JmapDeps): void {
  const { limits, mail } = deps;
  const slots = new Slots(limits.maxConcurrentUpload, "maxConcurrentUpload");
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
  scope.post<{ Params: { accountId: string } }>(
    "/jmap/upload/:accountId/",
    { config: jmapAccess, bodyLimit: limits.maxSizeUpload },
    async (request, reply) => {
      const viewer = requireViewer(request);
      const release = slots.hold(viewer.principalId);
      try {
        const access = await createAccountDirectory(deps, viewer).open(request.params.accountId, "change");
        const type = request.headers["content-type"] ?? "application/octet-stream";
        const source = (request.body as Readable | undefined) ?? new Uint8Array();
        const { blobId, size } = await uploadBlob(mail, access, source, { maxSize: limits.maxSizeUpload });
        const answer: UploadResponse = { accountId: access.accountId, blobId: toBlobId(blobId), type, size };
        return reply.code(201).send(answer);
      } finally {
        release();
      }
    },
  );
}
