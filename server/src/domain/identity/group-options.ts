import type { Reader, Transactor } from "../../store/database.ts";
import { DomainError } from "../errors.ts";
import type { PrincipalKey } from "./identity-deps.ts";
import { normalizeAddress } from "./normalize-address.ts";
import type { Viewer } from "./viewer.ts";

export interface GroupOptions {
  /** Who may write to it. Its moderators always may. */
  posting: "members" | "organization" | "anyone";
  /** Nobody but its moderators and the administrators sees who is in it. */
  hidesMembers: boolean;
  /** What is written to it waits for one of its moderators. */
  isModerated: boolean;
}

const defaultGroupOptions: GroupOptions = { posting: "anyone", hidesMembers: false, isModerated: false };

export async function readGroupOptions(reader: Reader, group: PrincipalKey): Promise<GroupOptions> {
  const row = await reader
    .selectFrom("group_option")
    .select(["posting", "hides_members", "is_moderated"])
    .where("organization_id", "=", group.organizationId)
    .where("group_id", "=", group.principalId)
    .executeTakeFirst();
  if (!row) return defaultGroupOptions;
  return {
    posting: row.posting as GroupOptions["posting"],
    hidesMembers: row.hides_members,
    isModerated: row.is_moderated,
  };
}

/** Changes the options that are given. @throws DomainError `not_found` when it is no group */
export async function setGroupOptions(
  tx: Transactor,
  group: PrincipalKey,
  options: Partial<GroupOptions>,
): Promise<void> {
  await requireGroup(tx, group);
  const all = { ...(await readGroupOptions(tx, group)), ...options };
  const values = { posting: all.posting, hides_members: all.hidesMembers, is_moderated: all.isModerated };
  await tx
    .insertInto("group_option")
    .values({ organization_id: group.organizationId, group_id: group.principalId, ...values })
    .onConflict((conflict) => conflict.columns(["organization_id", "group_id"]).doUpdateSet(values))
    .execute();
}

/** Adds people of the organization who decide what a moderated group gets. @throws DomainError `not_found` */
export async function addGroupModerators(
  tx: Transactor,
  group: PrincipalKey,
  principalIds: readonly string[],
): Promise<void> {
  await requireGroup(tx, group);
  if (principalIds.length === 0) return;
  const found = await tx
    .selectFrom("principal")
    .select("id")
    .where("organization_id", "=", group.organizationId)
    .where("id", "in", [...principalIds])
    .where("kind", "in", ["person", "shared_mailbox"])
    .execute();
  if (found.length !== new Set(principalIds).size) throw new DomainError("not_found", "There is no such person");
  await tx
    .insertInto("group_moderator")
    .values(
      principalIds.map((id) => ({
        organization_id: group.organizationId,
        group_id: group.principalId,
        principal_id: id,
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function removeGroupModerator(tx: Transactor, group: PrincipalKey, principalId: string): Promise<void> {
  await tx
    .deleteFrom("group_moderator")
    .where("organization_id", "=", group.organizationId)
    .where("group_id", "=", group.principalId)
    .where("principal_id", "=", principalId)
    .execute();
}

/**
 * Adds an address elsewhere to a group. People of the organization are members by their principal: see `addGroupMembers`.
 * @returns the address as it is kept
 * @throws DomainError `invalid` (also for an address of the organization itself), `not_found` when it is no group
 */
export async function addOutsideMember(tx: Transactor, group: PrincipalKey, text: string): Promise<string> {
  await requireGroup(tx, group);
  const { address, domain } = normalizeAddress(text);
  const own = await tx
    .selectFrom("domain")
    .select("name")
    .where("name", "=", domain)
    .where("organization_id", "=", group.organizationId)
    .executeTakeFirst();
  if (own) throw new DomainError("invalid", `The address ${address} is of the organization itself`);
  await tx
    .insertInto("group_outside_member")
    .values({ organization_id: group.organizationId, group_id: group.principalId, address })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return address;
}

export async function removeOutsideMember(tx: Transactor, group: PrincipalKey, text: string): Promise<void> {
  await tx
    .deleteFrom("group_outside_member")
    .where("organization_id", "=", group.organizationId)
    .where("group_id", "=", group.principalId)
    .where("address", "=", normalizeAddress(text).address)
    .execute();
}

export interface GroupMember {
  kind: "person" | "group" | "resource" | "shared_mailbox" | "team_folder" | "outside";
  /** Null for an address elsewhere. */
  principalId: string | null;
  displayName: string;
  address: string | null;
}

/**
 * Who is in a group, as the viewer may see it: nobody is shown of a group that hides its members, but to its moderators and the
 * administrators. Groups inside it are named, not opened.
 * @returns undefined when the members are hidden from the viewer
 * @throws DomainError `not_found`
 */
export async function listGroupMembers(
  reader: Reader,
  viewer: Viewer,
  groupId: string,
): Promise<GroupMember[] | undefined> {
  const group = { organizationId: viewer.organizationId, principalId: groupId };
  await requireGroup(reader, group);
  const { hidesMembers } = await readGroupOptions(reader, group);
  if (hidesMembers && !viewer.roles.has("member_administrator")) {
    const moderator = await reader
      .selectFrom("group_moderator")
      .select("principal_id")
      .where("organization_id", "=", viewer.organizationId)
      .where("group_id", "=", groupId)
      .where("principal_id", "=", viewer.principalId)
      .executeTakeFirst();
    if (!moderator) return undefined;
  }
  const inside = await reader
    .selectFrom("group_member as g")
    .innerJoin("principal as p", (join) =>
      join.onRef("p.organization_id", "=", "g.organization_id").onRef("p.id", "=", "g.member_id"),
    )
    .leftJoin("address as a", (join) =>
      join
        .onRef("a.organization_id", "=", "p.organization_id")
        .onRef("a.principal_id", "=", "p.id")
        .on("a.kind", "=", "primary"),
    )
    .select(["p.kind", "p.id", "p.display_name", "a.address"])
    .where("g.organization_id", "=", viewer.organizationId)
    .where("g.group_id", "=", groupId)
    .where("p.state", "<>", "deleted")
    .orderBy("p.display_name")
    .execute();
  const outside = await reader
    .selectFrom("group_outside_member")
    .select("address")
    .where("organization_id", "=", viewer.organizationId)
    .where("group_id", "=", groupId)
    .orderBy("address")
    .execute();
  return [
    ...inside.map((row) => ({
      kind: row.kind as GroupMember["kind"],
      principalId: row.id,
      displayName: row.display_name,
      address: row.address,
    })),
    ...outside.map(({ address }) => ({ kind: "outside" as const, principalId: null, displayName: address, address })),
  ];
}

async function requireGroup(reader: Reader, group: PrincipalKey): Promise<void> {
  const found = await reader
    .selectFrom("principal")
    .select("id")
    .where("organization_id", "=", group.organizationId)
    .where("id", "=", group.principalId)
    .where("kind", "=", "group")
    .where("state", "<>", "deleted")
    .executeTakeFirst();
  if (!found) throw new DomainError("not_found", "There is no such group");
}
