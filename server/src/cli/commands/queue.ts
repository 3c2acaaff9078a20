import { changeQueue, type QueueAction } from "../../domain/mail/submission/change-queue.ts";
import { listPausedDestinations } from "../../domain/mail/submission/destinations.ts";
import { listQueue } from "../../domain/mail/submission/list-queue.ts";
import type { QueueSelection, RecipientState } from "../../domain/mail/submission/select-queue.ts";
import { type Command, UsageError } from "../command.ts";

const actions: readonly QueueAction[] = ["hold", "release", "retry", "drop"];
const states: readonly RecipientState[] = ["queued", "held", "sent", "failed", "canceled"];

export const queueCommand: Command = {
  usage: [
    "queue [--to domaine] [--from adresse] [--id envoi] " +
      "[--state queued|held|sent|failed|canceled] [--reason motif]",
    "queue hold|release|retry|drop [--to domaine] [--from adresse] [--id envoi] " +
      "[--state queued|held|sent|failed|canceled] [--reason motif] [--all]",
  ],
  what: "Montre les messages qui attendent de partir et les destinations mises au repos, ou agit sur eux ; --all pour toute la file.",
  options: {
    to: { type: "string" },
    from: { type: "string" },
    id: { type: "string" },
    state: { type: "string" },
    reason: { type: "string" },
    all: { type: "boolean" },
  },
  async run({ domain, print }, [action], options) {
    const selection = readSelection(options);
    if (action !== undefined && action !== "list") {
      if (!actions.includes(action as QueueAction)) throw new UsageError(`L’action est ${actions.join(", ")}.`);
      if (Object.keys(selection).length === 0 && options.all !== true) {
        throw new UsageError("Dites de quels messages (--to, --from, --id, --state, --reason), ou --all.");
      }
      const count = await changeQueue(domain.store, selection, action as QueueAction);
      return print(`Destinataires concernés : ${count}`);
    }
    for (const { domain: name, pausedUntil, failures, lastReply } of await listPausedDestinations(domain.store.read)) {
      print(
        `Au repos : ${name} jusqu’à ${pausedUntil!.toISOString()}, ${failures} échecs de suite  ${lastReply ?? ""}`,
      );
    }
    const entries = await listQueue(domain.store.read, selection);
    if (entries.length === 0) return print("Rien n’attend.");
    for (const entry of entries) {
      print(
        `${entry.outboundId}  ${entry.from || "<>"} → ${entry.to}  ${entry.state}${entry.isUnderWay ? " (en cours)" : ""}` +
          `${entry.heldReason ? ` (${entry.heldReason})` : ""}  essais ${entry.attempts}  ` +
          `prochain ${entry.nextAttemptAt.toISOString()}  ${entry.lastStatus ?? ""} ${entry.lastReply ?? ""}`.trimEnd(),
      );
    }
  },
};

function readSelection(options: Readonly<Record<string, unknown>>): QueueSelection {
  const { to, from, id, state, reason } = options;
  if (state !== undefined && !states.includes(state as RecipientState)) {
    throw new UsageError(`L’état est ${states.join(", ")}.`);
  }
  return {
    ...(typeof to === "string" && { domain: to }),
    ...(typeof from === "string" && { sender: from }),
    ...(typeof id === "string" && { outboundId: id }),
    ...(typeof state === "string" && { states: [state as RecipientState] }),
    ...(typeof reason === "string" && { heldReason: reason }),
  };
}
