import type { ServerSecrets } from "../../identity/server-secrets.ts";
import type { FilterDeps } from "../filters/run-filters.ts";
import type { ScreeningOptions } from "../screening/screening-deps.ts";

/** What bringing mail to its recipients stands on. */
export interface DeliveryDeps extends FilterDeps, Pick<ScreeningOptions, "trustedSealers"> {
  /** For return paths of our own, the links of moderators and the DKIM keys. */
  readonly secrets: Pick<ServerSecrets, "derive" | "hashToken" | "open">;
}
