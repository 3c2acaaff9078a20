import type { Reader, Transactor } from "../../../store/database.ts";
import { readFirstModseq, readLastModseq } from "../../../store/drive/read-changed-nodes.ts";
import { readHeight } from "../../../store/drive/read-height.ts";
import { requireRight } from "../../access/account-access.ts";
import { DomainError } from "../../errors.ts";
import { changeTree } from "../change-tree.ts";
import type { DriveAccess, DriveDeps } from "../model.ts";
import { notFound, reachFolder, requireDepth } from "../reach-node.ts";
import { readRootId } from "../read-root-id.ts";
import { applyRollback } from "./apply-rollback.ts";
import { planRollback, type RollbackPlan } from "./plan-rollback.ts";
import { type Rollback, summarize } from "./summarize-rollback.ts";

/** What a folder goes back to: how it was at a moment, or before a change. */
export type RollbackPoint = { readonly at: Date } | { readonly beforeModseq: number };

/** Changes are kept for so many days when nothing else is said. */
const usualDays = 14;

/**
 * What would change if a folder, or a whole space by its root, went back to a moment: nothing is written.
 * @throws DomainError `not_found`, `conflict` for a file, `forbidden`, `too_large`, `invalid` (`in_future`, `too_long_ago`, `not_there`)
 */
export async function previewRollback(
  deps: DriveDeps,
  access: DriveAccess,
  folderId: string,
  point: RollbackPoint,
): Promise<Rollback> {
  return summarize(await plan(deps, deps.store.read, access, folderId, point));
}

/**
 * Does it, in one transaction: others see the folder as it was before, or as it is after. Nothing is lost by it: what came since goes
 * to the trash, what was replaced stays a version, and it can be rolled back itself.
 * @param options.state of the preview that was agreed to
 * @param options.also in the same transaction
 * @throws DomainError those of `previewRollback`, `state_mismatch` when something changed since, `over_quota`
 */
export async function rollBack(
  deps: DriveDeps,
  access: DriveAccess,
  folderId: string,
  point: RollbackPoint,
  options: { state?: number; also?: (tx: Transactor) => Promise<void> } = {},
): Promise<Rollback> {
  // Before the lock, since it may take seconds: it holds when nothing was changed until then.
  const foreseen = await plan(deps, deps.store.read, access, folderId, point);
  return changeTree(deps, access, async (tx, modseq) => {
    const isSame = foreseen.state === (await readLastModseq(tx, access));
    const planned = isSame ? foreseen : await plan(deps, tx, access, folderId, point);
    if (options.state !== undefined && planned.state !== options.state) {
      throw new DomainError("state_mismatch", "Something was changed meanwhile", { data: { reason: "changed" } });
    }
    await applyRollback(tx, access, modseq, planned.plan);
    const { depth } = await reachFolder(tx, access, folderId);
    requireDepth(depth + (await readHeight(tx, access.organizationId, folderId)) - 1);
    await options.also?.(tx);
    return summarize(planned);
  });
}

interface Planned {
  plan: RollbackPlan;
  state: number;
}

async function plan(
  deps: DriveDeps,
  reader: Reader,
  access: DriveAccess,
  folderId: string,
  point: RollbackPoint,
): Promise<Planned> {
  // Of what is shared, only a part is seen: what left it cannot be brought back by who does not see where it went.
  if (access.viewer === undefined || access.subtreeId !== undefined) throw notFound();
  for (const right of ["write", "create", "delete"] as const) requireRight(access, right);
  await reachFolder(reader, access, folderId);
  const state = await readLastModseq(reader, access);
  const from = "at" in point ? await findFirst(deps, reader, access, point.at) : point.beforeModseq;
  const rootId = await readRootId(reader, access);
  const account = { organizationId: access.organizationId, accountId: access.accountId, rootId };
  const planned = await planRollback(reader, account, folderId, from ?? state + 1);
  if (!planned.wasThere) throw refused("not_there", "This folder was not there then");
  return { plan: planned, state };
}

async function findFirst(deps: DriveDeps, reader: Reader, access: DriveAccess, at: Date): Promise<number | undefined> {
  if (Number.isNaN(at.getTime()) || at.getTime() > Date.now())
    throw refused("in_future", "This moment has not come yet");
  const oldest = Date.now() - (deps.recoveryDays ?? usualDays) * 86_400_000;
  if (at.getTime() < oldest) throw refused("too_long_ago", "What changed before is not kept any more");
  return readFirstModseq(reader, access, at);
}

function refused(reason: "in_future" | "too_long_ago" | "not_there", message: string): DomainError {
  return new DomainError("invalid", message, { data: { reason } });
}
