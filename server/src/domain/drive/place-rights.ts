import type { Right } from "../access/account-access.ts";
import type { Place } from "./drive-place.ts";

export interface PlaceRights {
  rights: ReadonlySet<Right>;
  /** In something that somebody shares with the viewer, or that itself. */
  isShared: boolean;
  /** In a team folder, or the team folder itself. */
  isMounted: boolean;
  mayRename: boolean;
  /** To another folder. */
  mayMove: boolean;
  /** Of a mount point: leave it. */
  mayDelete: boolean;
  mayReshare: boolean;
}

/**
 * What a viewer may do with a node where they see it. A mount point is theirs to name and to place; a share can be left, a team
 * folder cannot.
 */
export function placeRights(place: Place): PlaceRights {
  const { rights } = place.access;
  const { mount, isMountPoint, node } = place;
  const isRoot = node.parent_id === null && !isMountPoint;
  const own = {
    mayRename: !isRoot && rights.has("write"),
    mayMove: !isRoot && rights.has("write") && rights.has("delete"),
    mayDelete: !isRoot && rights.has("delete"),
  };
  const asMount = { mayRename: true, mayMove: true, mayDelete: mount?.kind === "share" };
  return {
    rights,
    isShared: mount?.kind === "share",
    isMounted: mount?.kind === "team_folder",
    ...(isMountPoint ? asMount : own),
    mayReshare: !isRoot && rights.has("share"),
  };
}
