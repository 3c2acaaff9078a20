import type { Reader } from "../../store/database.ts";
import type { OpenedDrive } from "../drive/open-drive.ts";
import { reachNode } from "../drive/reach-node.ts";
import type { LinkContent } from "./resolve-share-link.ts";

/**
 * What a link leads to, as a drive of nobody's: its root is what is shared, a folder or a file alone. It holds no more than its rights.
 * @throws DomainError `not_found` when it is gone meanwhile
 */
export async function openLinkDrive(reader: Reader, link: LinkContent): Promise<OpenedDrive> {
  const { node } = await reachNode(reader, link.inside, link.node.id);
  return {
    viewer: {
      organizationId: link.access.organizationId,
      principalId: link.linkId,
      uid: link.linkId,
      displayName: link.node.name,
      address: undefined,
      roles: new Set(),
      language: "fr",
    },
    own: link.access,
    root: node,
    mounts: [],
    grantsEpoch: 0,
  };
}
