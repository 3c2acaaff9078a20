import { sql } from "kysely";
import type { Reader } from "../../../store/database.ts";
import { isUuid } from "../../../store/uuid.ts";
import type { Viewer } from "../../identity/viewer.ts";
import { listDriveAccounts } from "../drive-accounts.ts";
import { type BrakeLimits, defaultBrakeLimits, isTooMuch } from "./brake-limits.ts";

export interface Weight {
  files: number;
  /** Of the space, or of the spaces together. */
  total: number;
  /** A device that did it would be paused: a person is asked. */
  isMuch: boolean;
}

/** What a change of many nodes in the viewer's spaces weighs: of what is deleted all files count, of what is moved the thing itself. */
export async function weighChange(
  reader: Reader,
  viewer: Viewer,
  nodeIds: readonly string[],
  act: "trash" | "move",
  limits: BrakeLimits = defaultBrakeLimits,
): Promise<Weight> {
  const accounts = await listDriveAccounts(reader, viewer);
  const { rows } = await sql<{ files: number; total: number }>`
    SELECT sum(CASE WHEN ${act} = 'trash' THEN n.tree_files ELSE 1 END)::bigint AS files, max(r.tree_files) AS total
    FROM unnest(${accounts.map((each) => each.organizationId)}::uuid[], ${accounts.map((each) => each.accountId)}::uuid[])
      AS a (organization_id, account_id)
    JOIN drive_node n ON n.organization_id = a.organization_id AND n.account_id = a.account_id
      AND n.id = ANY(${nodeIds.filter(isUuid)}::uuid[]) AND n.state = 'live'
    JOIN drive_node r ON r.organization_id = a.organization_id AND r.account_id = a.account_id AND r.parent_id IS NULL AND r.state = 'live'
    GROUP BY a.organization_id, a.account_id`.execute(reader);
  return {
    files: rows.reduce((sum, row) => sum + row.files, 0),
    total: rows.reduce((sum, row) => sum + row.total, 0),
    isMuch: rows.some((row) => isTooMuch(limits, row.files, row.total)),
  };
}
