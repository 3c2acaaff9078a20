import { findOrganization, findPerson } from "../../domain/identity/find-in-directory.ts";
import { createSharedMailbox } from "../../domain/lifecycle/create-shared-mailbox.ts";
import { setPersonalSeen } from "../../domain/mail/delegation/set-personal-seen.ts";
import { type Command, required, UsageError } from "../command.ts";

export const sharedMailboxCommand: Command = {
  usage: [
    'shared-mailbox create mairie@commune.fr "Mairie" [--personal-seen]',
    "shared-mailbox personal-seen mairie@commune.fr oui|non",
  ],
  what: "Crée une boîte partagée, ou décide si chacun y a ses propres messages lus (sinon, lu par l’un est lu pour tous).",
  options: { "personal-seen": { type: "boolean" } },
  async run({ domain, config, print }, [verb, address, value], options) {
    const at = required(address, "l’adresse");
    if (verb === "create") {
      const host = at.split("@")[1];
      if (!host) throw new UsageError("L’adresse n’a pas de domaine.");
      const organization = await findOrganization(domain.store.read, host);
      await createSharedMailbox(domain.store, organization.id, {
        displayName: required(value, "le nom"),
        address: at,
        mailQuota: config.quotas.mail,
        grants: [],
        personalSeen: options["personal-seen"] === true,
      });
      print(`Boîte partagée créée : ${at} (${organization.name})`);
      print(`Donnez-y accès : grant set ${at} prenom.nom@${host} lire,écrire,supprimer,envoyer-comme`);
      return;
    }
    if (verb !== "personal-seen") throw new UsageError("« shared-mailbox » est suivi de create ou personal-seen.");
    if (value !== "oui" && value !== "non") throw new UsageError("Dites oui ou non.");
    const box = await findPerson(domain.store.read, at);
    await setPersonalSeen(domain.store, box, value === "oui");
    print(
      `${box.displayName} : ${value === "oui" ? "chacun a ses propres messages lus" : "lu par l’un est lu pour tous"}.`,
    );
  },
};
