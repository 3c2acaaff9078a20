import { DomainError } from "../../errors.ts";
import type { TraceOutcome } from "../trace/trace-entry.ts";
import type { DeliveryDeps } from "./delivery-deps.ts";
import type { IncomingMessage } from "./incoming-message.ts";
import type { MessageRoute } from "./message-route.ts";
import { type AccountPlan, isQuarantined, type PlannedAccount, planAccount } from "./plan-account.ts";
import type { AccountRoutes } from "./read-account-routes.ts";

/** Accounts whose filters run at once. */
const plannedAtOnce = 8;

/**
 * Decides for many accounts; those that are gone meanwhile are left out.
 * @param routes of these accounts
 * @param mayRefuse see `planAccount`
 */
export async function planAccounts(
  deps: DeliveryDeps,
  message: IncomingMessage,
  targets: readonly PlannedAccount[],
  routes: AccountRoutes,
  way: MessageRoute,
  mayRefuse: boolean,
): Promise<AccountPlan[]> {
  const plans: AccountPlan[] = [];
  for (let at = 0; at < targets.length; at += plannedAtOnce) {
    const made = await Promise.all(
      targets.slice(at, at + plannedAtOnce).map(async (target) => {
        const route = routes.get(target.account.accountId);
        return route && planAccount(deps, message, target, route, way, mayRefuse);
      }),
    );
    plans.push(...made.filter((plan) => plan !== undefined));
  }
  // The only recipient's account is gone: the caller must not answer that it was delivered.
  if (targets.length === 1 && plans.length === 0) throw new DomainError("not_found", "There is no such mailbox");
  return plans;
}

/** What a plan comes to, for the trace and the sender. */
export function outcomeOf(plan: AccountPlan): [outcome: TraceOutcome, status: string, text: string] {
  if (plan.refusal) return ["refused", plan.refusal.status, plan.refusal.text];
  if (isQuarantined(plan.judgement)) return ["quarantined", "2.0.0", plan.judgement.text];
  if (plan.judgement.folder === "junk") return ["junk", "2.0.0", plan.judgement.text];
  const sentOn = plan.sends.flatMap((each) => (each.isOnward ? each.recipients : []));
  const text = sentOn.length > 0 ? `sent on to ${sentOn.join(", ")}` : "";
  if (plan.placements.length > 0) return ["delivered", "2.0.0", text];
  return sentOn.length > 0 ? ["queued", "2.0.0", text] : ["discarded", "2.0.0", "by the filters of the mailbox"];
}
