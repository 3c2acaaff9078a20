import type { Id } from "@bouquet/contract/jmap.ts";
import type { Identity } from "@bouquet/contract/jmap-mail.ts";
import type { MailAccount } from "../jmap/accounts.ts";

export interface Sender {
  readonly accountId: Id;
  readonly identity: Identity;
}

/**
 * The addresses that a person may write from. One of a shared mailbox is used in that mailbox, so that its drafts and sent
 * mail are seen by those who share it; where the person may not write there, in their own.
 */
export function listSenders(
  accounts: readonly MailAccount[],
  identities: ReadonlyMap<Id, readonly Identity[]>,
): Sender[] {
  const byEmail = new Map<string, Sender>();
  for (const account of accounts) {
    for (const identity of identities.get(account.id) ?? []) {
      const key = identity.email.toLowerCase();
      if (byEmail.has(key) && (account.isOwn || account.isReadOnly)) continue;
      byEmail.set(key, { accountId: account.id, identity });
    }
  }
  return [...byEmail.values()];
}

/** The address to write from: one that the message was sent to, else the first of the account. */
export function chooseSender(
  senders: readonly Sender[],
  accountId: Id,
  addressed: readonly string[],
): Sender | undefined {
  const wanted = new Set(addressed.map((address) => address.toLowerCase()));
  const here = senders.filter((sender) => sender.accountId === accountId);
  return (
    here.find(({ identity }) => wanted.has(identity.email.toLowerCase())) ??
    here[0] ??
    senders.find(({ identity }) => wanted.has(identity.email.toLowerCase())) ??
    senders[0]
  );
}
