import { MailGrantChange, MailSharing, PersonalSeenChange, SharingScope } from "@bouquet/contract/mail-sharing.ts";
import { mailRights, openAccount } from "../../../domain/access/account-access.ts";
import { findGrantee } from "../../../domain/mail/delegation/find-grantee.ts";
import { grantMailbox } from "../../../domain/mail/delegation/grant-mailbox.ts";
import type { Grant } from "../../../domain/mail/delegation/list-grants.ts";
import { readSharing } from "../../../domain/mail/delegation/read-sharing.ts";
import { changePersonalSeen } from "../../../domain/mail/delegation/set-personal-seen.ts";
import type { MailDeps } from "../../../domain/mail/model.ts";
import { requireViewer } from "../../shared/http-access.ts";
import type { ServicePlugin } from "../../shared/service-app.ts";

/** Who has which rights on a mailbox or a whole account, and giving them to people and groups of its organization. */
export function sharingApi({ store }: Pick<MailDeps, "store">): ServicePlugin {
  return async (app) => {
    app.get(
      "/api/mail/sharing",
      { schema: { querystring: SharingScope, response: { 200: MailSharing } } },
      async (request): Promise<MailSharing> => {
        const { accountId, mailboxId } = request.query;
        const access = await openAccount(store.read, requireViewer(request), accountId);
        const sharing = await readSharing(store.read, access, mailboxId ?? null);
        return {
          owner: { name: access.ownerName, address: access.ownerAddress ?? null },
          mayGive: [...sharing.mayGive],
          grants: sharing.grants.map(toApi),
          ...(sharing.personalSeen !== undefined && { personalSeen: sharing.personalSeen }),
        };
      },
    );

    app.put("/api/mail/sharing", { schema: { body: MailGrantChange } }, async (request, reply) => {
      const { accountId, mailboxId = null, identifier, rights } = request.body;
      const access = await openAccount(store.read, requireViewer(request), accountId);
      // Before the grantee is sought: who may not share learns nothing about who exists.
      await readSharing(store.read, access, mailboxId);
      const grantee = await findGrantee(store.read, access.organizationId, identifier);
      await grantMailbox(store, access, mailboxId, grantee, rights);
      return reply.code(204).send();
    });

    app.put("/api/mail/sharing/personal-seen", { schema: { body: PersonalSeenChange } }, async (request, reply) => {
      const access = await openAccount(store.read, requireViewer(request), request.body.accountId);
      await changePersonalSeen(store, access, request.body.isPersonal);
      return reply.code(204).send();
    });
  };
}

function toApi({ granteeId, kind, displayName, identifier, mailboxId, rights }: Grant): MailSharing["grants"][number] {
  return {
    granteeId,
    kind: kind === "person" || kind === "group" ? kind : "other",
    name: displayName,
    identifier,
    isOnAccount: mailboxId === null,
    rights: mailRights.filter((right) => rights.includes(right)),
  };
}
