import type { ServerSecrets } from "../../identity/server-secrets.ts";
import type { FilterDeps } from "../filters/run-filters.ts";

/** What bringing mail to its recipients stands on. */
export interface DeliveryDeps extends FilterDeps {
  /** For return paths of our own and the links of moderators. */
  readonly secrets: Pick<ServerSecrets, "derive" | "hashToken">;
}
