import { type RawBuilder, sql } from "kysely";
import type { Reader } from "../../store/database.ts";
import { DomainError } from "../errors.ts";
import type { PrincipalKey } from "./identity-deps.ts";
import type { Role, Viewer } from "./viewer.ts";

/** Columns of `viewerColumns`. */
export interface ViewerRow {
  organization_id: string;
  principal_id: string;
  uid: string;
  display_name: string;
  address: string | null;
  roles: Role[];
  language: string;
}

/** For queries that have `principal` as p: what a Viewer is made of. */
export const viewerColumnsText = `
  p.organization_id, p.id AS principal_id, p.uid, p.display_name, p.language,
  (SELECT a.address FROM address a WHERE a.organization_id = p.organization_id AND a.principal_id = p.id AND a.kind = 'primary') AS address,
  ARRAY(SELECT r.role FROM principal_role r WHERE r.organization_id = p.organization_id AND r.principal_id = p.id) AS roles`;
export const viewerColumns: RawBuilder<ViewerRow> = sql.raw(viewerColumnsText);

const isActive = `p.state = 'active'
  AND EXISTS (SELECT FROM organization o WHERE o.id = p.organization_id AND o.state = 'active')`;

/** For the same queries: only a person who may work, of an organization that may. */
export const mayWorkText = `p.kind = 'person' AND ${isActive}`;
export const mayWork: RawBuilder<boolean> = sql.raw(mayWorkText);

/** A printer, a scanner, a business program, of an organization that may work. */
export const maySendOnlyText = `p.kind = 'service' AND ${isActive}`;

export function toViewer(row: ViewerRow): Viewer {
  return {
    organizationId: row.organization_id,
    principalId: row.principal_id,
    uid: row.uid,
    displayName: row.display_name,
    address: row.address ?? undefined,
    roles: new Set(row.roles),
    language: row.language === "en" ? "en" : "fr",
  };
}

/**
 * The person as a viewer, for programs that act for someone: the demonstration, the command line, a job.
 * @throws DomainError `not_found` when there is no such active person
 */
export async function loadViewer(reader: Reader, key: PrincipalKey): Promise<Viewer> {
  const { rows } = await sql<ViewerRow>`
    SELECT ${viewerColumns} FROM principal p
    WHERE p.organization_id = ${key.organizationId} AND p.id = ${key.principalId} AND ${mayWork}`.execute(reader);
  if (!rows[0]) throw new DomainError("not_found", "There is no such person");
  return toViewer(rows[0]);
}
