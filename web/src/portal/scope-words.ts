import type { AppPasswordScope } from "@bouquet/contract/identity.ts";
import { usePortalText } from "../i18n/portal.ts";

/** What each scope of an app password allows, in words. */
export function useScopeWords(): Record<AppPasswordScope, string> {
  const t = usePortalText();
  return { imap: t.scopeImap, smtp: t.scopeSmtp, dav: t.scopeDav, send: t.scopeSmtp };
}
