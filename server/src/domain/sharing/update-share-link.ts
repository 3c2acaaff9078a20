import { touchAncestors } from "../../store/drive/touch-ancestors.ts";
import type { AccountAccess } from "../access/account-access.ts";
import { changeTree } from "../drive/change-tree.ts";
import { DomainError } from "../errors.ts";
import { hashPassword } from "../identity/hash-password.ts";
import type { Viewer } from "../identity/viewer.ts";
import { openShareLink } from "./list-share-links.ts";
import { checkSettings, type LinkSettings, type ShareLink, type SharingDeps } from "./model.ts";

/**
 * Changes the label, the password or the end of a link. A new password closes the pages that the old one had opened.
 * @throws DomainError `not_found`, `invalid`
 */
export async function updateShareLink(
  deps: SharingDeps,
  viewer: Viewer,
  linkId: string,
  settings: LinkSettings,
): Promise<ShareLink> {
  const { access } = await openShareLink(deps, viewer, linkId);
  const { label, password, expiresAt } = checkSettings(settings);
  const changes = {
    ...(label !== undefined && { label }),
    ...(password !== undefined && { password_hash: password === null ? null : await hashPassword(password) }),
    ...(expiresAt !== undefined && { expires_at: expiresAt }),
  };
  if (Object.keys(changes).length > 0) await change(deps, access, linkId, changes);
  return (await openShareLink(deps, viewer, linkId)).link;
}

/** Ends a link for good. @throws DomainError `not_found` */
export async function revokeShareLink(deps: SharingDeps, viewer: Viewer, linkId: string): Promise<void> {
  const { access } = await openShareLink(deps, viewer, linkId);
  await change(deps, access, linkId, { revoked_at: new Date() });
}

interface Changes {
  label?: string | null;
  password_hash?: string | null;
  expires_at?: Date | null;
  revoked_at?: Date;
}

async function change(deps: SharingDeps, access: AccountAccess, linkId: string, changes: Changes): Promise<void> {
  await changeTree(deps, access, async (tx, modseq) => {
    const row = await tx
      .updateTable("share_link")
      .set(changes)
      .where("organization_id", "=", access.organizationId)
      .where("account_id", "=", access.accountId)
      .where("id", "=", linkId)
      .where("revoked_at", "is", null)
      .returning("node_id")
      .executeTakeFirst();
    if (!row) throw new DomainError("not_found", "There is no such link");
    await touchAncestors(tx, access.organizationId, modseq, [{ folderId: row.node_id, bytes: 0, files: 0 }]);
  });
}
