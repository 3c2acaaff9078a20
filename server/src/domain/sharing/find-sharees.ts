import { type RawBuilder, sql } from "kysely";
import type { Reader } from "../../store/database.ts";
import { DomainError } from "../errors.ts";
import type { Viewer } from "../identity/viewer.ts";
import type { SharingDeps, SharingPolicy } from "./model.ts";

export interface Sharee {
  organizationId: string;
  principalId: string;
  uid: string;
  displayName: string;
  kind: "person" | "group";
  address: string | null;
  organization: string;
  /** Of another organization than the viewer's. */
  isElsewhere: boolean;
}

/** Somebody of another organization is found by at least so many letters. */
const shortestElsewhere = 3;

/**
 * People and groups with whom the viewer may share, by the beginning of any word of the name, of the address or the uid; those of the
 * viewer's own organization first.
 * @returns at most `limit`
 */
export async function findSharees(deps: SharingDeps, viewer: Viewer, text: string, limit = 25): Promise<Sharee[]> {
  const words = text.normalize("NFC").trim().slice(0, 100).split(/\s+/).filter(Boolean).slice(0, 5);
  if (words.length === 0) return [];
  const matches = sql.join(
    words.map((word) => {
      const pattern = word.replace(/[\\%_]/g, "\\$&");
      return sql`unaccent(lower(' ' || p.display_name || ' ' || coalesce(a.address, '') || ' ' || p.uid || ' '
        || translate(p.display_name || ' ' || coalesce(a.address, ''), '-.@_''’', '      ')))
        LIKE '% ' || unaccent(lower(${pattern}::text)) || '%'`;
    }),
    sql` AND `,
  );
  const reach = text.trim().length >= shortestElsewhere ? reachable(deps.sharing, viewer) : sql<boolean>`false`;
  return select(
    deps.store.read,
    viewer,
    sql`(${matches}) AND (p.organization_id = ${viewer.organizationId} OR ${reach})`,
    limit,
  );
}

/** With whom the viewer shared last. */
export async function recommendSharees(deps: SharingDeps, viewer: Viewer, limit = 10): Promise<Sharee[]> {
  return select(
    deps.store.read,
    viewer,
    sql`EXISTS (SELECT FROM grant_given g WHERE g.collection_kind = 'node' AND g.created_by = ${viewer.principalId}
      AND g.grantee_organization_id = p.organization_id AND g.grantee_id = p.id)
      AND (p.organization_id = ${viewer.organizationId} OR ${reachable(deps.sharing, viewer)})`,
    limit,
  );
}

/**
 * Somebody, or a group, by the uid or the whole address.
 * @throws DomainError `not_found` also for somebody of an organization with which nothing may be shared
 */
export async function findSharee(
  deps: SharingDeps,
  viewer: Viewer,
  text: string,
  kind?: Sharee["kind"],
): Promise<Sharee> {
  const wanted = text.trim().normalize("NFC").toLowerCase();
  const found = await select(
    deps.store.read,
    viewer,
    sql`(lower(p.uid) = ${wanted} OR a.address = ${wanted}) AND ${kind === undefined ? sql`true` : sql`p.kind = ${kind}`}
      AND (p.organization_id = ${viewer.organizationId} OR ${reachable(deps.sharing, viewer)})`,
    2,
  );
  if (!found[0]) throw new DomainError("not_found", "There is nobody of that name", { data: { field: "/with" } });
  return found[0];
}

/** Of principals as `p`: what the operator's rule says of their organization. */
function reachable(policy: SharingPolicy | undefined, viewer: Pick<Viewer, "organizationId">): RawBuilder<boolean> {
  const across = policy?.acrossOrganizations ?? "none";
  if (across === "none") return sql`false`;
  if (across === "all") return sql`true`;
  const owns = (organization: RawBuilder<unknown>) =>
    sql<boolean>`EXISTS (SELECT FROM domain d WHERE d.organization_id = ${organization} AND d.name = ANY(${[...across]}::text[]))`;
  return sql`(${owns(sql`p.organization_id`)} AND ${owns(sql`${viewer.organizationId}::uuid`)})`;
}

/** Whether what is of one organization may be shared with another. */
export async function mayShareAcross(
  reader: Reader,
  policy: SharingPolicy | undefined,
  from: string,
  to: string,
): Promise<boolean> {
  const across = policy?.acrossOrganizations ?? "none";
  if (from === to || across === "all") return true;
  if (across === "none") return false;
  const rows = await reader
    .selectFrom("domain")
    .select("organization_id")
    .distinct()
    .where("name", "in", [...across])
    .where("organization_id", "in", [from, to])
    .execute();
  return rows.length === 2;
}

async function select(
  reader: Reader,
  viewer: Viewer,
  condition: RawBuilder<unknown>,
  limit: number,
): Promise<Sharee[]> {
  const { rows } = await sql<{
    organization_id: string;
    id: string;
    uid: string;
    display_name: string;
    kind: "person" | "group";
    address: string | null;
    organization: string;
  }>`
    SELECT p.organization_id, p.id, p.uid, p.display_name, p.kind, a.address, o.name AS organization
    FROM principal p JOIN organization o ON o.id = p.organization_id AND o.state = 'active'
    LEFT JOIN address a ON a.organization_id = p.organization_id AND a.principal_id = p.id AND a.kind = 'primary'
    WHERE p.state = 'active' AND p.kind IN ('person', 'group') AND p.id <> ${viewer.principalId} AND ${condition}
    ORDER BY p.organization_id = ${viewer.organizationId} DESC, p.display_name, p.id LIMIT ${limit}`.execute(reader);
  return rows.map((row) => ({
    organizationId: row.organization_id,
    principalId: row.id,
    uid: row.uid,
    displayName: row.display_name,
    kind: row.kind,
    address: row.address,
    organization: row.organization,
    isElsewhere: row.organization_id !== viewer.organizationId,
  }));
}
