import type { Transactor } from "../../store/database.ts";
import type { PrincipalKey } from "./identity-deps.ts";
import { moveGrantsEpoch } from "./move-grants-epoch.ts";

/** Takes principals out of a group; those that are not in it are left alone. */
export async function removeGroupMembers(
  tx: Transactor,
  group: PrincipalKey,
  memberIds: readonly string[],
): Promise<void> {
  if (memberIds.length === 0) return;
  await tx
    .deleteFrom("group_member")
    .where("organization_id", "=", group.organizationId)
    .where("group_id", "=", group.principalId)
    .where("member_id", "in", [...memberIds])
    .execute();
  const reached = await moveGrantsEpoch(tx, group.organizationId, memberIds);
  for (const id of reached) tx.hint({ kind: "revoked", id });
}
