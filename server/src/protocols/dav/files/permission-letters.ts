import type { Place } from "../../../domain/drive/drive-place.ts";
import { placeRights } from "../../../domain/drive/place-rights.ts";

/**
 * oc:permissions, as Nextcloud's clients read it: S shared with me, R may share, M in a mount, G may read, D delete, N rename,
 * V move; W write a file; C and K make files and folders in a folder.
 */
export function permissionLetters(place: Place): string {
  const { rights, isShared, isMounted, mayRename, mayMove, mayDelete, mayReshare } = placeRights(place);
  const isFolder = place.node.kind === "folder";
  const isTop = place.names.length === 0;
  // What a link leads to stays where it is, and has the letters of its rights alone.
  const isOfLink = isTop && place.access.actor?.link !== undefined;
  const isRoot = isTop && !isOfLink;
  // A root is given the letters that Nextcloud gives it: clients look for them before they work in it.
  const letters: [string, boolean][] = [
    ["S", isShared],
    ["R", mayReshare || isRoot],
    ["M", isMounted],
    ["G", rights.has("read")],
    ["D", (mayDelete && !isOfLink) || isRoot],
    ["N", (mayRename && !isOfLink) || isRoot],
    ["V", (mayMove && !isOfLink) || isRoot],
    ["W", !isFolder && rights.has("write")],
    ["CK", isFolder && rights.has("create")],
  ];
  return letters.map(([letter, holds]) => (holds ? letter : "")).join("");
}

/** The sum that the sharing API calls permissions: read 1, update 2, create 4, delete 8, share 16. */
export function permissionSum(place: Place): number {
  const { rights, mayDelete, mayReshare } = placeRights(place);
  const isFolder = place.node.kind === "folder";
  return (
    (rights.has("read") ? 1 : 0) +
    (rights.has("write") ? 2 : 0) +
    (isFolder && rights.has("create") ? 4 : 0) +
    (mayDelete ? 8 : 0) +
    (mayReshare ? 16 : 0)
  );
}
