import type { Store } from "../../store/database.ts";
import type { ServerSecrets } from "./server-secrets.ts";

/** What most functions of this area use. */
export interface IdentityDeps {
  readonly store: Store;
  readonly secrets: ServerSecrets;
}

/** A principal, whoever it is. */
export interface PrincipalKey {
  readonly organizationId: string;
  readonly principalId: string;
}
