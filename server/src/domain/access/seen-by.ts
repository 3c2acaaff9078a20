import type { AccountAccess } from "./account-access.ts";

/** With whose own `\Seen` the viewer reads the account's messages; undefined for that of the copies. */
export function seenBy(access: Pick<AccountAccess, "personalSeen" | "viewer">): string | undefined {
  return access.personalSeen === true ? access.viewer.principalId : undefined;
}
