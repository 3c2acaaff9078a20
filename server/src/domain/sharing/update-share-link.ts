import type { Updateable } from "kysely";
import { touchAncestors } from "../../store/drive/touch-ancestors.ts";
import type { ShareLink as ShareLinkTable } from "../../store/schema.generated.ts";
import { changeTree } from "../drive/change-tree.ts";
import { DomainError } from "../errors.ts";
import { hashPassword } from "../identity/hash-password.ts";
import type { Viewer } from "../identity/viewer.ts";
import { givenRights, orderMail } from "./create-share-link.ts";
import { openShareLink } from "./list-share-links.ts";
import { checkSettings, type LinkSettings, type ShareLink, type SharerAccess, type SharingDeps } from "./model.ts";

/**
 * Changes what a link is and allows. A new password closes the pages that the old one had opened; what it allows no more ends where it
 * is open.
 * @throws DomainError `not_found`, `invalid`, `forbidden`, `paused`
 */
export async function updateShareLink(
  deps: SharingDeps,
  viewer: Viewer,
  linkId: string,
  settings: LinkSettings,
): Promise<ShareLink> {
  const { link, access } = await openShareLink(deps, viewer, linkId);
  const { label, password, expiresAt, rights, mayDownload, downloadLimit, note, recipient } = checkSettings(settings);
  const isNewRecipient = typeof recipient === "string" && recipient !== link.recipient;
  const changes: Changes = {
    ...(label !== undefined && { label }),
    ...(password !== undefined && { password_hash: password === null ? null : await hashPassword(password) }),
    // Whoever gives it more time is to be warned of the new end.
    ...(expiresAt !== undefined && { expires_at: expiresAt, warned_at: null }),
    ...(rights !== undefined && { rights: givenRights(access, link.node, rights) }),
    ...(mayDownload !== undefined && { may_download: mayDownload }),
    ...(downloadLimit !== undefined && { download_limit: downloadLimit }),
    ...(note !== undefined && { note }),
    ...(recipient !== undefined && { recipient }),
  };
  if (Object.keys(changes).length > 0) await change(deps, access, linkId, changes, isNewRecipient);
  return (await openShareLink(deps, viewer, linkId)).link;
}

/** Mails a link to its recipient again. @throws DomainError `not_found`; `conflict` when it has none */
export async function sendShareLink(deps: SharingDeps, viewer: Viewer, linkId: string): Promise<void> {
  const { link, access } = await openShareLink(deps, viewer, linkId);
  if (link.recipient === null) throw new DomainError("conflict", "This link was made for nobody's address");
  await deps.store.transact((tx) => orderMail(tx, access.organizationId, { kind: "link", linkId: link.id }));
}

/** Ends a link for good: pages and downloads that are open end with it. @throws DomainError `not_found` */
export async function revokeShareLink(deps: SharingDeps, viewer: Viewer, linkId: string): Promise<void> {
  const { access } = await openShareLink(deps, viewer, linkId);
  await change(deps, access, linkId, { revoked_at: new Date() });
}

type Changes = Updateable<ShareLinkTable>;

async function change(
  deps: SharingDeps,
  access: SharerAccess,
  linkId: string,
  changes: Changes,
  isNewRecipient = false,
): Promise<void> {
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
    if (isNewRecipient) await orderMail(tx, access.organizationId, { kind: "link", linkId });
    tx.hint({ kind: "revoked", id: linkId });
    await touchAncestors(tx, access.organizationId, modseq, [{ folderId: row.node_id, bytes: 0, files: 0 }]);
  });
}
