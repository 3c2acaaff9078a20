import { sql } from "kysely";
import type { Transactor } from "../../../store/database.ts";
import {
  type CountedChange,
  countDeviceChanges,
  type DeviceChanges,
} from "../../../store/drive/count-device-changes.ts";
import { type RecordedEntry, recordedIn } from "../../../store/drive/record-history.ts";
import type { DriveAccess, DriveDeps } from "../model.ts";
import { pausedError } from "../require-not-paused.ts";
import { type BrakeLimits, defaultBrakeLimits, isTooMuch } from "./brake-limits.ts";
import { type Figures, pauseDevice } from "./pause-device.ts";
import { readFiles } from "./read-files.ts";

type Changing = Pick<DriveAccess, "organizationId" | "accountId" | "actor" | "subtreeId" | "viewer">;

/** For how long somebody's yes holds. */
export const allowedMinutes = 60;

/** Ends a transaction whose change would be one too many. */
class TooMuchAtOnce extends Error {
  readonly access: Changing;
  readonly figures: Figures;
  constructor(access: Changing, figures: Figures) {
    super("A device changes too much at once");
    this.access = access;
    this.figures = figures;
  }
}

/**
 * Runs a change, and pauses the device that changed too much with it: of that change nothing is done then.
 * @throws DomainError `paused`
 */
export async function holdBrake<T>(deps: Pick<DriveDeps, "store">, change: () => Promise<T>): Promise<T> {
  try {
    return await change();
  } catch (error) {
    if (!(error instanceof TooMuchAtOnce)) throw error;
    const { device } = error.access.actor!;
    await pauseDevice(deps.store, error.access, device!, error.figures);
    throw pausedError(device!.name);
  }
}

/**
 * Counts what a transaction deletes, renames and replaces in a space for the device it comes from; before it commits, and only when it
 * does any of that. Of what is deleted all files count, of what is renamed or moved the thing itself.
 */
export async function brakeAfter(
  tx: Transactor,
  limits: BrakeLimits = defaultBrakeLimits,
  access: Changing,
  modseq: number,
): Promise<void> {
  const device = access.actor?.device;
  if (!device) return;
  const changes = recordedIn(tx)
    .filter((entry) => entry.accountId === access.accountId)
    .flatMap(toCounted);
  if (changes.length === 0) return;
  const counted = await countDeviceChanges(tx, access, device.id, modseq, changes, { ...limits, allowedMinutes });
  if (counted.isAllowed || counted.files <= limits.files) return;
  const total = (await readFiles(tx, access)) + counted.removed;
  if (!isTooMuch(limits, counted.files, total)) return;
  throw new TooMuchAtOnce(access, { changed: counted.files, total, ...sinceOf(counted, modseq) });
}

/** Where this very change is the first there is nothing to go back to. */
function sinceOf({ firstModseq, firstAt }: DeviceChanges, modseq: number): Pick<Figures, "sinceModseq" | "before"> {
  return { sinceModseq: firstModseq < modseq ? firstModseq : null, before: new Date(firstAt.getTime() - 1) };
}

function toCounted({ action, nodeId, files }: RecordedEntry): CountedChange[] {
  switch (action) {
    case "trashed":
    case "left":
      return files === 0 ? [] : [{ nodeId, files, removed: files }];
    case "renamed":
    case "moved":
    case "overwritten":
      return [{ nodeId, files: 1, removed: 0 }];
    default:
      return [];
  }
}

/** Forgets counts that no window reaches. @returns how many */
export async function purgeDeviceCounts(deps: Pick<DriveDeps, "store">, before: Date): Promise<number> {
  const { numAffectedRows } = await deps.store.transact((tx) =>
    sql`DELETE FROM device_change_count WHERE bucket < ${before}`.execute(tx),
  );
  return Number(numAffectedRows ?? 0);
}
