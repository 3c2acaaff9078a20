import type { IdentityDeps } from "../../domain/identity/identity-deps.ts";
import type { MailDeps } from "../../domain/mail/model.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { ManageSieveMetrics } from "./managesieve-metrics.ts";
import type { ManageSieveSettings } from "./settings.ts";

/** What the ManageSieve server stands on; the same for all its connections. */
export interface ManageSieveDeps {
  readonly mail: Pick<MailDeps, "store">;
  readonly identity: IdentityDeps;
  readonly settings: ManageSieveSettings;
  readonly log: Logger;
  readonly metrics: ManageSieveMetrics;
  /** Connections per principal id in this copy of the program: begin with an empty map. */
  readonly connectionsOf: Map<string, number>;
}
