import { createHash } from "node:crypto";
import {
  type JmapAccount,
  type JmapSession,
  jmapCapabilities,
  jmapPaths,
  type MailAccountCapability,
} from "@bouquet/contract/jmap.ts";
import type { AccountAccess } from "../../domain/access/account-access.ts";
import { mayChangeMail } from "../../domain/access/mailbox-rights.ts";
import type { Viewer } from "../../domain/identity/viewer.ts";
import { emailSortProperties } from "./email/email-filter.ts";
import type { JmapDeps } from "./jmap-deps.ts";
import type { JmapLimits } from "./limits.ts";
import { sieveAccountCapability } from "./sieve-capability.ts";

/** Thirty days (RFC 8621 section 1.3.2). */
export const maxDelayedSendSeconds = 2_592_000;

/**
 * The session object (RFC 8620 section 2).
 * @param origin that the client came to: its URLs stay on the same one
 */
export function makeSession(
  deps: JmapDeps,
  viewer: Viewer,
  accounts: readonly AccountAccess[],
  origin: string,
): JmapSession {
  const { core, mail, submission, quota, vacation, sieve, filters, recipients } = jmapCapabilities;
  const own = accounts.find((account) => account.isOwn);
  const ofAccounts = [mail, submission, quota, vacation, sieve, filters, recipients];
  return {
    capabilities: {
      [core]: coreCapability(deps.limits),
      ...Object.fromEntries(ofAccounts.map((each) => [each, {}])),
      [sieve]: { implementation: "Bouquet" },
    } as JmapSession["capabilities"],
    accounts: describeAccounts(deps.limits, accounts),
    primaryAccounts: own ? Object.fromEntries([core, ...ofAccounts].map((each) => [each, own.accountId])) : {},
    username: viewer.address ?? viewer.uid,
    apiUrl: `${origin}${jmapPaths.api}`,
    downloadUrl: `${origin}/jmap/download/{accountId}/{blobId}/{name}?accept={type}`,
    uploadUrl: `${origin}/jmap/upload/{accountId}/`,
    eventSourceUrl: `${origin}${jmapPaths.eventSource}?types={types}&closeafter={closeafter}&ping={ping}`,
    state: readSessionState(deps, accounts),
  };
}

/** Moves when anything of the session object does: accounts that come or go, rights, names. */
export function readSessionState(deps: JmapDeps, accounts: readonly AccountAccess[]): string {
  const known = [describeAccounts(deps.limits, accounts), accounts[0]?.grantsEpoch ?? 0];
  return createHash("sha256").update(JSON.stringify(known)).digest("base64url").slice(0, 22);
}

function coreCapability(limits: JmapLimits) {
  const { maxBodyValueBytes, maxBodyValuesBytes, maxDepth, maxValues, ...core } = limits;
  return { ...core, collationAlgorithms: ["i;ascii-casemap", "i;unicode-casemap"] };
}

function describeAccounts(limits: JmapLimits, accounts: readonly AccountAccess[]): Record<string, JmapAccount> {
  return Object.fromEntries(
    accounts.map((account) => [
      account.accountId,
      {
        name: account.ownerName,
        isPersonal: account.isOwn,
        isReadOnly: !mayChangeMail(account),
        accountCapabilities: {
          [jmapCapabilities.mail]: mailCapability(limits, account),
          [jmapCapabilities.submission]: {
            maxDelayedSend: maxDelayedSendSeconds,
            submissionExtensions: { FUTURERELEASE: [], DSN: [], SIZE: [String(limits.maxSizeUpload)] },
          },
          [jmapCapabilities.quota]: {},
          [jmapCapabilities.vacation]: {},
          [jmapCapabilities.sieve]: sieveAccountCapability,
          [jmapCapabilities.filters]: {},
          [jmapCapabilities.recipients]: {},
        },
      },
    ]),
  );
}

function mailCapability(limits: JmapLimits, account: AccountAccess): MailAccountCapability {
  return {
    maxMailboxesPerEmail: null,
    maxMailboxDepth: 20,
    maxSizeMailboxName: 255,
    // Base64 adds a third, and there is the header.
    maxSizeAttachmentsPerEmail: Math.floor(limits.maxSizeUpload * 0.7),
    emailQuerySortOptions: [...emailSortProperties],
    mayCreateTopLevelMailbox: account.rights.has("manage"),
  };
}
