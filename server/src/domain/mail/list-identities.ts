import { sql } from "kysely";
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

/**
 * Every address that the viewer may send from: their own and aliases, in domains that stand for theirs too, then those of accounts
 * that let them send as or on behalf.
 */
export async function listIdentities(reader: Reader, viewer: Viewer): Promise<SenderIdentity[]> {
  const accounts = (await listAccounts(reader, viewer)).filter(
    (each) => each.isOwn || each.rights.has("send_as") || each.rights.has("send_on_behalf"),
  );
  if (accounts.length === 0) return [];
  const { rows } = await sql<{ organization_id: string; principal_id: string; address: string; kind: string }>`
    WITH own AS (
      SELECT a.organization_id, a.principal_id, a.address, a.domain, a.kind FROM address a
      JOIN unnest(${accounts.map((each) => each.organizationId)}::uuid[], ${accounts.map((each) => each.ownerId)}::uuid[])
        AS owner (organization_id, id) ON owner.organization_id = a.organization_id AND owner.id = a.principal_id
    )
    SELECT organization_id, principal_id, address, kind FROM own
    UNION ALL
    -- In domains that stand for theirs, unless somebody has the address there.
    SELECT o.organization_id, o.principal_id, split_part(o.address, '@', 1) || '@' || d.name, 'alias'
    FROM own o JOIN domain d ON d.organization_id = o.organization_id AND d.alias_of = o.domain
    WHERE NOT EXISTS (SELECT FROM address x WHERE x.address = split_part(o.address, '@', 1) || '@' || d.name)
    ORDER BY address`.execute(reader);
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
