import { useErrorText } from "../../api/error-text.ts";
import { toastProblem } from "../../ui/toast.tsx";
import type { ListItem } from "../jmap/account-cache.ts";
import { type MailAccount, useCache } from "../jmap/accounts.ts";
import { useOwnAddresses } from "../use-own-addresses.ts";
import { useChangeSenderRules } from "./sender-rules.ts";

/** Blocks or allows whoever wrote a message; nobody when it is one's own, or the mailbox is only read. */
export function useSenderDecision(account: MailAccount, item: ListItem) {
  const cache = useCache(account.id);
  const own = useOwnAddresses();
  const errorText = useErrorText();
  const { add } = useChangeSenderRules("mine", account.id);
  const emails = cache.thread(item.threadId)?.emails ?? [];
  const from = emails
    .toReversed()
    .map((email) => email.from?.[0]?.email.toLowerCase() ?? "")
    .find((email) => email !== "" && !own.has(email));
  const address = account.isReadOnly || from === undefined ? null : from;
  const decide = (kind: "allow" | "block") => () => {
    if (address) add.mutate({ kind, pattern: address }, { onError: (error) => toastProblem(errorText(error)) });
  };
  return { address, block: decide("block"), allow: decide("allow") };
}
