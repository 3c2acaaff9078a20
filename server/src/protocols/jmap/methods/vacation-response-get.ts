import type { VacationResponse } from "@bouquet/contract/jmap-filters.ts";
import type { AccountAccess } from "../../../domain/access/account-access.ts";
import { readRules } from "../../../domain/mail/filters/filter-rules.ts";
import type { CallContext, Method } from "../method.ts";
import { readArguments } from "../read-arguments.ts";
import { getResponse, getShape, readIds, readProperties } from "../standard-get.ts";

const properties = [
  "id",
  "isEnabled",
  "fromDate",
  "toDate",
  "subject",
  "textBody",
  "htmlBody",
] as const satisfies readonly (keyof VacationResponse)[];

/** RFC 8621 section 8.1. An account whose filters are a script of a person's shows no answer. */
export const vacationResponseGet: Method<"VacationResponse/get"> = async (context, given) => {
  const { accountId, ids, properties: names } = readArguments(given, getShape);
  const access = await context.accounts.open(accountId);
  const wanted = readProperties(properties, names);
  const { state, vacation } = await readVacation(context, access);
  return getResponse(accountId, state, [vacation], readIds(context, ids), wanted);
};

export async function readVacation(
  context: CallContext,
  access: AccountAccess,
): Promise<{ state: string; vacation: VacationResponse }> {
  const filters = await readRules(context.deps.mail.store.read, access);
  const rule = filters.kind === "rules" ? filters.rules.vacation : null;
  return {
    state: filters.state,
    vacation: {
      id: "singleton",
      isEnabled: rule?.isEnabled ?? false,
      fromDate: rule?.from ?? null,
      toDate: rule?.until ?? null,
      subject: rule?.subject ?? null,
      textBody: rule && rule.text !== "" ? rule.text : null,
      htmlBody: rule?.html ?? null,
    },
  };
}
