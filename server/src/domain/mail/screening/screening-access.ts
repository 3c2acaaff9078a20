import { type AccountAccess, requireRight } from "../../access/account-access.ts";
import { requireAdministrator } from "../../identity/require-administrator.ts";
import type { Viewer } from "../../identity/viewer.ts";
import type { QuarantineScope } from "./quarantine.ts";
import type { RuleOwner } from "./sender-rules.ts";

/** What one mailbox may decide for itself: its quarantine, viruses apart, and its lists. @throws DomainError `forbidden` */
export function screeningOfAccount(access: AccountAccess): QuarantineScope & RuleOwner {
  requireRight(access, "write");
  return {
    organizationId: access.organizationId,
    accountId: access.accountId,
    mayReleaseViruses: false,
    decidedBy: access.viewer.principalId,
  };
}

/** What an administrator decides for everyone in the organization. @throws DomainError `forbidden` */
export function screeningOfOrganization(viewer: Viewer): QuarantineScope & RuleOwner {
  requireAdministrator(viewer);
  return {
    organizationId: viewer.organizationId,
    accountId: null,
    mayReleaseViruses: true,
    decidedBy: viewer.principalId,
  };
}
