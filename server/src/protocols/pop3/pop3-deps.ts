import type { IdentityDeps } from "../../domain/identity/identity-deps.ts";
import type { MailDeps } from "../../domain/mail/model.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { Pop3Metrics } from "./pop3-metrics.ts";
import type { Pop3Settings } from "./settings.ts";

/** What the POP3 server stands on; the same for all its connections. */
export interface Pop3Deps {
  readonly mail: MailDeps;
  readonly identity: IdentityDeps;
  readonly settings: Pop3Settings;
  readonly log: Logger;
  readonly metrics: Pop3Metrics;
  /** Connections per principal id in this copy of the program: begin with an empty map. */
  readonly connectionsOf: Map<string, number>;
}
