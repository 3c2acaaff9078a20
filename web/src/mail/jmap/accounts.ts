import type { Id, JmapSession } from "@bouquet/contract/jmap.ts";
import { jmapCapabilities } from "@bouquet/contract/jmap.ts";
import type { Identity, Mailbox, Quota } from "@bouquet/contract/jmap-mail.ts";
import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, useContext } from "react";
import { cacheOf, keys } from "./account-cache.ts";
import { call, readJmapSession } from "./client.ts";

export interface MailAccount {
  readonly id: Id;
  readonly name: string;
  readonly isOwn: boolean;
  readonly isReadOnly: boolean;
  /** Bytes of all attachments of a message. */
  readonly maxAttachments: number;
  /** Seconds; 0 when sending cannot wait. */
  readonly maxDelayedSend: number;
}

export interface Jmap {
  readonly session: JmapSession;
  /** The person's own first. */
  readonly accounts: readonly MailAccount[];
  readonly own: MailAccount;
}

/** The accounts that hold mail. Undefined when the person has none. */
export function describeSession(session: JmapSession): Jmap | undefined {
  const accounts = Object.entries(session.accounts).flatMap(([id, account]): MailAccount[] => {
    const mail = account.accountCapabilities[jmapCapabilities.mail];
    if (!mail) return [];
    const submission = account.accountCapabilities[jmapCapabilities.submission];
    return [
      {
        id,
        name: account.name,
        isOwn: account.isPersonal,
        isReadOnly: account.isReadOnly,
        maxAttachments: mail.maxSizeAttachmentsPerEmail,
        maxDelayedSend: submission?.maxDelayedSend ?? 0,
      },
    ];
  });
  accounts.sort((a, b) => Number(b.isOwn) - Number(a.isOwn) || a.name.localeCompare(b.name));
  const own = accounts[0];
  return own && { session, accounts, own };
}

export function useJmapSessionQuery({ enabled = true } = {}) {
  return useQuery({ queryKey: keys.session, queryFn: readJmapSession, staleTime: Number.POSITIVE_INFINITY, enabled });
}

export const JmapContext = createContext<Jmap | null>(null);

/** Session and accounts. Only under `MailPage`. */
export function useJmap(): Jmap {
  const jmap = useContext(JmapContext);
  if (!jmap) throw new Error("useJmap is used outside of MailPage");
  return jmap;
}

export function useCache(accountId: Id) {
  return cacheOf(useQueryClient(), accountId);
}

export function mailboxesQuery(queries: QueryClient, accountId: Id) {
  return {
    queryKey: keys.mailboxes(accountId),
    queryFn: async (): Promise<Mailbox[]> => {
      const { list, state } = await call("Mailbox/get", { accountId, ids: null });
      cacheOf(queries, accountId).mailboxState = state;
      return list;
    },
    staleTime: Number.POSITIVE_INFINITY,
  };
}

export function useMailboxes(accountId: Id) {
  return useQuery(mailboxesQuery(useQueryClient(), accountId));
}

export function identitiesQuery(accountId: Id) {
  return {
    queryKey: keys.identities(accountId),
    queryFn: async (): Promise<Identity[]> => (await call("Identity/get", { accountId, ids: null })).list,
    staleTime: Number.POSITIVE_INFINITY,
  };
}

export function useQuota(accountId: Id) {
  return useQuery({
    queryKey: keys.quota(accountId),
    queryFn: async (): Promise<Quota | null> => (await call("Quota/get", { accountId, ids: null })).list[0] ?? null,
    staleTime: Number.POSITIVE_INFINITY,
  });
}
