import type { IdentityDeps } from "../../domain/identity/identity-deps.ts";
import type { AnalyzingMailDeps } from "../../domain/mail/model.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { ImapMetrics } from "./imap-metrics.ts";
import type { ImapSettings } from "./settings.ts";

/** What the IMAP server stands on; the same for all its connections. */
export interface ImapDeps {
  readonly mail: AnalyzingMailDeps;
  readonly identity: IdentityDeps;
  readonly settings: ImapSettings;
  readonly log: Logger;
  readonly metrics: ImapMetrics;
  /** Connections per principal id in this copy of the program: begin with an empty map. */
  readonly connectionsOf: Map<string, number>;
}
