import type { Mailbox } from "@bouquet/contract/jmap-mail.ts";
import type { MailGrantChange, MailSharing } from "@bouquet/contract/mail-sharing.ts";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { request } from "../../api/http.ts";
import type { MailAccount } from "../jmap/accounts.ts";

/** Null stands for the whole account. */
export interface SharingPlace {
  readonly accountId: string;
  readonly mailboxId: string | null;
}

/** Folders are shared by themselves; from the other mailboxes one shares all. */
export function placeOf(account: MailAccount, mailbox: Mailbox): SharingPlace {
  return { accountId: account.id, mailboxId: mailbox.role === null ? mailbox.id : null };
}

/** Whether the menu offers it; the server decides. */
export function maySeeSharing(account: MailAccount, mailbox: Mailbox): boolean {
  const isOffered = mailbox.role === null || mailbox.role === "inbox";
  return isOffered && (account.isOwn || mailbox.myRights.mayCreateChild);
}

const keyOf = ({ accountId, mailboxId }: SharingPlace) => ["mail-sharing", accountId, mailboxId] as const;

export function useSharing(place: SharingPlace) {
  return useQuery({
    queryKey: keyOf(place),
    queryFn: ({ signal }) => {
      const { accountId, mailboxId } = place;
      const query = new URLSearchParams({ accountId, ...(mailboxId !== null && { mailboxId }) });
      return request<MailSharing>(`/api/mail/sharing?${query}`, { signal });
    },
    staleTime: 0,
  });
}

/** Both resolve when the list has been read again. @throws ApiError, OfflineError */
export function useChangeSharing(place: SharingPlace) {
  const queries = useQueryClient();
  const { accountId, mailboxId } = place;
  const put = async (path: string, body: unknown) => {
    await request<void>(path, { method: "PUT", body });
    await queries.invalidateQueries({ queryKey: ["mail-sharing", accountId] });
  };
  return {
    grant: (identifier: string, rights: MailGrantChange["rights"]) =>
      put("/api/mail/sharing", { accountId, ...(mailboxId !== null && { mailboxId }), identifier, rights }),
    setPersonalSeen: (isPersonal: boolean) => put("/api/mail/sharing/personal-seen", { accountId, isPersonal }),
  };
}
