import { byteCount } from "../../config/parsers.ts";
import { findPerson } from "../../domain/identity/find-in-directory.ts";
import { setQuota } from "../../domain/quota/set-quota.ts";
import { type Command, required, UsageError } from "../command.ts";

export const setQuotaCommand: Command = {
  usage: ["set-quota prenom.nom@commune.fr mail|files 20GB"],
  what: "Change l’espace d’une personne, pour le courriel ou les fichiers.",
  async run({ domain, print }, [address, area, size]) {
    const person = await findPerson(domain.store.read, required(address, "l’adresse"));
    if (area !== "mail" && area !== "files") throw new UsageError("L’espace est « mail » ou « files ».");
    const limit = byteCount(0).parse(required(size, "la taille"));
    if (limit === undefined) throw new UsageError(`La taille doit être ${byteCount(0).expected}.`);
    await domain.store.transact((tx) => setQuota(tx, person, area, limit));
    print(`${person.displayName} : ${size} pour ${area === "mail" ? "le courriel" : "les fichiers"}.`);
  },
};
