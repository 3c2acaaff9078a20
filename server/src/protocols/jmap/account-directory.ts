import { type AccountAccess, listAccounts } from "../../domain/access/account-access.ts";
import { mayChangeMail } from "../../domain/access/mailbox-rights.ts";
import type { Viewer } from "../../domain/identity/viewer.ts";
import type { JmapDeps } from "./jmap-deps.ts";
import { MethodFailure } from "./jmap-errors.ts";

/** The accounts that a viewer reaches, looked up once for a request. */
export interface AccountDirectory {
  /** Those with mail, the viewer's own first. */
  list(): Promise<AccountAccess[]>;
  /** @throws MethodFailure `accountNotFound`, `accountNotSupportedByMethod`; `accountReadOnly` when it is to be changed */
  open(accountId: string, use?: "read" | "change"): Promise<AccountAccess>;
}

export function createAccountDirectory(deps: JmapDeps, viewer: Viewer): AccountDirectory {
  let reading: Promise<AccountAccess[]> | undefined;
  const all = () => {
    reading ??= listAccounts(deps.mail.store.read, viewer).then((list) =>
      list.filter(({ rights }) => rights.has("read")),
    );
    return reading;
  };
  return {
    list: async () => (await all()).filter(hasMail),
    async open(accountId, use = "read") {
      const found = (await all()).find((account) => account.accountId === accountId);
      if (!found) throw new MethodFailure("accountNotFound");
      if (!hasMail(found)) throw new MethodFailure("accountNotSupportedByMethod");
      if (use === "change" && !mayChangeMail(found)) throw new MethodFailure("accountReadOnly");
      return found;
    },
  };
}

/** Whoever has an address has mailboxes, except groups, whose mail goes to their members. */
function hasMail(account: AccountAccess): boolean {
  return account.ownerAddress !== undefined && account.ownerKind !== "group" && account.ownerKind !== "team_folder";
}
