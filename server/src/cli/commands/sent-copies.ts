import { findPerson } from "../../domain/identity/find-in-directory.ts";
import { readFilesSentCopies, setFilesSentCopies } from "../../domain/mail/sent-copies.ts";
import { type Command, required, UsageError } from "../command.ts";

const values: Readonly<Record<string, boolean | undefined>> = { oui: true, non: false, selon: undefined };

export const sentCopiesCommand: Command = {
  usage: ["sent-copies mairie@commune.fr [oui|non|selon]"],
  what:
    "Dit si le serveur range lui-même une copie de ce qui est envoyé depuis une boîte ; selon : oui pour une boîte partagée, " +
    "non pour une personne, dont le logiciel le fait.",
  async run({ domain, print }, [address, value]) {
    const owner = await findPerson(domain.store.read, required(address, "l’adresse"));
    if (value !== undefined) {
      if (!Object.hasOwn(values, value)) throw new UsageError("Dites oui, non ou selon.");
      await setFilesSentCopies(domain.store, owner, values[value]);
    }
    const files = await readFilesSentCopies(domain.store.read, owner);
    print(`${owner.displayName} : le serveur ${files ? "range une" : "ne range pas de"} copie dans Envoyés.`);
  },
};
