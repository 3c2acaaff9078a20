import { type Judgement, judgeScreening, unjudged } from "../screening/judge-screening.ts";
import { rulesFor } from "../screening/screening-rules.ts";
import type { DeliveryDeps } from "./delivery-deps.ts";
import type { IncomingMessage } from "./incoming-message.ts";

/** What an organization makes of a message that goes to none of its accounts: what it sends on, or holds for a moderator. */
export async function judgeForOrganization(
  deps: DeliveryDeps,
  organizationId: string,
  { arrival, screening, sender }: IncomingMessage,
): Promise<Judgement> {
  if (arrival !== "received" || !screening) return unjudged;
  const { policy, rules } = await rulesFor(deps.store.read, { organizationId, accountId: null }, sender, screening);
  return judgeScreening(screening, policy, rules, deps.trustedSealers ?? []);
}
