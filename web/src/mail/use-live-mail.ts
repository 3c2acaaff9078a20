import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useMailText } from "../i18n/mail.ts";
import { announce } from "../ui/announcer.tsx";
import { useOnline } from "../ui/online.ts";
import { cacheOf, keys } from "./jmap/account-cache.ts";
import { useJmap } from "./jmap/accounts.ts";
import { followPush } from "./jmap/push.ts";
import { syncAccount } from "./jmap/sync.ts";
import { nameOf } from "./list/row-names.ts";

/** Keeps every account of the page up to date while it is open. */
export function useLiveMail(): void {
  const { session, accounts } = useJmap();
  const queries = useQueryClient();
  const online = useOnline();
  const t = useMailText();

  useEffect(() => {
    const sync = async (accountId: string) => {
      const cache = cacheOf(queries, accountId);
      const arrived = await syncAccount(cache);
      const inbox = cache.mailboxes().find((mailbox) => mailbox.role === "inbox");
      const first = arrived.find((email) => inbox && email.mailboxIds[inbox.id] && !email.keywords.$seen);
      const from = first?.from?.[0];
      if (from) announce(t.arrived(nameOf(from)));
    };
    // A failed reading is caught up by the next hint, or when the network is back.
    const quietly = (accountId: string) => void sync(accountId).catch(() => undefined);
    const all = () => {
      for (const account of accounts) quietly(account.id);
    };
    // What changed between the first reading and the stream would else wait for the next hint.
    if (online) all();
    return followPush(session, (message) => {
      if (message["@type"] !== "StateChange") return all();
      for (const [accountId, states] of Object.entries(message.changed)) {
        const cache = cacheOf(queries, accountId);
        const isEmailNew = states.Email !== undefined && states.Email !== cache.emailState;
        const isMailboxNew = states.Mailbox !== undefined && states.Mailbox !== cache.mailboxState;
        if (isEmailNew || isMailboxNew) quietly(accountId);
        if (states.SieveScript !== undefined) void queries.invalidateQueries({ queryKey: keys.filters(accountId) });
      }
    });
  }, [session, accounts, queries, online, t]);
}
