import type { Transactor } from "../../store/database.ts";
import { DomainError } from "../errors.ts";
import type { PrincipalKey } from "./identity-deps.ts";
import { moveGrantsEpoch } from "./move-grants-epoch.ts";

/**
 * Adds principals of the same organization to a group; those already in it stay. A group may hold groups: whoever walks them
 * keeps what it has seen.
 * @throws DomainError `not_found` when one of them is not of this organization
 */
export async function addGroupMembers(
  tx: Transactor,
  group: PrincipalKey,
  memberIds: readonly string[],
): Promise<void> {
  if (memberIds.length === 0) return;
  const found = await tx
    .selectFrom("principal")
    .select("id")
    .where("organization_id", "=", group.organizationId)
    .where("id", "in", [...memberIds])
    .execute();
  if (found.length !== new Set(memberIds).size) throw new DomainError("not_found", "There is no such person");
  await tx
    .insertInto("group_member")
    .values(
      memberIds.map((id) => ({ organization_id: group.organizationId, group_id: group.principalId, member_id: id })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  // What members may reach changes with the group.
  await moveGrantsEpoch(tx, group.organizationId, memberIds);
}
