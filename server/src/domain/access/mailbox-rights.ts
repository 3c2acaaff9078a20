import { DomainError } from "../errors.ts";
import type { AccountAccess, Right } from "./account-access.ts";

type Rights = Pick<AccountAccess, "rights" | "mailboxRights">;

/** What the viewer may do in a mailbox: what they may in the whole account, and what was granted on this mailbox alone. */
export function rightsIn(access: Rights, mailboxId: string): ReadonlySet<Right> {
  const own = access.mailboxRights?.get(mailboxId);
  if (own === undefined) return access.rights;
  return access.rights.size === 0 ? own : access.rights.union(own);
}

/** Whether the viewer sees that the mailbox exists, and what is in it. */
export function mayRead(access: Rights, mailboxId: string): boolean {
  return access.rights.has("read") || rightsIn(access, mailboxId).has("read");
}

/** Whether there is anything at all in the account's mailboxes that the viewer may change. */
export function mayChangeMail({ rights, mailboxRights, personalSeen }: Rights & Pick<AccountAccess, "personalSeen">) {
  const changes = (each: ReadonlySet<Right>) => each.has("write") || each.has("delete") || each.has("manage");
  return personalSeen === true || changes(rights) || [...(mailboxRights?.values() ?? [])].some(changes);
}

/** @throws DomainError `forbidden`; `not_found` to those who may not even read the mailbox */
export function requireMailboxRight(access: Rights, mailboxId: string, right: Right): void {
  const rights = rightsIn(access, mailboxId);
  if (!rights.has("read")) throw new DomainError("not_found", "There is no such mailbox");
  if (!rights.has(right)) throw new DomainError("forbidden", "You may not do this here", { detail: `right ${right}` });
}

/**
 * Whether the viewer may set and clear `\Seen` in a mailbox: for themselves alone whoever reads it, for all who read it only who
 * may change flags.
 */
export function mayMarkSeen(access: Rights & Pick<AccountAccess, "personalSeen">, mailboxId: string): boolean {
  return access.personalSeen === true ? mayRead(access, mailboxId) : rightsIn(access, mailboxId).has("write");
}

/**
 * The flags of these that the viewer may set and clear in a mailbox: `\Deleted` with `delete`, `\Seen` as `mayMarkSeen` says, the
 * others with `write` (RFC 4314 section 4).
 * @param flags normalized
 */
export function flagsAllowed(
  access: Rights & Pick<AccountAccess, "personalSeen">,
  mailboxId: string,
  flags: readonly string[],
): string[] {
  const rights = rightsIn(access, mailboxId);
  return flags.filter((flag) => {
    if (flag === "\\Seen") return mayMarkSeen(access, mailboxId);
    return rights.has(flag === "\\Deleted" ? "delete" : "write");
  });
}
