import type { Id } from "@bouquet/contract/jmap.ts";
import { useQueryClient } from "@tanstack/react-query";
import { mailboxesQuery } from "../../jmap/accounts.ts";
import { call, requireAllSet } from "../../jmap/client.ts";

/** Makes a folder at the top of an account, or finds the one that has the name. Gives its id. */
export function useCreateFolder(accountId: Id): (name: string) => Promise<Id> {
  const queries = useQueryClient();
  return async (name) => {
    const query = mailboxesQuery(queries, accountId);
    const known = await queries.fetchQuery({ ...query, staleTime: 0 });
    const same = known.find(
      (mailbox) => mailbox.parentId === null && mailbox.name.toLowerCase() === name.toLowerCase(),
    );
    if (same) return same.id;
    const create = { new: { name, parentId: null } };
    const { created } = requireAllSet(await call("Mailbox/set", { accountId, create }));
    await queries.invalidateQueries({ queryKey: query.queryKey });
    return created?.new?.id ?? "";
  };
}
