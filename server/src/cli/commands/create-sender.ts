import { createAppPassword } from "../../domain/identity/app-passwords.ts";
import { findOrganization } from "../../domain/identity/find-in-directory.ts";
import { createPrincipalWithServices } from "../../domain/lifecycle/create-principal-with-services.ts";
import { type Command, required, UsageError } from "../command.ts";

/** Room for what comes back. Bytes. */
const mailQuota = 100e6;

export const createSenderCommand: Command = {
  usage: ['create-sender imprimante@commune.fr "Imprimante de l’accueil"'],
  what: "Crée un compte qui peut seulement envoyer (imprimante, scanner, logiciel métier), et affiche son mot de passe.",
  async run({ domain, config, print }, [address, name]) {
    const at = required(address, "l’adresse").split("@")[1];
    if (!at) throw new UsageError("L’adresse n’a pas de domaine.");
    const organization = await findOrganization(domain.store.read, at);
    const displayName = required(name, "le nom");
    const created = await createPrincipalWithServices(domain.store, organization.id, {
      kind: "service",
      displayName,
      address: address!,
      language: config.language,
      timeZone: config.timeZone,
      quotas: { mail: mailQuota, files: 0 },
    });
    const { secret } = await createAppPassword(domain.identity, created, {
      name: displayName.slice(0, 80),
      scopes: ["send"],
    });
    print(`Compte d’envoi créé : ${address} (${organization.name})`);
    print(`Mot de passe, affiché cette seule fois : ${secret}`);
  },
};
