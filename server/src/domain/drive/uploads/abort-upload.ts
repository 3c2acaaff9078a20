import type { Transactor } from "../../../store/database.ts";
import type { DriveDeps } from "../model.ts";
import { lockSession } from "./put-chunk.ts";
import { noSuchUpload, type UploadOwner } from "./upload-session.ts";

/** Forgets an upload with all that came of it. @throws DomainError `not_found` */
export async function abortUpload(deps: Pick<DriveDeps, "store">, owner: UploadOwner, name: string): Promise<void> {
  await deps.store.transact(async (tx) => {
    const session = await lockSession(tx, owner, name);
    await removeSessions(tx, [{ organization_id: owner.organizationId, id: session.id }]);
  });
}

/** Forgets one piece, which the client will send again or does not need. @throws DomainError `not_found` */
export async function deleteChunk(
  deps: Pick<DriveDeps, "store" | "blobs">,
  owner: UploadOwner,
  sessionName: string,
  name: string,
): Promise<void> {
  const { organizationId } = owner;
  await deps.store.transact(async (tx) => {
    const session = await lockSession(tx, owner, sessionName);
    const gone = await tx
      .deleteFrom("upload_chunk")
      .where("organization_id", "=", organizationId)
      .where("session_id", "=", session.id)
      .where("name", "=", name)
      .returning(["id", "length"])
      .executeTakeFirst();
    if (!gone) throw noSuchUpload();
    await deps.blobs.removeReferences(tx, organizationId, "upload_chunk", [gone.id]);
    await tx
      .updateTable("upload_session")
      .set((eb) => ({ received_bytes: eb("received_bytes", "-", gone.length), touched_at: new Date() }))
      .where("organization_id", "=", organizationId)
      .where("id", "=", session.id)
      .execute();
  });
}

/** Of sessions that are locked. The pieces' bytes are the collector's then. */
export async function removeSessions(
  tx: Transactor,
  sessions: readonly { organization_id: string; id: string }[],
): Promise<void> {
  for (const { organization_id, id } of sessions) {
    await tx
      .deleteFrom("blob_reference")
      .where("organization_id", "=", organization_id)
      .where("kind", "=", "upload_chunk")
      .where("owner_id", "in", (eb) =>
        eb
          .selectFrom("upload_chunk")
          .select("id")
          .where("organization_id", "=", organization_id)
          .where("session_id", "=", id),
      )
      .execute();
    // Its pieces go with it.
    await tx.deleteFrom("upload_session").where("organization_id", "=", organization_id).where("id", "=", id).execute();
  }
}
