import type { NewShareLink, NodeKind, ShareLink, ShareRight } from "@bouquet/contract/drive.ts";

/** Rights of people and groups, as one choice in words. */
export type Level = "read" | "add" | "edit" | "full" | "other";

const rightsOfLevels: Record<Exclude<Level, "other">, readonly ShareRight[]> = {
  read: ["read"],
  add: ["read", "create"],
  edit: ["read", "write", "create", "delete"],
  full: ["read", "write", "create", "delete", "share"],
};

/** Of a file, those that mean something there. */
export function rightsOfLevel(level: Exclude<Level, "other">, kind: NodeKind): ShareRight[] {
  return rightsOfLevels[level].filter((right) => kind === "folder" || (right !== "create" && right !== "delete"));
}

export function levelOf(rights: readonly ShareRight[], kind: NodeKind): Level {
  const same = (wanted: readonly ShareRight[]) =>
    wanted.length === rights.length && wanted.every((right) => rights.includes(right));
  return levelsFor(kind).find((level) => same(rightsOfLevel(level, kind))) ?? "other";
}

/** Those that the viewer may give. */
export function levelsWithin(kind: NodeKind, mayGive: readonly ShareRight[]): Exclude<Level, "other">[] {
  return levelsFor(kind).filter((level) => rightsOfLevel(level, kind).every((right) => mayGive.includes(right)));
}

function levelsFor(kind: NodeKind): Exclude<Level, "other">[] {
  return kind === "folder" ? ["read", "add", "edit", "full"] : ["read", "edit", "full"];
}

/** What a link allows, as one choice in words. */
export type LinkLevel = "view" | "look" | "add" | "edit" | "request";

export function linkLevelOf({ rights, mayDownload }: Pick<ShareLink, "rights" | "mayDownload">): LinkLevel {
  if (!rights.includes("read")) return "request";
  if (rights.includes("write")) return "edit";
  if (rights.includes("create")) return "add";
  return mayDownload ? "view" : "look";
}

export function settingsOfLinkLevel(level: LinkLevel, kind: NodeKind): Pick<NewShareLink, "rights" | "mayDownload"> {
  const rights: Record<LinkLevel, ShareRight[]> = {
    view: ["read"],
    look: ["read"],
    add: ["read", "create"],
    edit: kind === "folder" ? ["read", "write", "create", "delete"] : ["read", "write"],
    request: ["create"],
  };
  return { rights: rights[level], mayDownload: level !== "look" };
}

export function linkLevelsWithin(kind: NodeKind, mayGive: readonly ShareRight[]): LinkLevel[] {
  const levels: LinkLevel[] = kind === "folder" ? ["view", "look", "add", "edit", "request"] : ["view", "look", "edit"];
  return levels.filter((level) =>
    (settingsOfLinkLevel(level, kind).rights ?? []).every((right) => mayGive.includes(right)),
  );
}
