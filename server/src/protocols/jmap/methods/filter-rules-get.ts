import { readRules } from "../../../domain/mail/filters/filter-rules.ts";
import type { Method } from "../method.ts";
import { id, readArguments } from "../read-arguments.ts";

/** An extension of our own: the active script as rules. */
export const filterRulesGet: Method<"FilterRules/get"> = async (context, given) => {
  const { accountId } = readArguments(given, { accountId: id });
  const access = await context.accounts.open(accountId);
  const filters = await readRules(context.deps.mail.store.read, access);
  const { kind, scriptName, state } = filters;
  return { accountId, state, kind, scriptName, rules: filters.kind === "rules" ? filters.rules : null };
};
