import { sql } from "kysely";
import type { Reader, Store } from "../../../store/database.ts";
import { DomainError } from "../../errors.ts";
import { normalizeDomain } from "../../identity/normalize-address.ts";

/** What one organization wants done with what it receives. */
export interface ScreeningPolicy {
  /** A message that fails DMARC, when its domain asks for p=reject, and for p=quarantine. */
  readonly dmarcReject: "refuse" | "quarantine" | "junk" | "ignore";
  readonly dmarcQuarantine: "refuse" | "quarantine" | "junk" | "ignore";
  /** Whether an ARC chain of trusted sealers that says the message authenticated makes good a DMARC failure. */
  readonly arcOverrides: boolean;
  /** Domains of sealers, beside those that the server trusts. */
  readonly trustedSealers: readonly string[];
  /** What rspamd's `reject` means. */
  readonly rspamdReject: "refuse" | "quarantine" | "junk";
  readonly dnsList: "refuse" | "junk" | "ignore";
  readonly virus: "quarantine" | "refuse";
  /** Of our own classifier, from 0.5 to 1; 1 turns it off. */
  readonly junkThreshold: number;
  /** Messages of each kind that the classifier must have learned before it says anything. */
  readonly minimumLearned: number;
}

export const defaultPolicy: ScreeningPolicy = {
  dmarcReject: "refuse",
  dmarcQuarantine: "junk",
  arcOverrides: true,
  trustedSealers: [],
  rspamdReject: "refuse",
  dnsList: "junk",
  virus: "quarantine",
  junkThreshold: 0.9,
  minimumLearned: 20,
};

export interface PolicyRow {
  organization_id: string;
  dmarc_reject: ScreeningPolicy["dmarcReject"];
  dmarc_quarantine: ScreeningPolicy["dmarcQuarantine"];
  arc_overrides: boolean;
  trusted_sealers: string[];
  rspamd_reject: ScreeningPolicy["rspamdReject"];
  dns_list: ScreeningPolicy["dnsList"];
  virus: ScreeningPolicy["virus"];
  junk_threshold: number;
  minimum_learned: number;
}

/** One without settings of its own has the defaults. */
export async function readPolicy(reader: Reader, organizationId: string): Promise<ScreeningPolicy> {
  const { rows } = await sql<PolicyRow>`
    SELECT * FROM screening_policy WHERE organization_id = ${organizationId}`.execute(reader);
  return rows[0] ? policyFromRow(rows[0]) : defaultPolicy;
}

export function policyFromRow(row: PolicyRow): ScreeningPolicy {
  return {
    dmarcReject: row.dmarc_reject,
    dmarcQuarantine: row.dmarc_quarantine,
    arcOverrides: row.arc_overrides,
    trustedSealers: row.trusted_sealers,
    rspamdReject: row.rspamd_reject,
    dnsList: row.dns_list,
    virus: row.virus,
    junkThreshold: row.junk_threshold,
    minimumLearned: row.minimum_learned,
  };
}

const choices = {
  dmarcReject: ["refuse", "quarantine", "junk", "ignore"],
  dmarcQuarantine: ["refuse", "quarantine", "junk", "ignore"],
  rspamdReject: ["refuse", "quarantine", "junk"],
  dnsList: ["refuse", "junk", "ignore"],
  virus: ["quarantine", "refuse"],
} as const;

/**
 * Changes an organization's policy; what is not given stays.
 * @throws DomainError `invalid`
 */
export async function setPolicy(
  store: Store,
  organizationId: string,
  changes: Partial<ScreeningPolicy>,
): Promise<ScreeningPolicy> {
  for (const [name, allowed] of Object.entries(choices)) {
    const value = changes[name as keyof typeof choices];
    if (value !== undefined && !(allowed as readonly string[]).includes(value)) {
      throw new DomainError("invalid", `${name} is one of ${allowed.join(", ")}`);
    }
  }
  const { junkThreshold: threshold, minimumLearned: minimum } = changes;
  if (threshold !== undefined && !(threshold >= 0.5 && threshold <= 1)) {
    throw new DomainError("invalid", "The threshold is between 0.5 and 1");
  }
  if (minimum !== undefined && !(Number.isInteger(minimum) && minimum >= 1 && minimum <= 1_000_000)) {
    throw new DomainError("invalid", "The least number of learned messages is a whole number from 1 to 1000000");
  }
  if (changes.trustedSealers && changes.trustedSealers.length > 200) {
    throw new DomainError("invalid", "At most 200 sealers can be trusted");
  }
  const sealers = changes.trustedSealers && [...new Set(changes.trustedSealers.map((each) => normalizeDomain(each)))];
  return store.transact(async (tx) => {
    await sql`SELECT FROM organization WHERE id = ${organizationId} FOR UPDATE`.execute(tx);
    const next = { ...(await readPolicy(tx, organizationId)), ...changes, ...(sealers && { trustedSealers: sealers }) };
    await sql`
      INSERT INTO screening_policy (organization_id, dmarc_reject, dmarc_quarantine, arc_overrides, trusted_sealers, rspamd_reject,
        dns_list, virus, junk_threshold, minimum_learned)
      VALUES (${organizationId}, ${next.dmarcReject}, ${next.dmarcQuarantine}, ${next.arcOverrides},
        ${next.trustedSealers as string[]}::text[], ${next.rspamdReject}, ${next.dnsList}, ${next.virus}, ${next.junkThreshold},
        ${next.minimumLearned})
      ON CONFLICT (organization_id) DO UPDATE SET dmarc_reject = excluded.dmarc_reject,
        dmarc_quarantine = excluded.dmarc_quarantine, arc_overrides = excluded.arc_overrides,
        trusted_sealers = excluded.trusted_sealers, rspamd_reject = excluded.rspamd_reject, dns_list = excluded.dns_list,
        virus = excluded.virus, junk_threshold = excluded.junk_threshold, minimum_learned = excluded.minimum_learned,
        updated_at = now()`.execute(tx);
    return next;
  });
}
