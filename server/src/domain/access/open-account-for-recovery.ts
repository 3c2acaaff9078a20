import type { Reader } from "../../store/database.ts";
import { isUuid } from "../../store/uuid.ts";
import { DomainError } from "../errors.ts";
import type { Viewer } from "../identity/viewer.ts";
import type { AccountAccess, Right } from "./account-access.ts";

/** What bringing deleted things back needs; whoever holds the result must show nothing of what is in the account. */
const rights: readonly Right[] = ["read", "write", "create", "manage"];

/**
 * Opens somebody's account for their administrator to bring back what was deleted, for the operator in any organization.
 * @throws DomainError `not_found` for everybody else, and for accounts of other organizations: the two look the same
 */
export async function openAccountForRecovery(
  reader: Reader,
  viewer: Viewer,
  accountId: string,
): Promise<AccountAccess> {
  const row = isUuid(accountId)
    ? await reader
        .selectFrom("account as a")
        .innerJoin("principal as p", (join) =>
          join.onRef("p.organization_id", "=", "a.organization_id").onRef("p.id", "=", "a.owner_id"),
        )
        .select(["a.organization_id", "a.id", "p.id as owner_id", "p.kind", "p.display_name", "p.grants_epoch"])
        .where("a.id", "=", accountId)
        .where("a.deleted_at", "is", null)
        .executeTakeFirst()
    : undefined;
  const mayOpen =
    row !== undefined &&
    (viewer.roles.has("operator") ||
      (viewer.roles.has("member_administrator") && row.organization_id === viewer.organizationId));
  if (!mayOpen) throw new DomainError("not_found", "There is no such account");
  return {
    organizationId: row.organization_id,
    accountId: row.id,
    viewer,
    rights: new Set(rights),
    ownerId: row.owner_id,
    ownerKind: row.kind as AccountAccess["ownerKind"],
    ownerName: row.display_name,
    ownerAddress: undefined,
    grantsEpoch: row.grants_epoch,
    isOwn: false,
  };
}

/**
 * The same by the uid of somebody of the administrator's own organization.
 * @throws DomainError `not_found`
 */
export async function openPersonForRecovery(reader: Reader, viewer: Viewer, uid: string): Promise<AccountAccess> {
  const row = await reader
    .selectFrom("account as a")
    .innerJoin("principal as p", (join) =>
      join.onRef("p.organization_id", "=", "a.organization_id").onRef("p.id", "=", "a.owner_id"),
    )
    .select("a.id")
    .where("p.organization_id", "=", viewer.organizationId)
    .where("p.uid", "=", uid.replaceAll("\0", ""))
    .executeTakeFirst();
  return openAccountForRecovery(reader, viewer, row?.id ?? "");
}
