import type { SetError } from "@bouquet/contract/jmap.ts";
import { DomainError } from "../../../domain/errors.ts";
import { saveRules } from "../../../domain/mail/filters/filter-rules.ts";
import { scriptState } from "../../../domain/mail/filters/read-scripts.ts";
import type { Method } from "../method.ts";
import { bool, id, nullable, readArguments, text } from "../read-arguments.ts";
import { readFilterRules } from "../read-filter-rules.ts";
import { requireState, toSetErrorOrFail } from "../standard-set.ts";

/** An extension of our own: rules become the active script. */
export const filterRulesSet: Method<"FilterRules/set"> = async (context, given) => {
  const { accountId, ifInState, rules, replacesScript } = readArguments(given, {
    accountId: id,
    ifInState: nullable(text),
    rules: readFilterRules,
    replacesScript: nullable(bool),
  });
  const access = await context.accounts.open(accountId, "change");
  const { store } = context.deps.mail;
  const oldState = await scriptState(store.read, access);
  requireState(ifInState, oldState);
  let error: SetError | null = null;
  try {
    await saveRules({ store }, access, rules, { replacesScript: replacesScript ?? false });
  } catch (thrown) {
    error = withPath(toSetErrorOrFail(context, thrown), thrown);
  }
  return { accountId, oldState, newState: await scriptState(store.read, access), error };
};

function withPath(error: SetError, thrown: unknown): SetError {
  const path = thrown instanceof DomainError ? thrown.data?.path : undefined;
  return typeof path === "string" ? { ...error, properties: [path] } : error;
}
