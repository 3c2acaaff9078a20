import type { Id, PatchObject } from "@bouquet/contract/jmap.ts";
import type { Email, Mailbox, Thread } from "@bouquet/contract/jmap-mail.ts";
import type { QueryClient } from "@tanstack/react-query";
import { patchEmail } from "./patch-email.ts";

export const summaryProperties = [
  "id",
  "threadId",
  "mailboxIds",
  "keywords",
  "from",
  "to",
  "subject",
  "receivedAt",
  "hasAttachment",
  "preview",
] as const satisfies readonly (keyof Email)[];

/** What lists and folded messages show. */
export type EmailSummary = Pick<Email, (typeof summaryProperties)[number]>;

export interface ThreadData {
  readonly id: Id;
  /** Oldest first. */
  readonly emails: readonly EmailSummary[];
}

export interface ListItem {
  readonly emailId: Id;
  readonly threadId: Id;
}
export interface ListData {
  /** From the newest on, without a hole. */
  readonly items: readonly ListItem[];
  readonly total: number;
}
/** The last part of a list's key. */
export interface ListScope {
  /** Null when all mailboxes are searched. */
  readonly mailboxId: Id | null;
  /** False shows each message by itself. */
  readonly collapse: boolean;
  readonly search: string;
}

export const keys = {
  session: ["jmap", "session"] as const,
  mailboxes: (accountId: Id) => ["jmap", accountId, "mailboxes"] as const,
  identities: (accountId: Id) => ["jmap", accountId, "identities"] as const,
  filters: (accountId: Id) => ["jmap", accountId, "filters"] as const,
  quota: (accountId: Id) => ["jmap", accountId, "quota"] as const,
  threads: (accountId: Id) => ["jmap", accountId, "thread"] as const,
  thread: (accountId: Id, threadId: Id) => ["jmap", accountId, "thread", threadId] as const,
  body: (accountId: Id, emailId: Id) => ["jmap", accountId, "body", emailId] as const,
  lists: (accountId: Id) => ["jmap", accountId, "list"] as const,
  list: (accountId: Id, scope: ListScope) => ["jmap", accountId, "list", scope] as const,
  snippets: (accountId: Id, search: string) => ["jmap", accountId, "snippets", search] as const,
};

/**
 * What is known of one account, normalised by conversation: a message is in exactly one. Lists hold ids only. The data are
 * in the query cache; here are the index of messages and the states that `/changes` starts from.
 */
export class AccountCache {
  readonly accountId: Id;
  readonly queries: QueryClient;
  readonly #threadOfEmail = new Map<Id, Id>();
  /** Earliest states that the cache may date from; only a `/changes` moves them on. */
  emailState: string | undefined;
  mailboxState: string | undefined;

  constructor(queries: QueryClient, accountId: Id) {
    this.queries = queries;
    this.accountId = accountId;
  }

  thread(threadId: Id): ThreadData | undefined {
    return this.queries.getQueryData(keys.thread(this.accountId, threadId));
  }

  threadOf(emailId: Id): ThreadData | undefined {
    const threadId = this.#threadOfEmail.get(emailId);
    return threadId === undefined ? undefined : this.thread(threadId);
  }

  threadIdOf(emailId: Id): Id | undefined {
    return this.#threadOfEmail.get(emailId);
  }

  email(emailId: Id): EmailSummary | undefined {
    return this.threadOf(emailId)?.emails.find((email) => email.id === emailId);
  }

  mailboxes(): readonly Mailbox[] {
    return this.queries.getQueryData<Mailbox[]>(keys.mailboxes(this.accountId)) ?? [];
  }

  /** Whole threads as the server gave them. */
  put(threads: readonly Thread[], emails: readonly EmailSummary[]): void {
    const byId = new Map(emails.map((email) => [email.id, email]));
    for (const thread of threads) {
      const known = thread.emailIds.map((emailId) => byId.get(emailId)).filter((email) => email !== undefined);
      if (known.length === 0) continue;
      for (const email of known) this.#threadOfEmail.set(email.id, thread.id);
      this.queries.setQueryData<ThreadData>(keys.thread(this.accountId, thread.id), { id: thread.id, emails: known });
    }
  }

  /** Removes destroyed messages from their conversations. */
  forget(emailIds: readonly Id[]): void {
    for (const emailId of emailIds) {
      const thread = this.threadOf(emailId);
      this.#threadOfEmail.delete(emailId);
      if (!thread) continue;
      const emails = thread.emails.filter((email) => email.id !== emailId);
      this.queries.setQueryData<ThreadData>(keys.thread(this.accountId, thread.id), { id: thread.id, emails });
    }
  }

  /** Applies a patch before the server has answered. */
  patch(emailId: Id, patch: PatchObject): void {
    const thread = this.threadOf(emailId);
    if (!thread) return;
    this.queries.setQueryData<ThreadData>(keys.thread(this.accountId, thread.id), {
      ...thread,
      emails: thread.emails.map((email) => (email.id === emailId ? patchEmail(email, patch) : email)),
    });
  }

  /** Takes out of the lists what is no longer in their mailbox. */
  pruneLists(): void {
    for (const [key, data] of this.queries.getQueriesData<ListData>({ queryKey: keys.lists(this.accountId) })) {
      const { mailboxId, collapse } = key[3] as ListScope;
      if (!data || mailboxId === null) continue;
      const items = data.items.filter(({ emailId, threadId }) => {
        const thread = this.thread(threadId);
        if (!thread) return true;
        return thread.emails.some((email) => (collapse || email.id === emailId) && email.mailboxIds[mailboxId]);
      });
      if (items.length === data.items.length) continue;
      const total = Math.max(items.length, data.total - (data.items.length - items.length));
      this.queries.setQueryData<ListData>(key, { items, total });
    }
  }

  /** Reads the lists again that are on the screen; the others when they are. */
  async refreshLists(): Promise<void> {
    await this.queries.invalidateQueries({ queryKey: keys.lists(this.accountId) });
  }
}

const caches = new WeakMap<QueryClient, Map<Id, AccountCache>>();

export function cacheOf(queries: QueryClient, accountId: Id): AccountCache {
  let ofClient = caches.get(queries);
  if (!ofClient) {
    ofClient = new Map();
    caches.set(queries, ofClient);
    queries.setQueryDefaults(["jmap"], { staleTime: Number.POSITIVE_INFINITY, gcTime: Number.POSITIVE_INFINITY });
  }
  let cache = ofClient.get(accountId);
  if (!cache) {
    cache = new AccountCache(queries, accountId);
    ofClient.set(accountId, cache);
  }
  return cache;
}
