import { writePolicy } from "../../../formats/mta-sts/policy.ts";
import type { Reader, Store } from "../../../store/database.ts";
import { DomainError } from "../../errors.ts";
import { normalizeDomain } from "../../identity/normalize-address.ts";

export type MtaStsMode = "enforce" | "testing" | "none";

/** A day while it is tried, so that a mistake is soon forgotten by others; four weeks when it is meant (RFC 8461 section 10.2). */
const ageSeconds: Readonly<Record<MtaStsMode, number>> = { testing: 86_400, enforce: 2_419_200, none: 86_400 };

/** The id of the `_mta-sts` record: others fetch the policy again when it changes. */
export function mtaStsId(changedAt: Date): string {
  return changedAt.toISOString().replace(/\.\d+|[-:]/g, "");
}

/**
 * The policy that others fetch from `mta-sts.<domain>` (RFC 8461 section 3.3). Mode `none` is served too, so that those who know
 * an older policy learn that it is over.
 * @param host the name after `mta-sts.`
 * @param mailHost where the MX records of our domains point
 * @returns undefined when the domain is not held here
 */
export async function readMtaStsPolicy(reader: Reader, host: string, mailHost: string): Promise<string | undefined> {
  let name: string;
  try {
    name = normalizeDomain(host);
  } catch {
    return undefined;
  }
  const row = await reader.selectFrom("domain").select("mta_sts_mode").where("name", "=", name).executeTakeFirst();
  if (!row) return undefined;
  const mode = row.mta_sts_mode as MtaStsMode;
  return writePolicy({ mode, mx: mode === "none" ? [] : [mailHost], maxAgeSeconds: ageSeconds[mode] });
}

/** @throws DomainError `not_found` when the domain is not held here */
export async function setMtaStsMode(store: Store, domain: string, mode: MtaStsMode): Promise<void> {
  const name = normalizeDomain(domain);
  await store.transact(async (tx) => {
    const changed = await tx
      .updateTable("domain")
      .set({ mta_sts_mode: mode, mta_sts_changed_at: new Date() })
      .where("name", "=", name)
      .executeTakeFirst();
    if (Number(changed.numUpdatedRows) === 0) {
      throw new DomainError("not_found", `The domain ${name} is not held here`);
    }
  });
}
