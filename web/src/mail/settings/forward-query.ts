import type { ForwardState } from "@bouquet/contract/mail-forward.ts";
import { useQuery } from "@tanstack/react-query";
import { request } from "../../api/http.ts";
import type { MailAccount } from "../jmap/accounts.ts";

export const forwardPath = "/api/mail/forward";
export const forwardKey = (accountId: string) => ["mail", "forward", accountId];

export function useForward(accountId: string) {
  return useQuery({
    queryKey: forwardKey(accountId),
    queryFn: () => request<ForwardState>(`${forwardPath}?accountId=${encodeURIComponent(accountId)}`),
  });
}

/** Whether the person may say what happens to the mail of a mailbox; supposed until it is known. */
export function useMayManage(account: MailAccount): boolean {
  const { data } = useForward(account.id);
  return account.isOwn || (data?.mayChange ?? true);
}
