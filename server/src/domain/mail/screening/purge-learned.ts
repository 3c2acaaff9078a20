import { sql } from "kysely";
import type { Store } from "../../../store/database.ts";

/** Tokens that one memory keeps. */
const tokensKept = 200_000;
const rareDays = 60;
const oldDays = 400;
/** After these a verdict can no longer be taken back. */
const trainingDays = 180;

/**
 * Forgets what says little: tokens that one or two messages had and none lately, tokens not seen for more than a year, and in memories
 * that are too large still those seen the longest ago. Ends the time in which a verdict can be taken back.
 * @returns how many tokens were forgotten
 */
export async function purgeLearned(store: Store): Promise<number> {
  const forgotten = await store.transact(async (tx) => {
    await sql`DELETE FROM spam_training WHERE learned_at < now() - make_interval(days => ${trainingDays})`.execute(tx);
    const faded = await sql`
      DELETE FROM spam_token WHERE (last_learned_on < current_date - ${rareDays}::int AND spam + ham <= 2)
        OR last_learned_on < current_date - ${oldDays}::int OR spam + ham = 0`.execute(tx);
    return Number(faded.numAffectedRows ?? 0);
  });
  const large = await sql<{ organization_id: string; account_id: string; excess: number }>`
    SELECT organization_id, account_id, (count(*) - ${tokensKept})::int AS excess FROM spam_token
    GROUP BY organization_id, account_id HAVING count(*) > ${tokensKept}`.execute(store.read);
  let cut = 0;
  for (const row of large.rows) {
    const gone = await store.transact((tx) =>
      sql`DELETE FROM spam_token WHERE (organization_id, account_id, token) IN (
        SELECT organization_id, account_id, token FROM spam_token
        WHERE organization_id = ${row.organization_id} AND account_id = ${row.account_id}
        ORDER BY last_learned_on, spam + ham LIMIT ${row.excess})`.execute(tx),
    );
    cut += Number(gone.numAffectedRows ?? 0);
  }
  return forgotten + cut;
}
