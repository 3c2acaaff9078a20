import type { DriveAccess } from "../../../domain/drive/model.ts";
import { storeFile } from "../../../domain/drive/upload-file.ts";
import type { DavUpload, DavWritten } from "../dav-tree.ts";
import { readChecksums } from "../read-checksums.ts";
import { headersOfNode } from "./file-headers.ts";
import type { FileResource } from "./file-resource.ts";
import type { FileTreeDeps } from "./file-space.ts";

/** Stores the body of a PUT. @param existing what the conditions of the request were held against */
export async function putFile(
  deps: FileTreeDeps,
  to: { access: DriveAccess; folderId: string; name: string },
  existing: FileResource | undefined,
  upload: DavUpload,
  body: AsyncIterable<Uint8Array>,
): Promise<DavWritten> {
  const { size, contentType, modifiedAt, createdAt } = upload;
  const stored = await storeFile(
    deps,
    to.access,
    {
      ...{ folderId: to.folderId, name: to.name, onConflict: "replace" },
      ...(size !== undefined && { expectedSize: size }),
      ...(contentType !== undefined && { contentType }),
      ...(modifiedAt && { modifiedAt }),
      ...(createdAt && { createdAt }),
      ...(upload.isConditional && { replacesVersion: existing?.place.node.version_id ?? null }),
      checksums: readChecksums(upload.checksum),
      isAwaited: upload.headers.expect !== undefined,
    },
    body,
  );
  const isTimeAccepted = modifiedAt !== undefined;
  return { isNew: stored.isNew, headers: headersOfNode(stored, deps.instance, { isTimeAccepted }) };
}
