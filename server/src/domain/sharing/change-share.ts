import { sql } from "kysely";
import type { Transactor } from "../../store/database.ts";
import { touchAncestors } from "../../store/drive/touch-ancestors.ts";
import type { Right } from "../access/account-access.ts";
import { grantAccount } from "../access/grant-account.ts";
import { changeTree } from "../drive/change-tree.ts";
import { leaveMount } from "../drive/leave-mount.ts";
import type { DriveActor } from "../drive/model.ts";
import { openDrive } from "../drive/open-drive.ts";
import { DomainError } from "../errors.ts";
import type { Viewer } from "../identity/viewer.ts";
import { openShare } from "./list-shares.ts";
import { checkEnd, checkNote, type SharerAccess, type SharingDeps } from "./model.ts";
import { type NodeGrant, readNodeGrants } from "./node-grant.ts";
import { sealEnded } from "./restore-shares.ts";
import { readShares, type Share } from "./share.ts";
import { keyOf, rightsToGive } from "./share-node.ts";
import { trimReshares } from "./trim-reshares.ts";

export interface ShareChange {
  rights?: ReadonlySet<Right> | undefined;
  expiresAt?: Date | null | undefined;
  note?: string | null | undefined;
}

/**
 * Changes what a share allows, until when, or what is said of it. What it allows no more ends for those to whom it was shared on, too.
 * @throws DomainError `not_found`, `forbidden`, `invalid`, `paused`
 */
export async function changeShare(
  deps: SharingDeps,
  viewer: Viewer,
  number: number,
  change: ShareChange,
): Promise<Share> {
  const { share, access } = await openShare(deps, viewer, number);
  if (!access) throw new DomainError("forbidden", "Only who shares this may change how");
  checkEnd(change.expiresAt);
  const note = checkNote(change.note);
  const rights = change.rights ? rightsToGive(access, share.node.kind, change.rights) : [...share.rights];
  await write(deps, access, share, rights, {
    ...(change.expiresAt !== undefined && { expiresAt: change.expiresAt }),
    ...(note !== undefined && { note }),
  });
  const [changed] = await readShares(deps.store.read, sql`g.share_number = ${number}`);
  if (!changed) throw new DomainError("not_found", "There is no such share");
  return changed;
}

/**
 * Ends a share: for everybody when its giver does, for themselves when whoever receives it leaves it.
 * @returns what `restoreShares` undoes it with; undefined for whoever left
 * @throws DomainError `not_found`, `paused`
 */
export async function endShare(
  deps: SharingDeps,
  viewer: Viewer,
  number: number,
  device?: DriveActor["device"],
): Promise<string | undefined> {
  const { share, access } = await openShare(deps, viewer, number);
  if (access) return sealEnded(deps, viewer, { account: access, grants: await write(deps, access, share, [], {}) });
  const drive = await openDrive(deps, viewer, device);
  const mount = drive.mounts.find((each) => each.target.id === share.node.id && each.kind === "share");
  if (mount) await leaveMount(deps, drive, mount);
  return undefined;
}

/** As a change of what is shared; the account's tree is told. @returns the share, and those that it takes with it, as they were */
export async function write(
  deps: SharingDeps,
  access: Pick<SharerAccess, "organizationId" | "accountId" | "actor">,
  share: Pick<Share, "node" | "grantee" | "number">,
  rights: readonly Right[],
  terms: { expiresAt?: Date | null; note?: string | null },
): Promise<NodeGrant[]> {
  const account = keyOf(access);
  let before: NodeGrant[] = [];
  await changeTree(
    deps,
    access,
    (tx, modseq) =>
      touchAncestors(tx, account.organizationId, modseq, [{ folderId: share.node.id, bytes: 0, files: 0 }]),
    async (tx: Transactor) => {
      const [was] = await readNodeGrants(tx, account, sql`g.share_number = ${share.number}`);
      // Ended by somebody else meanwhile.
      if (!was) return;
      await grantAccount(tx, { ...account, nodeId: share.node.id }, share.grantee, rights, terms);
      before = [was, ...(await trimReshares(tx, account)).filter(({ id }) => id !== was.id)];
    },
  );
  return before;
}
