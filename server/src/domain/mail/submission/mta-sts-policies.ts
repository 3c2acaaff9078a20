import type { MtaStsPolicy } from "../../../formats/mta-sts/policy.ts";
import type { Store } from "../../../store/database.ts";

/** A policy of another domain, as it was when it was fetched. */
export interface KnownPolicy extends Pick<MtaStsPolicy, "mode" | "mx"> {
  readonly policyId: string;
  readonly fetchedAt: Date;
  readonly expiresAt: Date;
}

/** What is remembered of the MTA-STS policies of other domains, for all copies of the program (RFC 8461 section 3.3). */
export interface PolicyMemory {
  /** Undefined when none was ever seen, or it has expired. */
  find(domain: string): Promise<KnownPolicy | undefined>;
  keep(domain: string, policy: KnownPolicy): Promise<void>;
}

export function createPolicyMemory(store: Store): PolicyMemory {
  return {
    async find(domain) {
      const row = await store.read
        .selectFrom("mta_sts_policy")
        .select(["policy_id", "mode", "mx", "fetched_at", "expires_at"])
        .where("domain", "=", domain)
        .where("expires_at", ">", new Date())
        .executeTakeFirst();
      if (!row) return undefined;
      const mode = row.mode as KnownPolicy["mode"];
      return { policyId: row.policy_id, mode, mx: row.mx, fetchedAt: row.fetched_at, expiresAt: row.expires_at };
    },
    async keep(domain, { policyId, mode, mx, fetchedAt, expiresAt }) {
      const values = { policy_id: policyId, mode, mx: [...mx], fetched_at: fetchedAt, expires_at: expiresAt };
      await store.transact((tx) =>
        tx
          .insertInto("mta_sts_policy")
          .values({ domain, ...values })
          .onConflict((conflict) => conflict.column("domain").doUpdateSet(values))
          .execute(),
      );
    },
  };
}

/** Forgets those that expired. @returns how many */
export async function purgeExpiredPolicies(store: Store): Promise<number> {
  const result = await store.transact((tx) =>
    tx.deleteFrom("mta_sts_policy").where("expires_at", "<", new Date()).executeTakeFirst(),
  );
  return Number(result.numDeletedRows);
}
