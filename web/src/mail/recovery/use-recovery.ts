import type { Recoverable, RecoverableMailbox, RecoverableMessage, Restored } from "@bouquet/contract/mail-recovery.ts";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { ApiError, request } from "../../api/http.ts";
import { useMailRecoveryText } from "../../i18n/mail-recovery.ts";
import { toast, toastProblem } from "../../ui/toast.tsx";
import { useMailboxes } from "../jmap/accounts.ts";
import { useMailboxName } from "../navigation/mailbox-name.ts";

const area = ["mail", "recovery"] as const;

/** What can be brought back to an account; `text` is sought by the server, in all of it. */
export function useRecoverable(accountId: string, text: string) {
  return useInfiniteQuery({
    queryKey: [...area, accountId, text],
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams({ accountId, ...(text && { text }), ...(pageParam && { before: pageParam }) });
      return request<Recoverable>(`/api/mail/recovery?${query}`, { signal });
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
  });
}

/** Brings back, then says where to. */
export function useRestore(accountId: string) {
  const t = useMailRecoveryText();
  const queries = useQueryClient();
  const nameOf = useMailboxName();
  const { data: mailboxes = [] } = useMailboxes(accountId);
  const explain = (error: unknown) => {
    if (error instanceof ApiError && error.code === "over_quota") return t.noRoom;
    if (error instanceof ApiError && error.code === "forbidden") return t.notYours;
    return t.failed;
  };
  const refresh = () => queries.invalidateQueries({ queryKey: [...area, accountId] });

  /** The folder that all of these go back to, as the server chooses it. */
  const targetOf = (messages: readonly RecoverableMessage[]): string | undefined => {
    const inbox = mailboxes.find((each) => each.role === "inbox");
    const targets = messages.map(({ mailboxId }) => {
      const former = mailboxes.find((each) => each.id === mailboxId);
      return former && former.role !== "trash" ? former : inbox;
    });
    const [first] = targets;
    return first && targets.every((each) => each === first) ? nameOf(first) : undefined;
  };

  return {
    /** @returns whether it succeeded */
    messages: async (messages: readonly RecoverableMessage[]): Promise<boolean> => {
      const target = targetOf(messages);
      let restored = 0;
      try {
        for (let from = 0; from < messages.length; from += 500) {
          const ids = messages.slice(from, from + 500).map(({ id }) => id);
          const body = { accountId, ids };
          restored += (await request<Restored>("/api/mail/recovery/messages", { method: "POST", body })).restored;
        }
        toast(restored === 0 ? t.restoredNone : target ? t.restoredTo(restored, target) : t.restoredBack(restored));
        return true;
      } catch (error) {
        toastProblem(explain(error));
        return false;
      } finally {
        await refresh();
      }
    },
    mailbox: async ({ id, path }: RecoverableMailbox): Promise<void> => {
      try {
        const body = { accountId, mailboxId: id };
        const { restored } = await request<Restored>("/api/mail/recovery/mailboxes", { method: "POST", body });
        toast(t.folderRestored(path.at(-1) ?? "", restored));
      } catch (error) {
        toastProblem(explain(error));
      } finally {
        await refresh();
      }
    },
  };
}
