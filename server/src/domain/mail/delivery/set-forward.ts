import type { Reader, Transactor } from "../../../store/database.ts";
import type { AccountKey } from "../../../store/feed/take-modseq.ts";
import { DomainError } from "../../errors.ts";
import { normalizeAddress } from "../../identity/normalize-address.ts";

/** Where an account sends its mail on to. */
export interface Forward {
  addresses: readonly string[];
  keepsCopy: boolean;
}

const maxAddresses = 10;

export async function readForward(reader: Reader, account: AccountKey): Promise<Forward | undefined> {
  const row = await reader
    .selectFrom("mail_forward")
    .select(["addresses", "keeps_copy"])
    .where("organization_id", "=", account.organizationId)
    .where("account_id", "=", account.accountId)
    .executeTakeFirst();
  return row && { addresses: row.addresses, keepsCopy: row.keeps_copy };
}

/**
 * Makes an account of a person or a shared mailbox send its mail on; the caller has checked that it may be done.
 * @param forward undefined: no longer
 * @throws DomainError `invalid`: no address, more than 10, or one of the account's own
 */
export async function setForward(tx: Transactor, account: AccountKey, forward: Forward | undefined): Promise<void> {
  const { organizationId, accountId } = account;
  if (!forward) {
    await tx
      .deleteFrom("mail_forward")
      .where("organization_id", "=", organizationId)
      .where("account_id", "=", accountId)
      .execute();
    return;
  }
  const addresses = [...new Set(forward.addresses.map((each) => normalizeAddress(each).address))];
  if (addresses.length === 0 || addresses.length > maxAddresses) {
    throw new DomainError("invalid", `Mail is sent on to 1 to ${maxAddresses} addresses`);
  }
  const own = await tx
    .selectFrom("account as a")
    .innerJoin("address as d", (join) =>
      join.onRef("d.organization_id", "=", "a.organization_id").onRef("d.principal_id", "=", "a.owner_id"),
    )
    .select("d.address")
    .where("a.organization_id", "=", organizationId)
    .where("a.id", "=", accountId)
    .where("d.address", "in", addresses)
    .executeTakeFirst();
  if (own) throw new DomainError("invalid", `The account has the address ${own.address} itself`);
  const values = { addresses, keeps_copy: forward.keepsCopy, changed_at: new Date() };
  await tx
    .insertInto("mail_forward")
    .values({ organization_id: organizationId, account_id: accountId, ...values })
    .onConflict((conflict) => conflict.columns(["organization_id", "account_id"]).doUpdateSet(values))
    .execute();
}
