import type { IdentityDeps } from "../../domain/identity/identity-deps.ts";
import type { SubmissionDeps } from "../../domain/mail/submission/submit-message.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { JmapLimits } from "./limits.ts";

/** What JMAP stands on. */
export interface JmapDeps {
  readonly mail: SubmissionDeps;
  readonly identity: IdentityDeps;
  readonly limits: JmapLimits;
  readonly log: Logger;
  /** Aborted when the server stops: push streams end then. */
  readonly closing: AbortSignal;
}
