import type { Store } from "../../../store/database.ts";
import { type AccountAccess, type Right, requireRight } from "../../access/account-access.ts";
import { type Grantee, grantAccount } from "../../access/grant-account.ts";
import { requireMailboxRight, rightsIn } from "../../access/mailbox-rights.ts";
import { DomainError } from "../../errors.ts";
import { readMailbox } from "../list-mailboxes.ts";
import { listGrants } from "./list-grants.ts";

/** What makes sense on one mailbox: an address belongs to the account. */
export const ofMailboxes: ReadonlySet<Right> = new Set(["read", "write", "delete", "share", "manage"]);

/**
 * Gives a person or group rights on one mailbox, or on the whole account (an assistant's on a boss's mail), replacing those they had
 * there; none takes them away. It holds at once, in connections that are open too. Who gives needs `share` on the mailbox, or `manage`
 * for the whole account; who has `share` only may neither give nor take a right that they do not have themselves.
 * @param mailboxId null for the whole account
 * @throws DomainError `forbidden`, `not_found` (mailbox), `invalid` (to the owner, or a right that a mailbox does not know)
 */
export async function grantMailbox(
  store: Pick<Store, "read" | "transact">,
  access: AccountAccess,
  mailboxId: string | null,
  grantee: Grantee,
  rights: readonly Right[],
): Promise<void> {
  if (mailboxId === null) requireRight(access, "manage");
  else {
    await readMailbox(store.read, access, mailboxId);
    requireMailboxRight(access, mailboxId, "share");
    const foreign = rights.find((right) => !ofMailboxes.has(right));
    if (foreign !== undefined) throw new DomainError("invalid", `"${foreign}" is given on a whole account only`);
  }
  if (grantee.principalId === access.ownerId) throw new DomainError("invalid", "The owner has all rights already");
  const held = mailboxId === null ? access.rights : rightsIn(access, mailboxId);
  const before = (await listGrants(store.read, access)).find(
    (each) => each.granteeId === grantee.principalId && each.mailboxId === mailboxId,
  );
  const moved = [
    ...rights.filter((right) => before?.rights.includes(right) !== true),
    ...(before?.rights ?? []).filter((right) => !rights.includes(right)),
  ];
  const beyond = moved.find((right) => !held.has(right));
  if (beyond !== undefined && !held.has("manage"))
    throw new DomainError("forbidden", "You may not give or take a right that you do not have");
  await store.transact((tx) =>
    grantAccount(tx, { ...keyOf(access), mailboxId }, grantee, rights, access.viewer.principalId),
  );
}

function keyOf({ organizationId, accountId }: AccountAccess) {
  return { organizationId, accountId };
}
