import { sql } from "kysely";
import { touchAncestors } from "../../store/drive/touch-ancestors.ts";
import type { AccountKey } from "../../store/feed/take-modseq.ts";
import { grantAccount } from "../access/grant-account.ts";
import { changeTree } from "../drive/change-tree.ts";
import { openNodeAccess } from "../drive/open-node-access.ts";
import { DomainError } from "../errors.ts";
import { requireAdministrator } from "../identity/require-administrator.ts";
import type { Viewer } from "../identity/viewer.ts";
import { mayShareAcross } from "./find-sharees.ts";
import { mayManage } from "./list-shares.ts";
import { checkEnd, type SharingDeps } from "./model.ts";
import type { NodeGrant } from "./node-grant.ts";
import { readShares, type Share } from "./share.ts";
import { keyOf, requireGrantee } from "./share-node.ts";
import { trimReshares } from "./trim-reshares.ts";

const purpose = "ended-shares";
/** A toast lasts seconds; a page may be slow to ask. */
const hours = 1;

/** Shares that ended together: the one that was ended first, then those that its receivers had made of it. */
interface Ended {
  by: string;
  asAdministrator: boolean;
  account: AccountKey;
  until: number;
  grants: readonly NodeGrant[];
}

/** What `restoreShares` takes to undo the end of shares: as they were, sealed, since nothing of them is kept. */
export function sealEnded(
  deps: SharingDeps,
  viewer: Viewer,
  ended: Pick<Ended, "account" | "grants"> & { asAdministrator?: true },
): string {
  const all: Ended = {
    by: viewer.principalId,
    asAdministrator: ended.asAdministrator ?? false,
    account: keyOf(ended.account),
    until: Date.now() + hours * 3_600_000,
    grants: ended.grants,
  };
  return deps.secrets.seal(purpose, JSON.stringify(all)).toString("base64url");
}

/**
 * Gives back what ended, as it was: rights, end, note, giver, date and number, and where each receiver had it; also what had been
 * shared on, as far as those who did so may still.
 * @param sealed by `sealEnded`, for this viewer
 * @throws DomainError `not_found` when there is nothing to give back, `forbidden`, `invalid` when its time is over meanwhile,
 *   `already_exists` when it was shared anew, `paused`
 */
export async function restoreShares(deps: SharingDeps, viewer: Viewer, sealed: string): Promise<Share> {
  const ended = openEnded(deps, viewer, sealed);
  const { account, grants } = ended;
  const [first, ...others] = grants;
  if (!first) throw nothing();
  checkEnd(first.expiresAt);
  const access = ended.asAdministrator ? asAdministrator(viewer, account) : await managed(deps, viewer, account, first);
  if (!(await mayShareAcross(deps.store.read, deps.sharing, account.organizationId, first.grantee.organizationId))) {
    throw new DomainError("forbidden", "Nothing may be shared with that organization", {
      data: { reason: "elsewhere" },
    });
  }
  const touches = [...new Set(grants.map(({ nodeId }) => nodeId))].map((folderId) => ({
    folderId,
    bytes: 0,
    files: 0,
  }));
  await changeTree(
    deps,
    access,
    (tx, modseq) => touchAncestors(tx, account.organizationId, modseq, touches),
    async (tx) => {
      await requireGrantee(tx, { ...account, viewer: undefined }, first.grantee, first.nodeId);
      for (const grant of [first, ...others]) {
        const { expiresAt, note, createdBy, createdByOrganization, id, number, createdAt } = grant;
        if (grant !== first && expiresAt !== null && expiresAt.getTime() <= Date.now()) continue;
        await grantAccount(tx, { ...account, nodeId: grant.nodeId }, grant.grantee, grant.rights, {
          ...{ expiresAt, note, createdBy, createdByOrganization },
          was: { id, shareNumber: number, createdAt },
        });
      }
      await trimReshares(tx, account);
    },
  );
  const [share] = await readShares(deps.store.read, sql`g.share_number = ${first.number}`);
  if (!share) throw nothing();
  return share;
}

function openEnded(deps: SharingDeps, viewer: Viewer, sealed: string): Ended {
  const text = deps.secrets.open(purpose, Buffer.from(sealed, "base64url"))?.toString();
  if (text === undefined) throw nothing();
  const ended = JSON.parse(text) as Ended;
  if (ended.by !== viewer.principalId || ended.until < Date.now()) throw nothing();
  const grants = ended.grants.map((grant) => ({
    ...grant,
    createdAt: new Date(grant.createdAt),
    expiresAt: grant.expiresAt && new Date(grant.expiresAt),
  }));
  return { ...ended, grants };
}

function asAdministrator(viewer: Viewer, account: AccountKey): AccountKey {
  requireAdministrator(viewer);
  if (viewer.organizationId !== account.organizationId) throw nothing();
  return account;
}

/** The viewer may have lost since what let them end it. */
async function managed(deps: SharingDeps, viewer: Viewer, account: AccountKey, grant: NodeGrant) {
  const access = await openNodeAccess(deps, viewer, grant.nodeId);
  const createdBy = grant.createdBy === null ? null : { principalId: grant.createdBy };
  if (access.accountId !== account.accountId || !mayManage(access, { createdBy })) throw nothing();
  return access;
}

function nothing(): DomainError {
  return new DomainError("not_found", "There is no share to give back");
}
