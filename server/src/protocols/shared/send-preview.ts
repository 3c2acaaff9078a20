import type { FastifyReply, FastifyRequest } from "fastify";
import type { PreviewedVersion, Previews } from "../../domain/drive/previews/open-previews.ts";
import type { PreviewVariant } from "../../domain/drive/previews/preview-renderer.ts";
import { DomainError } from "../../domain/errors.ts";
import { hasPreview, previewEtag, previewHeaders, signalOf } from "./preview-headers.ts";

/**
 * Answers GET and HEAD for the picture of a file that the person may read: 204 where there is none, which is nothing wrong, and a page
 * shows its icon.
 * @throws DomainError `unavailable`
 */
export async function sendPreview(
  request: FastifyRequest,
  reply: FastifyReply,
  previews: Previews,
  version: PreviewedVersion,
  { variant, mayStore }: { variant: PreviewVariant; mayStore: boolean },
): Promise<FastifyReply> {
  const { versionId } = version;
  const etag = previewEtag(versionId, variant);
  if (hasPreview(request.headers["if-none-match"], etag)) return reply.code(304).header("etag", etag).send();
  const preview = await previews.open(version, variant, signalOf(reply.raw)).catch((error: unknown) => {
    if (error instanceof DomainError && error.code === "not_found") return undefined;
    throw error;
  });
  if (!preview) {
    return reply
      .code(204)
      .header("cache-control", mayStore ? "private, max-age=300" : "no-store")
      .send();
  }
  reply.headers(previewHeaders(preview, { versionId, variant, mayStore }));
  if (request.method === "HEAD") return reply.send();
  return reply.send(preview.source.open());
}
