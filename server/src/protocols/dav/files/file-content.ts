import type { OpenedFile } from "../../../domain/drive/open-file.ts";
import type { DavContent } from "../dav-tree.ts";
import { ocId } from "./file-headers.ts";
import type { FileResource } from "./file-resource.ts";
import type { FileTreeDeps } from "./file-space.ts";

/** What GET sends of a file that was opened. */
export function fileContent(
  { instance }: Pick<FileTreeDeps, "instance">,
  file: FileResource,
  opened: OpenedFile,
): DavContent {
  const { source, contentType } = opened;
  return {
    name: file.names.at(-1) ?? opened.name,
    contentType: contentType.startsWith("text/") ? `${contentType}; charset=utf-8` : contentType,
    size: source.size,
    bytes: source.bytes,
    open: (range) => source.open(range),
    lend: (range) => source.lend(range),
    headers: { "oc-fileid": ocId(file.place.node.file_id, instance) },
  };
}
