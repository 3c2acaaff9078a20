import type { Store } from "../../store/database.ts";
import { DomainError } from "../errors.ts";
import type { DriveAccess, DriveDeps } from "./model.ts";
import type { Placed } from "./place-file.ts";
import { type StagedUpload, uploadMany } from "./upload-many.ts";

interface Waiting {
  readonly staged: StagedUpload;
  readonly outcome: PromiseWithResolvers<Placed>;
}

/** Of one transaction. */
const mostFiles = 50;
const mostBytes = 1024 * 1024;

const queues = new WeakMap<Store, Map<string, Waiting[]>>();

/**
 * Commits an upload. Those of one client to one account wait for the same lock, and each commit for a sync of the disk: what comes
 * while a transaction runs goes into the next one together. Each has its own outcome.
 * @throws DomainError those of `placeFiles`, `paused`, `unavailable`, `storage_full`
 */
export function uploadTogether(deps: DriveDeps, access: DriveAccess, staged: StagedUpload): Promise<Placed> {
  const outcome = Promise.withResolvers<Placed>();
  const byAccess = queues.get(deps.store) ?? new Map<string, Waiting[]>();
  queues.set(deps.store, byAccess);
  const key = keyOf(access);
  const queue = byAccess.get(key);
  if (queue) queue.push({ staged, outcome });
  else {
    const begun: Waiting[] = [{ staged, outcome }];
    byAccess.set(key, begun);
    void run(deps, access, begun, () => byAccess.delete(key));
  }
  return outcome.promise;
}

/** All that the outcome depends on: whoever has the same key may do the same, and is the same for the history. */
function keyOf({ organizationId, accountId, rights, viewer, subtreeId, actor }: DriveAccess): string {
  return JSON.stringify([
    ...[organizationId, accountId, viewer?.organizationId, viewer?.principalId, subtreeId, [...rights].sort()],
    ...[actor?.device, actor?.link, [...(actor?.lockTokens ?? [])].sort()],
  ]);
}

/** Never rejects. @param ended called at once when nothing waits any more */
async function run(deps: DriveDeps, access: DriveAccess, queue: Waiting[], ended: () => void): Promise<void> {
  while (queue.length > 0) await commit(deps, access, takeBatch(queue));
  ended();
}

async function commit(deps: DriveDeps, access: DriveAccess, batch: readonly Waiting[]): Promise<void> {
  try {
    const outcomes = await uploadMany(
      deps,
      access,
      batch.map(({ staged }) => staged),
    );
    for (const [index, { outcome }] of batch.entries()) {
      const result = outcomes[index]!;
      if (result instanceof DomainError) outcome.reject(result);
      else outcome.resolve(result);
    }
  } catch (error) {
    // What nobody foresaw may come from one of them alone.
    if (!(error instanceof DomainError) && batch.length > 1)
      for (const each of batch) await commit(deps, access, [each]);
    else for (const { outcome } of batch) outcome.reject(error);
  }
}

function takeBatch(queue: Waiting[]): Waiting[] {
  let bytes = 0;
  const end = queue.findIndex(({ staged: { staged } }, index) => {
    bytes += staged.data?.length ?? 0;
    return index > 0 && (index >= mostFiles || bytes > mostBytes);
  });
  return queue.splice(0, end === -1 ? queue.length : end);
}
