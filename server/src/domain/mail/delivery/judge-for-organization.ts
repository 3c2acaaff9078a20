import { type Judgement, judgeScreening } from "../screening/judge-screening.ts";
import { readPolicy } from "../screening/screening-policy.ts";
import { matchSenderRules } from "../screening/sender-rules.ts";
import type { DeliveryDeps } from "./delivery-deps.ts";
import type { IncomingMessage } from "./incoming-message.ts";

/** What an organization makes of a message that goes to none of its accounts: what it sends on, or holds for a moderator. */
export async function judgeForOrganization(
  deps: DeliveryDeps,
  organizationId: string,
  { arrival, screening, sender }: IncomingMessage,
): Promise<Judgement> {
  if (arrival !== "received" || !screening) return { folder: "inbox", reason: "none", text: "", isFinal: true };
  const policy = await readPolicy(deps.store.read, organizationId);
  const rules = await matchSenderRules(deps.store.read, [organizationId], [], sender, screening);
  return judgeScreening(screening, policy, rules, deps.trustedSealers ?? []);
}
