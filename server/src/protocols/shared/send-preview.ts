import type { FastifyReply, FastifyRequest } from "fastify";
import type { PreviewedVersion, Previews } from "../../domain/drive/previews/open-previews.ts";
import type { PreviewVariant } from "../../domain/drive/previews/preview-renderer.ts";
import { hasPreview, previewEtag, previewHeaders, signalOf } from "./preview-headers.ts";

/** Answers GET and HEAD for the picture of a file that the person may read. @throws DomainError those of `Previews.open` */
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
  const preview = await previews.open(version, variant, signalOf(reply.raw));
  reply.headers(previewHeaders(preview, { versionId, variant, mayStore }));
  if (request.method === "HEAD") return reply.send();
  return reply.send(preview.source.open());
}
