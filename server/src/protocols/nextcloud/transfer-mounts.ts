import { readPathNames } from "../../formats/dav-xml/path-names.ts";
import { pathOfReference } from "../dav/dav-call.ts";
import type { DavContext, DavMount } from "../dav/dav-context.ts";
import { isOwnName, openSessionDrive } from "../dav/dav-mounts.ts";
import type { FileTreeDeps } from "../dav/files/file-space.ts";
import { FileTree } from "../dav/files/file-tree.ts";
import { TrashTree } from "./trashbin/trash-tree.ts";
import { UploadTree } from "./uploads/upload-tree.ts";
import { VersionTree } from "./versions/version-tree.ts";

/** Trees beside the files: uploads in pieces, the trash, versions. */
export function transferMounts(deps: FileTreeDeps): DavMount[] {
  const uploads: DavMount["open"] = async (context, [owner], root) => {
    if (!isOwnName(context, owner)) return undefined;
    const start = root.slice(0, root.lastIndexOf("/uploads/"));
    const files = new FileTree(deps, await openSessionDrive(deps, context), `${start}/files/${owner}`);
    return new UploadTree(files, root, (destination) => namesOfFile(context, destination));
  };
  const trash: DavMount["open"] = async (context, [owner], root) =>
    isOwnName(context, owner) ? new TrashTree(deps, await openSessionDrive(deps, context), root) : undefined;
  const versions: DavMount["open"] = async (context, [owner], root) =>
    isOwnName(context, owner) ? new VersionTree(deps, await openSessionDrive(deps, context), root) : undefined;
  return [["remote.php", "dav"], ["dav"]].flatMap((start) => [
    { path: [...start, "uploads", "*"], open: uploads },
    { path: [...start, "trashbin", "*"], open: trash },
    { path: [...start, "versions", "*"], open: versions },
  ]);
}

/** The names, in a person's own files, of what a header says by its URL or absolute path. */
function namesOfFile(context: DavContext, destination: string): readonly string[] | undefined {
  const path = pathOfReference(context.headers, destination);
  const names = path === undefined ? undefined : readPathNames(path);
  if (!names) return undefined;
  if (names[0] === "remote.php" && names[1] === "webdav") return names.slice(2);
  const beneath = names[0] === "remote.php" ? names.slice(1) : names;
  const [dav, files, owner, ...rest] = beneath;
  return dav === "dav" && files === "files" && isOwnName(context, owner) ? rest : undefined;
}
