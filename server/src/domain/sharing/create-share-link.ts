import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import type { Transactor } from "../../store/database.ts";
import type { NodeRow } from "../../store/drive/node-row.ts";
import { touchAncestors } from "../../store/drive/touch-ancestors.ts";
import { enqueue } from "../../store/outbox/outbox.ts";
import { uuidv7 } from "../../store/uuid.ts";
import { requireRight } from "../access/account-access.ts";
import { changeTree } from "../drive/change-tree.ts";
import { reachNode, requireNotRoot } from "../drive/reach-node.ts";
import { DomainError } from "../errors.ts";
import { hashPassword } from "../identity/hash-password.ts";
import {
  checkSettings,
  type LinkRight,
  type LinkSettings,
  linkPurpose,
  linkRightsFor,
  type ShareLink,
  type SharerAccess,
  type SharingDeps,
} from "./model.ts";
import { readLinkRows, toShareLink } from "./read-links.ts";
import { type ShareMailOrder, shareMailTopic } from "./share-events.ts";

/** 160 bits: nobody finds a link by trying. */
const tokenBytes = 20;

/**
 * Makes a link by which anybody who has it does with a file, or a folder and all beneath, what the link allows, which is nothing that
 * its maker may not. What is kept is a keyed hash, which finds it, and the token sealed, so that it can be copied again.
 * @throws DomainError `forbidden`, `not_found`, `invalid`, `paused`
 */
export async function createShareLink(
  deps: SharingDeps,
  access: SharerAccess,
  nodeId: string,
  settings: LinkSettings = {},
): Promise<ShareLink> {
  requireRight(access, "share");
  const checked = checkSettings(settings);
  const { label, password, expiresAt, downloadLimit, note, recipient } = checked;
  const passwordHash = typeof password === "string" ? await hashPassword(password) : null;
  const token = randomBytes(tokenBytes).toString("base64url");
  const id = uuidv7();
  const { viewer } = access;
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
        rights: givenRights(access, node, checked.rights ?? new Set(["read"])),
        may_download: checked.mayDownload ?? true,
        download_limit: downloadLimit ?? null,
        note: note ?? null,
        recipient: recipient ?? null,
        created_by: viewer.principalId,
        created_by_organization: viewer.organizationId === access.organizationId ? null : viewer.organizationId,
      })
      .execute();
    if (recipient) await orderMail(tx, access.organizationId, { kind: "link", linkId: id });
    // Lists show that a node has links: they are to be read again.
    await touchAncestors(tx, access.organizationId, modseq, [{ folderId: node.id, bytes: 0, files: 0 }]);
  });
  const [row] = await readLinkRows(deps.store.read, sql`l.organization_id = ${access.organizationId} AND l.id = ${id}`);
  return toShareLink(deps, row!, true);
}

/** @throws DomainError `forbidden` (`beyond`) for more than the giver may do, `invalid` */
export function givenRights(
  access: SharerAccess,
  node: Pick<NodeRow, "kind">,
  wanted: ReadonlySet<LinkRight>,
): LinkRight[] {
  const rights = linkRightsFor(node.kind, wanted);
  if (rights.some((right) => !access.rights.has(right))) {
    throw new DomainError("forbidden", "You cannot allow what you may not do yourself", { data: { reason: "beyond" } });
  }
  return rights;
}

export function orderMail(tx: Transactor, organizationId: string, order: ShareMailOrder): Promise<void> {
  return enqueue(tx, { topic: shareMailTopic, organizationId, payload: order });
}
