import { findOrganization } from "../../domain/identity/find-in-directory.ts";
import { generatePassword, setPassword } from "../../domain/identity/set-password.ts";
import { createPrincipalWithServices } from "../../domain/lifecycle/create-principal-with-services.ts";
import { type Command, required, UsageError } from "../command.ts";

export const createPersonCommand: Command = {
  usage: ['create-person prenom.nom@commune.fr "Prénom Nom" [--title "Fonction"] [--administrator] [--operator]'],
  what: "Crée une personne avec son courriel et ses fichiers, et affiche son premier mot de passe.",
  options: { title: { type: "string" }, administrator: { type: "boolean" }, operator: { type: "boolean" } },
  async run({ domain, config, print }, [address, name], options) {
    const at = required(address, "l’adresse").split("@")[1];
    if (!at) throw new UsageError("L’adresse n’a pas de domaine.");
    const organization = await findOrganization(domain.store.read, at);
    const created = await createPrincipalWithServices(domain.store, organization.id, {
      kind: "person",
      displayName: required(name, "le nom"),
      address: address!,
      ...(typeof options.title === "string" && { jobTitle: options.title }),
      roles: [
        ...(options.administrator === true ? (["member_administrator"] as const) : []),
        ...(options.operator === true ? (["operator"] as const) : []),
      ],
      language: config.language,
      timeZone: config.timeZone,
      quotas: { mail: config.quotas.mail, files: config.quotas.drive },
    });
    const password = generatePassword();
    await setPassword(domain.identity, created, password);
    print(`Personne créée : ${address} (${organization.name})`);
    print(`Mot de passe, affiché cette seule fois : ${password}`);
  },
};
