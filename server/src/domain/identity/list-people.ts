import { sql } from "kysely";
import type { Reader } from "../../store/database.ts";
import { requireAdministrator } from "./require-administrator.ts";
import type { Role, Viewer } from "./viewer.ts";

export interface Person {
  readonly uid: string;
  readonly displayName: string;
  readonly jobTitle: string;
  readonly address: string;
  readonly roles: Role[];
  /** `invited`: has never signed in. */
  readonly state: "active" | "invited" | "suspended";
  /** Bytes. */
  readonly mail: { usedBytes: number; limitBytes: number };
  readonly files: { usedBytes: number; limitBytes: number };
  readonly lastSeenAt: Date | undefined;
}

/**
 * The people of the viewer's own organization, by family name.
 * @throws DomainError `forbidden` when the viewer does not administer it
 */
export async function listPeople(reader: Reader, viewer: Viewer): Promise<Person[]> {
  requireAdministrator(viewer);
  const { rows } = await sql<{
    uid: string;
    display_name: string;
    job_title: string | null;
    address: string | null;
    roles: Role[];
    state: string;
    mail_used: number | null;
    mail_limit: number | null;
    files_used: number | null;
    files_limit: number | null;
    last_seen_at: Date | null;
  }>`
    SELECT p.uid, p.display_name, p.job_title, p.state, d.address, n.last_seen_at,
      ARRAY(SELECT r.role FROM principal_role r WHERE r.organization_id = p.organization_id AND r.principal_id = p.id) AS roles,
      m.used_bytes AS mail_used, m.limit_bytes AS mail_limit, f.used_bytes AS files_used, f.limit_bytes AS files_limit
    FROM principal p
    LEFT JOIN address d ON d.organization_id = p.organization_id AND d.principal_id = p.id AND d.kind = 'primary'
    LEFT JOIN presence n ON n.organization_id = p.organization_id AND n.principal_id = p.id
    LEFT JOIN account a ON a.organization_id = p.organization_id AND a.owner_id = p.id
    LEFT JOIN quota m ON m.organization_id = a.organization_id AND m.account_id = a.id AND m.area = 'mail'
    LEFT JOIN quota f ON f.organization_id = a.organization_id AND f.account_id = a.id AND f.area = 'files'
    WHERE p.organization_id = ${viewer.organizationId} AND p.kind = 'person' AND p.state <> 'deleted'`.execute(reader);
  const people = rows.map((row) => ({
    uid: row.uid,
    displayName: row.display_name,
    jobTitle: row.job_title ?? "",
    address: row.address ?? "",
    roles: row.roles,
    state:
      row.state === "suspended"
        ? ("suspended" as const)
        : row.last_seen_at
          ? ("active" as const)
          : ("invited" as const),
    mail: { usedBytes: row.mail_used ?? 0, limitBytes: row.mail_limit ?? 0 },
    files: { usedBytes: row.files_used ?? 0, limitBytes: row.files_limit ?? 0 },
    lastSeenAt: row.last_seen_at ?? undefined,
  }));
  // The database collates by code point; people look for É under E.
  const collator = new Intl.Collator("fr");
  const familyName = (person: Person) => person.displayName.split(" ").slice(1).join(" ") || person.displayName;
  return people.sort(
    (a, b) => collator.compare(familyName(a), familyName(b)) || collator.compare(a.displayName, b.displayName),
  );
}
