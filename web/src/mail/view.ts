import type { Id } from "@bouquet/contract/jmap.ts";
import type { Mailbox } from "@bouquet/contract/jmap-mail.ts";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import type { ListScope } from "./jmap/account-cache.ts";
import { type MailAccount, useJmap, useMailboxes } from "./jmap/accounts.ts";

/** Search parameters of the address. */
export interface MailSearch {
  /** What is sought, as typed. */
  readonly q?: string;
  /** Present when the search leaves the mailbox. */
  readonly all?: true;
}

export function readMailSearch(search: Record<string, unknown>): MailSearch {
  const q = typeof search.q === "string" || typeof search.q === "number" ? String(search.q).trim() : "";
  if (q === "") return {};
  return search.all === undefined ? { q } : { q, all: true };
}

/** What the address names: `/me/inbox/<thread>?q=…`. */
export interface MailView {
  readonly account: MailAccount;
  readonly mailboxes: readonly Mailbox[];
  /** Undefined while mailboxes are read, and when the address names none. */
  readonly mailbox: Mailbox | undefined;
  readonly threadId: Id | undefined;
  readonly search: string;
  readonly everywhere: boolean;
  readonly isLoading: boolean;
  readonly error: unknown;
}

export function useMailView(): MailView {
  const { accounts, own } = useJmap();
  const params: { account?: string; mailbox?: string; thread?: string } = useParams({ strict: false });
  const search = readMailSearch(useSearch({ strict: false }));
  const account = accounts.find((each) => each.id === params.account) ?? own;
  const { data, isPending, error } = useMailboxes(account.id);
  return useMemo(() => {
    const mailboxes = data ?? [];
    const name = params.mailbox ?? "inbox";
    return {
      account,
      mailboxes,
      mailbox: mailboxes.find((each) => each.role === name) ?? mailboxes.find((each) => each.id === name),
      threadId: params.thread,
      search: search.q ?? "",
      everywhere: search.all === true,
      isLoading: isPending,
      error,
    };
  }, [account, data, isPending, error, params.mailbox, params.thread, search.q, search.all]);
}

export function scopeOf({ mailbox, search, everywhere }: MailView): ListScope {
  return {
    mailboxId: search !== "" && everywhere ? null : (mailbox?.id ?? null),
    // Two drafts of one conversation are two drafts.
    collapse: mailbox?.role !== "drafts",
    search,
  };
}

/** Parameters of the address of a mailbox. */
export function addressOf(account: MailAccount, mailbox: Mailbox | undefined) {
  return { account: account.isOwn ? "me" : account.id, mailbox: mailbox?.role ?? mailbox?.id ?? "inbox" };
}

/** Goes to places of the webmail. */
export function useGo(view: MailView) {
  const navigate = useNavigate();
  return useMemo(() => {
    const here = addressOf(view.account, view.mailbox);
    const search: MailSearch =
      view.search === "" ? {} : { q: view.search, ...(view.everywhere && { all: true as const }) };
    return {
      toThread: (threadId: Id, replace = false) =>
        void navigate({ to: "/$account/$mailbox/$thread", params: { ...here, thread: threadId }, search, replace }),
      toList: (replace = false) => void navigate({ to: "/$account/$mailbox", params: here, search, replace }),
      toMailbox: (account: MailAccount, mailbox: Mailbox | undefined) =>
        void navigate({ to: "/$account/$mailbox", params: addressOf(account, mailbox), search: {} }),
      toSearch: (q: string, everywhere: boolean) =>
        void navigate({
          to: "/$account/$mailbox",
          params: here,
          search: q === "" ? {} : { q, ...(everywhere && { all: true as const }) },
        }),
    };
  }, [navigate, view.account, view.mailbox, view.search, view.everywhere]);
}
