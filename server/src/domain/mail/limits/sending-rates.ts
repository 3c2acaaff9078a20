import { sql } from "kysely";
import type { Reader } from "../../../store/database.ts";
import type { PrincipalKey } from "../../identity/identity-deps.ts";

/** The principal of what an organization sends in all. */
export const wholeOrganization = "00000000-0000-0000-0000-000000000000";

/** 0: no limit. */
export interface SendingRates {
  readonly messagesPerHour: number;
  readonly messagesPerDay: number;
  readonly recipientsPerHour: number;
  readonly recipientsPerDay: number;
}

export interface SendingLimitSettings {
  readonly person: SendingRates;
  readonly organization: SendingRates;
  /** Recipients that do not exist, from one person in an hour: an old list, or a stolen password. */
  readonly unknownRecipientsPerHour: number;
  /** Networks from which one person's programs sign in to send, in an hour. */
  readonly networksPerHour: number;
}

export const defaultSendingLimits: SendingLimitSettings = {
  person: { messagesPerHour: 200, messagesPerDay: 1_000, recipientsPerHour: 500, recipientsPerDay: 2_000 },
  organization: { messagesPerHour: 5_000, messagesPerDay: 20_000, recipientsPerHour: 10_000, recipientsPerDay: 50_000 },
  unknownRecipientsPerHour: 50,
  networksPerHour: 10,
};

export const rateNames = ["messagesPerHour", "messagesPerDay", "recipientsPerHour", "recipientsPerDay"] as const;

interface Row {
  scope: "organization" | "each_person" | "person";
  messages_per_hour: number | null;
  messages_per_day: number | null;
  recipients_per_hour: number | null;
  recipients_per_day: number | null;
}

/** The limits of a person and of their organization: their own, else those of the organization, else those of the configuration. */
export async function readSendingRates(
  reader: Reader,
  defaults: SendingLimitSettings,
  { organizationId, principalId }: PrincipalKey,
): Promise<{ person: SendingRates; organization: SendingRates }> {
  const { rows } = await sql<Row>`
    SELECT scope, messages_per_hour, messages_per_day, recipients_per_hour, recipients_per_day FROM sending_limit
    WHERE organization_id = ${organizationId} AND (scope <> 'person' OR principal_id = ${principalId})`.execute(reader);
  const of = (scope: Row["scope"]): Partial<SendingRates> => {
    const row = rows.find((each) => each.scope === scope);
    return row
      ? known({
          messagesPerHour: row.messages_per_hour,
          messagesPerDay: row.messages_per_day,
          recipientsPerHour: row.recipients_per_hour,
          recipientsPerDay: row.recipients_per_day,
        })
      : {};
  };
  return {
    person: { ...defaults.person, ...of("each_person"), ...of("person") },
    organization: { ...defaults.organization, ...of("organization") },
  };
}

function known(rates: Record<keyof SendingRates, number | null>): Partial<SendingRates> {
  return Object.fromEntries(Object.entries(rates).filter(([, value]) => value !== null)) as Partial<SendingRates>;
}
