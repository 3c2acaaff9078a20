import { randomBytes } from "node:crypto";
import { touchAncestors } from "../../store/drive/touch-ancestors.ts";
import { uuidv7 } from "../../store/uuid.ts";
import { type AccountAccess, requireRight } from "../access/account-access.ts";
import { changeTree } from "../drive/change-tree.ts";
import { reachNode, requireNotRoot } from "../drive/reach-node.ts";
import { hashPassword } from "../identity/hash-password.ts";
import { readLinks } from "./list-share-links.ts";
import { checkSettings, type LinkSettings, linkPurpose, type ShareLink, type SharingDeps } from "./model.ts";

/** 160 bits: nobody finds a link by trying. */
const tokenBytes = 20;

/**
 * Makes a link by which anybody who has it reads a file, or a folder with all beneath. What is kept is a keyed hash, which
 * finds it, and the token sealed, so that it can be copied again.
 * @throws DomainError `forbidden`, `not_found`, `invalid`
 */
export async function createShareLink(
  deps: SharingDeps,
  access: AccountAccess,
  nodeId: string,
  settings: LinkSettings = {},
): Promise<ShareLink> {
  requireRight(access, "share");
  const { label, password, expiresAt } = checkSettings(settings);
  const passwordHash = typeof password === "string" ? await hashPassword(password) : null;
  const token = randomBytes(tokenBytes).toString("base64url");
  const id = uuidv7();
  await changeTree(deps, access, async (tx, modseq) => {
    const node = requireNotRoot(await reachNode(tx, access, nodeId));
    await tx
      .insertInto("share_link")
      .values({
        id,
        token_hash: deps.secrets.hashToken(linkPurpose, token),
        sealed_token: deps.secrets.seal(linkPurpose, token),
        organization_id: access.organizationId,
        account_id: access.accountId,
        node_id: node.id,
        label: label ?? null,
        password_hash: passwordHash,
        expires_at: expiresAt ?? null,
        created_by: access.viewer.principalId,
      })
      .execute();
    // Lists show that a node has links: they are to be read again.
    await touchAncestors(tx, access.organizationId, modseq, [{ folderId: node.id, bytes: 0, files: 0 }]);
  });
  const [link] = await readLinks(deps, [access], (links) => links.where("l.id", "=", id));
  return link!;
}
