import { sql } from "kysely";
import type { Reader } from "../../store/database.ts";
import type { PrincipalKey } from "./identity-deps.ts";
import type { ServiceName } from "./sessions.ts";

/** One sign-in of a person, with the services opened from it. */
export interface SignIn {
  readonly familyId: string;
  readonly signedInAt: Date;
  readonly lastSeenAt: Date;
  readonly remoteAddress: string;
  readonly userAgent: string;
  readonly services: ServiceName[];
}

/** The open sign-ins of a person, last seen first. */
export async function listSignIns(reader: Reader, person: PrincipalKey): Promise<SignIn[]> {
  const { rows } = await sql<{
    family_id: string;
    signed_in_at: Date;
    last_seen_at: Date;
    remote_address: string | null;
    user_agent: string | null;
    services: ServiceName[];
  }>`
    SELECT family_id, min(signed_in_at) AS signed_in_at, max(last_seen_at) AS last_seen_at,
      (array_agg(remote_address ORDER BY last_seen_at DESC))[1] AS remote_address,
      (array_agg(user_agent ORDER BY last_seen_at DESC))[1] AS user_agent,
      array_agg(DISTINCT service) AS services
    FROM session
    WHERE organization_id = ${person.organizationId} AND principal_id = ${person.principalId}
      AND revoked_at IS NULL AND expires_at > now()
    GROUP BY family_id ORDER BY 3 DESC, 1`.execute(reader);
  return rows.map((row) => ({
    familyId: row.family_id,
    signedInAt: row.signed_in_at,
    lastSeenAt: row.last_seen_at,
    remoteAddress: row.remote_address ?? "",
    userAgent: row.user_agent ?? "",
    services: row.services,
  }));
}
