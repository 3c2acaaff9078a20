import type { DriveAccess } from "../model.ts";
import type { OpenedDrive } from "../open-drive.ts";

/** The same drive for a client that shows the tokens of its locks. */
export function withLockTokens(drive: OpenedDrive, lockTokens: ReadonlySet<string>): OpenedDrive {
  if (lockTokens.size === 0) return drive;
  const give = (access: DriveAccess): DriveAccess => ({ ...access, actor: { ...access.actor, lockTokens } });
  return {
    ...drive,
    own: give(drive.own),
    mounts: drive.mounts.map((mount) => ({ ...mount, access: give(mount.access) })),
  };
}
