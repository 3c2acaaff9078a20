import type { Reader, Store } from "../../../store/database.ts";
import { type AccountAccess, requireRight } from "../../access/account-access.ts";
import { type Forward, readForward, setForward } from "./set-forward.ts";

/** What a screen shows about the mail that an account sends on. */
export interface ForwardOverview {
  readonly forward: Forward | undefined;
  /** Of the organization, by name. */
  readonly domains: readonly string[];
  readonly mayChange: boolean;
}

/** @throws DomainError `forbidden` */
export async function readForwardOverview(reader: Reader, access: AccountAccess): Promise<ForwardOverview> {
  requireRight(access, "read");
  const [forward, domains] = await Promise.all([
    readForward(reader, access),
    reader
      .selectFrom("domain")
      .select("name")
      .where("organization_id", "=", access.organizationId)
      .orderBy("name")
      .execute(),
  ]);
  return { forward, domains: domains.map((each) => each.name), mayChange: access.rights.has("manage") };
}

/**
 * Makes an account send its mail on, for its owner and whoever manages it: it takes mail out of the commune, as filters can.
 * @param forward undefined: no longer
 * @throws DomainError `forbidden`, `invalid`
 */
export async function changeForward(
  { store }: { readonly store: Store },
  access: AccountAccess,
  forward: Forward | undefined,
): Promise<void> {
  requireRight(access, "manage");
  await store.transact((tx) => setForward(tx, access, forward));
}
