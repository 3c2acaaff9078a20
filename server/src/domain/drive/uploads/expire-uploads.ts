import type { DriveDeps } from "../model.ts";
import { removeSessions } from "./abort-upload.ts";

/** Forgets uploads that nobody has touched since. @returns how many */
export async function expireUploads(deps: Pick<DriveDeps, "store">, before: Date): Promise<number> {
  let expired = 0;
  for (;;) {
    const count = await deps.store.transact(async (tx) => {
      const sessions = await tx
        .selectFrom("upload_session")
        .select(["organization_id", "id"])
        .where("touched_at", "<", before)
        .orderBy("touched_at")
        .limit(50)
        .forUpdate()
        .skipLocked()
        .execute();
      await removeSessions(tx, sessions);
      return sessions.length;
    });
    expired += count;
    if (count === 0) return expired;
  }
}
