import { sql } from "kysely";
import type { Reader } from "../../../store/database.ts";
import type { AccountKey } from "../../../store/feed/take-modseq.ts";
import { type AccountAccess, allRights } from "../../access/account-access.ts";
import { toViewer, type ViewerRow, viewerColumns } from "../../identity/load-viewer.ts";

/** For whom filters run: the access is that of the owner, as whom they act. */
export interface FilterOwner {
  readonly access: AccountAccess;
  readonly name: string;
  /** The primary one first, normalized. */
  readonly addresses: readonly string[];
  /** IANA name. */
  readonly timeZone: string;
}

export async function readFilterOwner(reader: Reader, key: AccountKey): Promise<FilterOwner | undefined> {
  const { rows } = await sql<
    ViewerRow & { kind: AccountAccess["ownerKind"]; time_zone: string; addresses: string[] | null }
  >`
    SELECT ${viewerColumns}, p.kind, p.time_zone,
      (SELECT array_agg(d.address ORDER BY d.kind = 'primary' DESC, d.address) FROM address d
        WHERE d.organization_id = p.organization_id AND d.principal_id = p.id) AS addresses
    FROM account a JOIN principal p ON p.organization_id = a.organization_id AND p.id = a.owner_id
    WHERE a.organization_id = ${key.organizationId} AND a.id = ${key.accountId} AND a.deleted_at IS NULL`.execute(
    reader,
  );
  const [row] = rows;
  if (!row) return undefined;
  const viewer = toViewer(row);
  return {
    access: {
      organizationId: key.organizationId,
      accountId: key.accountId,
      viewer,
      rights: new Set(allRights),
      ownerId: viewer.principalId,
      ownerKind: row.kind,
      ownerName: viewer.displayName,
      ownerAddress: viewer.address,
      grantsEpoch: 0,
      isOwn: true,
    },
    name: viewer.displayName,
    addresses: row.addresses ?? [],
    timeZone: row.time_zone,
  };
}
