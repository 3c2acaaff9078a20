import { ForwardChange, ForwardScope, ForwardState } from "@bouquet/contract/mail-forward.ts";
import { type AccountAccess, openAccount } from "../../../domain/access/account-access.ts";
import { changeForward, readForwardOverview } from "../../../domain/mail/delivery/change-forward.ts";
import type { MailDeps } from "../../../domain/mail/model.ts";
import { requireViewer } from "../../shared/http-access.ts";
import type { ServicePlugin } from "../../shared/service-app.ts";

/** Where a mailbox sends its mail on to. */
export function forwardApi(deps: Pick<MailDeps, "store">): ServicePlugin {
  const { read } = deps.store;
  const stateOf = async (access: AccountAccess): Promise<ForwardState> => {
    const { forward, domains, mayChange } = await readForwardOverview(read, access);
    return {
      forward: forward ? { ...forward, addresses: [...forward.addresses] } : null,
      domains: [...domains],
      mayChange,
    };
  };

  return async (app) => {
    app.get(
      "/api/mail/forward",
      { schema: { querystring: ForwardScope, response: { 200: ForwardState } } },
      async (request) => stateOf(await openAccount(read, requireViewer(request), request.query.accountId)),
    );

    app.put(
      "/api/mail/forward",
      { schema: { body: ForwardChange, response: { 200: ForwardState } } },
      async (request) => {
        const { accountId, forward } = request.body;
        const access = await openAccount(read, requireViewer(request), accountId);
        await changeForward(deps, access, forward ?? undefined);
        return stateOf(access);
      },
    );
  };
}
