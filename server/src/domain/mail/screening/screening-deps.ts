import type { MailDeps } from "../model.ts";
import type { Resolver } from "../resolver.ts";

/** What the configuration gives screening; without any of it, a message is only authenticated. */
export interface ScreeningOptions {
  /** Domains whose ARC seals are believed, for every organization. */
  readonly trustedSealers?: readonly string[];
}

/** What screening works with. */
export interface ScreeningDeps extends MailDeps, ScreeningOptions {
  readonly resolver: Resolver;
  /** Our name in Authentication-Results (RFC 8601 section 2.5). */
  readonly hostName: string;
}
