import { changeQueue, type QueueAction } from "../../domain/mail/submission/change-queue.ts";
import { listQueue } from "../../domain/mail/submission/list-queue.ts";
import { type Command, UsageError } from "../command.ts";

const actions: readonly QueueAction[] = ["hold", "release", "retry", "drop"];

export const queueCommand: Command = {
  usage: "queue [hold|release|retry|drop] [--to domaine] [--id envoi]",
  what: "Montre les messages qui attendent de partir, ou agit sur eux.",
  options: { to: { type: "string" }, id: { type: "string" } },
  async run({ domain, print }, [action], options) {
    const selection = {
      ...(typeof options.to === "string" && { domain: options.to }),
      ...(typeof options.id === "string" && { outboundId: options.id }),
    };
    if (action !== undefined) {
      if (!actions.includes(action as QueueAction)) throw new UsageError(`L’action est ${actions.join(", ")}.`);
      const count = await changeQueue(domain.store, selection, action as QueueAction);
      return print(`Destinataires concernés : ${count}`);
    }
    const entries = await listQueue(domain.store.read, selection);
    if (entries.length === 0) return print("Rien n’attend.");
    for (const entry of entries) {
      print(
        `${entry.outboundId}  ${entry.from || "<>"} → ${entry.to}  ${entry.state}${entry.isUnderWay ? " (en cours)" : ""}  ` +
          `essais ${entry.attempts}  prochain ${entry.nextAttemptAt.toISOString()}  ${entry.lastStatus ?? ""} ${entry.lastReply ?? ""}`.trimEnd(),
      );
    }
  },
};
