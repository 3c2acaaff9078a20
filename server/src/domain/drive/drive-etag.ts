import { hash } from "node:crypto";
import type { Place } from "./drive-place.ts";
import type { OpenedDrive } from "./open-drive.ts";

/**
 * What changes whenever the bytes of a file do, or for this viewer anything in a folder or beneath it, mounts among it: 32 hexadecimal
 * digits. In a mount it also depends on what the viewer may do there, because clients read the rights again only where it moved.
 */
export function placeEtag(drive: OpenedDrive, place: Place): string {
  const { node, mount } = place;
  if (node.kind === "file" && node.version_id !== null) return fileEtag(node.version_id);
  const parts = [node.id, String(node.tree_modseq)];
  if (mount) parts.push(rightsOf(mount.access.rights));
  else {
    for (const { above, name, parentId, target, access } of drive.mounts) {
      if (!above.includes(node.id)) continue;
      parts.push(parentId, name, target.id, String(target.tree_modseq), rightsOf(access.rights));
    }
  }
  return hash("sha256", parts.join("/")).slice(0, 32);
}

/** Of a file alone: it is the same for everybody. */
export function fileEtag(versionId: string): string {
  return versionId.replaceAll("-", "");
}

function rightsOf(rights: ReadonlySet<string>): string {
  return [...rights].sort().join();
}
