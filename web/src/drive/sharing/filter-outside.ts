import type { NodeShare, OutsideLink, SharedOutside } from "@bouquet/contract/drive.ts";

/** What an administrator looks for among all that is open to the outside. */
export const outsideKinds = ["all", "no_password", "no_end", "changes", "over", "organizations"] as const;
export type OutsideKind = (typeof outsideKinds)[number];

const linkIs: Record<OutsideKind, (link: OutsideLink["link"]) => boolean> = {
  all: () => true,
  no_password: (link) => link.state === "active" && !link.hasPassword,
  no_end: (link) => link.state === "active" && link.expiresAt === null,
  changes: (link) => link.state === "active" && link.rights.some((right) => right !== "read"),
  over: (link) => link.state !== "active",
  organizations: () => false,
};

const shareIs: Record<OutsideKind, (share: NodeShare) => boolean> = {
  all: () => true,
  no_password: () => false,
  no_end: (share) => share.expiresAt === null,
  changes: (share) => share.rights.some((right) => right !== "read" && right !== "share"),
  over: () => false,
  organizations: () => true,
};

/** Those of a kind in which each word of the text is found: of names, places, people, addresses, whatever their case and accents. */
export function filterOutside({ links, shares }: SharedOutside, kind: OutsideKind, text: string): SharedOutside {
  const words = plain(text).split(/\s+/);
  const has = (...texts: (string | null)[]) => {
    const all = plain(texts.filter((each) => each !== null).join("\n"));
    return words.every((word) => all.includes(word));
  };
  return {
    links: links.filter(
      ({ link, space, path }) =>
        linkIs[kind](link) && has(link.node.name, link.label, link.recipient, link.createdBy, space, ...path),
    ),
    shares: shares.filter(
      (share) =>
        shareIs[kind](share) &&
        has(
          ...[share.node.name, share.owner, share.createdBy],
          ...[share.with.name, share.with.address, share.with.organization],
        ),
    ),
  };
}

function plain(text: string): string {
  return text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase().trim();
}
