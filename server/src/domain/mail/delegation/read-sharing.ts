import type { Reader } from "../../../store/database.ts";
import { type AccountAccess, type MailRight, mailRights, requireRight } from "../../access/account-access.ts";
import { requireMailboxRight, rightsIn } from "../../access/mailbox-rights.ts";
import { readMailbox } from "../list-mailboxes.ts";
import { ofMailboxes } from "./grant-mailbox.ts";
import { type Grant, listGrants } from "./list-grants.ts";

export interface Sharing {
  /** What the viewer may give and take there. */
  readonly mayGive: readonly MailRight[];
  /** On a mailbox, those of the whole account too, which hold in it. */
  readonly grants: readonly Grant[];
  /** The option of the account, for who may decide about it. */
  readonly personalSeen: boolean | undefined;
}

/**
 * Who has which rights on a mailbox or on a whole account, for whoever may give some: who may only read need not know who else does.
 * @param mailboxId null for the whole account
 * @throws DomainError `forbidden`, `not_found`
 */
export async function readSharing(reader: Reader, access: AccountAccess, mailboxId: string | null): Promise<Sharing> {
  if (mailboxId === null) requireRight(access, "manage");
  else {
    await readMailbox(reader, access, mailboxId);
    requireMailboxRight(access, mailboxId, "share");
  }
  const held = mailboxId === null ? access.rights : rightsIn(access, mailboxId);
  const known = mailRights.filter((right) => mailboxId === null || ofMailboxes.has(right));
  const grants = await listGrants(reader, access, mailboxId ?? undefined);
  return {
    mayGive: known.filter((right) => held.has("manage") || held.has(right)),
    grants: mailboxId === null ? grants.filter((grant) => grant.mailboxId === null) : grants,
    personalSeen: mailboxId === null ? access.hasPersonalSeen === true : undefined,
  };
}
