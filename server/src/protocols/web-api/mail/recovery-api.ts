import {
  Recoverable,
  RecoverySummary,
  Restored,
  RestoreMailbox,
  RestoreMessages,
  RestorePeriod,
  RestorePeriodOfPerson,
} from "@bouquet/contract/mail-recovery.ts";
import { Type } from "typebox";
import { type AccountAccess, openAccount } from "../../../domain/access/account-access.ts";
import { openAccountForRecovery, openPersonForRecovery } from "../../../domain/access/open-account-for-recovery.ts";
import { DomainError } from "../../../domain/errors.ts";
import type { Viewer } from "../../../domain/identity/viewer.ts";
import { listDeletedMailboxes } from "../../../domain/mail/list-deleted-mailboxes.ts";
import { listExpunged } from "../../../domain/mail/list-expunged.ts";
import type { MailDeps } from "../../../domain/mail/model.ts";
import { restoreExpunged } from "../../../domain/mail/restore-expunged.ts";
import { restoreMailbox } from "../../../domain/mail/restore-mailbox.ts";
import { restorePeriod } from "../../../domain/mail/restore-period.ts";
import { summarizeDeleted } from "../../../domain/mail/summarize-deleted.ts";
import { requireViewer } from "../../shared/http-access.ts";
import type { ServicePlugin } from "../../shared/service-app.ts";

const pageSize = 50;
const AccountQuery = Type.Object({ accountId: Type.String() });
const PageQuery = Type.Object({
  accountId: Type.String(),
  before: Type.Optional(Type.String({ maxLength: 100 })),
  text: Type.Optional(Type.String({ maxLength: 200 })),
});

/** Bringing back deleted mail: for whoever may write in an account, and, unseen, for the administrator. */
export function recoveryApi(deps: MailDeps, days: number): ServicePlugin {
  const { read } = deps.store;

  /** The account for whoever may write in it, else for its administrator. */
  const openForRestoring = async (viewer: Viewer, accountId: string): Promise<AccountAccess> => {
    try {
      const access = await openAccount(read, viewer, accountId);
      if (access.rights.has("write")) return access;
    } catch (error) {
      if (!(error instanceof DomainError && error.code === "not_found")) throw error;
    }
    return openAccountForRecovery(read, viewer, accountId);
  };

  return async (app) => {
    app.get(
      "/api/mail/recovery",
      { schema: { querystring: PageQuery, response: { 200: Recoverable } } },
      async (request) => {
        const { accountId, before, text } = request.query;
        const access = await openAccount(read, requireViewer(request), accountId);
        const [mailboxes, found] = await Promise.all([
          before === undefined ? listDeletedMailboxes(read, access) : [],
          listExpunged(read, access, {
            limit: pageSize + 1,
            ...(before !== undefined && { before: parsePlace(before) }),
            ...(text !== undefined && { text }),
          }),
        ]);
        const messages = found.slice(0, pageSize);
        const last = messages.at(-1);
        return {
          days,
          mailboxes: mailboxes.map((each) => ({ ...each, deletedAt: each.deletedAt.toISOString() })),
          messages: messages.map((each) => ({
            id: each.id,
            subject: each.subject,
            preview: each.preview,
            from: each.from,
            mailboxId: each.mailboxId,
            mailboxName: each.mailboxName,
            receivedAt: each.receivedAt.toISOString(),
            deletedAt: each.expungedAt.toISOString(),
            size: each.size,
          })),
          ...(found.length > pageSize && last && { next: `${last.expungedAt.toISOString()}_${last.id}` }),
        };
      },
    );

    app.post(
      "/api/mail/recovery/messages",
      { schema: { body: RestoreMessages, response: { 200: Restored } } },
      async (request) => {
        const access = await openAccount(read, requireViewer(request), request.body.accountId);
        return restoreExpunged(deps, access, request.body.ids);
      },
    );

    app.post(
      "/api/mail/recovery/mailboxes",
      { schema: { body: RestoreMailbox, response: { 200: Restored } } },
      async (request) => {
        const access = await openAccount(read, requireViewer(request), request.body.accountId);
        const { restored } = await restoreMailbox(deps, access, request.body.mailboxId);
        return { restored };
      },
    );

    app.get(
      "/api/mail/recovery/summary",
      { schema: { querystring: AccountQuery, response: { 200: RecoverySummary } } },
      async (request) => {
        const access = await openForRestoring(requireViewer(request), request.query.accountId);
        return { days, deleted: await summarizeDeleted(read, access) };
      },
    );

    app.post(
      "/api/mail/recovery/period",
      { schema: { body: RestorePeriod, response: { 200: Restored } } },
      async (request) => {
        const { accountId, since, until } = request.body;
        const access = await openForRestoring(requireViewer(request), accountId);
        return restorePeriod(deps, access, { since: new Date(since), until: new Date(until) });
      },
    );
  };
}

/** The administrator's part, on the portal: people are told by who they are, and nothing of what is in their mail is shown. */
export function recoveryOfPeopleApi(deps: MailDeps, days: number): ServicePlugin {
  const { read } = deps.store;
  const params = Type.Object({ uid: Type.String({ maxLength: 64 }) });
  return async (app) => {
    app.get(
      "/api/people/:uid/deleted-mail",
      { schema: { params, response: { 200: RecoverySummary } } },
      async (request) => {
        const access = await openPersonForRecovery(read, requireViewer(request), request.params.uid);
        return { days, deleted: await summarizeDeleted(read, access) };
      },
    );

    app.post(
      "/api/people/:uid/deleted-mail",
      { schema: { params, body: RestorePeriodOfPerson, response: { 200: Restored } } },
      async (request) => {
        const { since, until } = request.body;
        const access = await openPersonForRecovery(read, requireViewer(request), request.params.uid);
        return restorePeriod(deps, access, { since: new Date(since), until: new Date(until) });
      },
    );
  };
}

function parsePlace(text: string): { expungedAt: Date; id: string } {
  const [time = "", id = ""] = text.split("_");
  const expungedAt = new Date(time);
  if (Number.isNaN(expungedAt.getTime()) || !/^[\da-f-]{36}$/.test(id)) {
    throw new DomainError("invalid", "This is no place in the list");
  }
  return { expungedAt, id };
}
