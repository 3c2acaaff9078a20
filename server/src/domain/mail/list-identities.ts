import type { Reader } from "../../store/database.ts";
import { listAccounts } from "../access/account-access.ts";
import type { Viewer } from "../identity/viewer.ts";

export interface SenderIdentity {
  address: string;
  /** Shown beside the address. */
  name: string;
  organizationId: string;
  /** Whose Sent mailbox keeps the copy. */
  accountId: string;
  isPrimary: boolean;
  isOwn: boolean;
  /** The viewer may write in its name only visibly: the message gets a Sender field (RFC 5322 section 3.6.2). */
  isOnBehalf: boolean;
}

/** Every address that the viewer may send from: their own and aliases, then those of accounts that let them send as or on behalf. */
export async function listIdentities(reader: Reader, viewer: Viewer): Promise<SenderIdentity[]> {
  const accounts = (await listAccounts(reader, viewer)).filter(
    (each) => each.isOwn || each.rights.has("send_as") || each.rights.has("send_on_behalf"),
  );
  if (accounts.length === 0) return [];
  const rows = await reader
    .selectFrom("address")
    .select(["organization_id", "principal_id", "address", "kind"])
    .where((eb) =>
      eb.or(
        accounts.map((each) =>
          eb.and([eb("organization_id", "=", each.organizationId), eb("principal_id", "=", each.ownerId)]),
        ),
      ),
    )
    .orderBy("address")
    .execute();
  return accounts.flatMap((account) =>
    rows
      .filter((row) => row.principal_id === account.ownerId && row.organization_id === account.organizationId)
      .map((row) => ({
        address: row.address,
        name: account.ownerName,
        organizationId: account.organizationId,
        accountId: account.accountId,
        isPrimary: row.kind === "primary",
        isOwn: account.isOwn,
        isOnBehalf: !account.isOwn && !account.rights.has("send_as"),
      }))
      .sort((a, b) => Number(b.isPrimary) - Number(a.isPrimary)),
  );
}
