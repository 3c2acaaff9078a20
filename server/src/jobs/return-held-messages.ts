import type { DeliveryDeps } from "../domain/mail/delivery/delivery-deps.ts";
import { returnUnanswered } from "../domain/mail/moderation/decide-held.ts";
import type { TimedJob } from "./start-jobs.ts";

/** Every quarter of an hour: what no moderator answered in time goes back to its author. */
export function returnHeldMessagesJob(mail: DeliveryDeps): TimedJob {
  return {
    name: "return-held-messages",
    schedule: "*/15 * * * *",
    async run() {
      const returned = await returnUnanswered(mail);
      return { returned };
    },
  };
}
