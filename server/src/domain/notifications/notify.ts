import type { Transactor } from "../../store/database.ts";
import type { PrincipalKey } from "../identity/identity-deps.ts";
import type { Notice } from "./notice.ts";

/**
 * Tells a person something, in the transaction of what it is about; their open programs hear of it after the commit.
 */
export async function notify(tx: Transactor, person: PrincipalKey, notice: Notice): Promise<void> {
  await tx
    .insertInto("notification")
    .values({
      organization_id: person.organizationId,
      principal_id: person.principalId,
      topic: notice.topic,
      data: JSON.stringify(notice.data),
    })
    .execute();
  tx.hint({ kind: "notified", id: person.principalId });
}
