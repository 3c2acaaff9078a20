import type { Store } from "../../store/database.ts";
import type { PrincipalKey } from "../identity/identity-deps.ts";

/** Puts away what a person has seen: one, or all. Other programs of theirs hear of it. Nothing happens for what is gone already. */
export async function dismissNotifications(store: Store, person: PrincipalKey, id?: number): Promise<void> {
  await store.transact(async (tx) => {
    let query = tx
      .deleteFrom("notification")
      .where("organization_id", "=", person.organizationId)
      .where("principal_id", "=", person.principalId);
    if (id !== undefined) query = query.where("id", "=", id);
    const { numDeletedRows } = await query.executeTakeFirst();
    if (numDeletedRows > 0n) tx.hint({ kind: "notified", id: person.principalId });
  });
}

/** Forgets what nobody has put away since `before`. @returns how many */
export async function purgeNotifications(store: Store, before: Date): Promise<number> {
  const { numDeletedRows } = await store.transact((tx) =>
    tx.deleteFrom("notification").where("created_at", "<", before).executeTakeFirst(),
  );
  return Number(numDeletedRows);
}
