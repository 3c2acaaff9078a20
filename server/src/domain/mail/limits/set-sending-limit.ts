import { sql } from "kysely";
import type { Store } from "../../../store/database.ts";
import { DomainError } from "../../errors.ts";
import { rateNames, type SendingRates, wholeOrganization } from "./sending-rates.ts";

export type LimitScope =
  | { readonly kind: "organization" }
  /** Each person of the organization who has no limit of their own. */
  | { readonly kind: "each_person" }
  | { readonly kind: "person"; readonly principalId: string };

/**
 * Sets other limits than those of the configuration. A rate that is not given is left to the wider scope; with none, the row goes.
 * @throws DomainError `invalid`
 */
export async function setSendingLimit(
  store: Store,
  organizationId: string,
  scope: LimitScope,
  rates: Partial<SendingRates>,
): Promise<void> {
  const values = rateNames.map((name) => rates[name] ?? null);
  if (values.some((value) => value !== null && (!Number.isInteger(value) || value < 0 || value > 2_000_000_000))) {
    throw new DomainError("invalid", "A limit is a whole number; 0 is no limit");
  }
  const principalId = scope.kind === "person" ? scope.principalId : wholeOrganization;
  await store.transact(async (tx) => {
    await sql`DELETE FROM sending_limit WHERE organization_id = ${organizationId} AND scope = ${scope.kind}
      AND principal_id = ${principalId}`.execute(tx);
    if (values.every((value) => value === null)) return;
    const [messagesPerHour, messagesPerDay, recipientsPerHour, recipientsPerDay] = values;
    await sql`
      INSERT INTO sending_limit (organization_id, scope, principal_id, messages_per_hour, messages_per_day, recipients_per_hour, recipients_per_day)
      VALUES (${organizationId}, ${scope.kind}, ${principalId}, ${messagesPerHour}, ${messagesPerDay}, ${recipientsPerHour}, ${recipientsPerDay})
      ON CONFLICT (organization_id, scope, principal_id) DO UPDATE SET messages_per_hour = excluded.messages_per_hour,
        messages_per_day = excluded.messages_per_day, recipients_per_hour = excluded.recipients_per_hour,
        recipients_per_day = excluded.recipients_per_day`.execute(tx);
  });
}
