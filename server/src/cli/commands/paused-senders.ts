import { findPerson } from "../../domain/identity/find-in-directory.ts";
import { listPausedSenders, pauseSender, resumeSender } from "../../domain/mail/limits/pause-sender.ts";
import { pauseReasons } from "../../domain/mail/limits/tell-paused-sender.ts";
import { type Command, required, UsageError } from "../command.ts";

export const pausedSendersCommand: Command = {
  usage: ["paused-senders", "paused-senders pause|resume prenom.nom@commune.fr"],
  what: "Montre qui ne peut plus envoyer, ou le lui permet de nouveau, ou l’en empêche.",
  async run({ domain, print }, [action, address]) {
    if (action === undefined) {
      const paused = await listPausedSenders(domain.store.read);
      if (paused.length === 0) return print("Personne n’est suspendu.");
      for (const { displayName, address: of, pausedAt, reason, detail } of paused) {
        const why = pauseReasons[reason] ?? reason;
        print(`${of ?? displayName}  depuis ${pausedAt.toISOString()}  ${why}${detail === "" ? "" : ` (${detail})`}`);
      }
      return;
    }
    const sender = await findPerson(domain.store.read, required(address, "l’adresse"));
    if (action === "resume") {
      await resumeSender(domain.store, sender, "operator, by command");
      return print(`${sender.displayName} peut de nouveau envoyer ; ce qui était retenu part.`);
    }
    if (action !== "pause") throw new UsageError("L’action est resume ou pause.");
    await pauseSender(domain.store, sender, "administrator", "operator, by command");
    print(`${sender.displayName} ne peut plus envoyer.`);
  },
};
