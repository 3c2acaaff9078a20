import { type MtaStsMode, setMtaStsMode } from "../../domain/mail/submission/own-mta-sts-policy.ts";
import { type Command, required, UsageError } from "../command.ts";

const modes: readonly MtaStsMode[] = ["testing", "enforce", "none"];

export const mtaStsCommand: Command = {
  usage: ["mta-sts commune.fr testing|enforce|none"],
  what: "Dit aux autres serveurs s’ils doivent exiger TLS pour le courrier d’un domaine (puis republier _mta-sts, voir show-dns).",
  async run({ domain, print }, [name, mode]) {
    if (!modes.includes(mode as MtaStsMode)) throw new UsageError(`Le mode est ${modes.join(", ")}.`);
    await setMtaStsMode(domain.store, required(name, "le domaine"), mode as MtaStsMode);
    print(`MTA-STS de ${name} : ${mode}. L’enregistrement _mta-sts a changé : voir show-dns.`);
  },
};
