import { findOrganization } from "../../domain/identity/find-in-directory.ts";
import { createPrincipalWithServices } from "../../domain/lifecycle/create-principal-with-services.ts";
import { type Command, required, UsageError } from "../command.ts";

export const createGroupCommand: Command = {
  usage: ['create-group elus@commune.fr "Nom du groupe"'],
  what: "Crée un groupe, qui reçoit du courriel pour ses membres (voir group).",
  async run({ domain, print }, [address, name]) {
    const at = required(address, "l’adresse").split("@")[1];
    if (!at) throw new UsageError("L’adresse n’a pas de domaine.");
    const organization = await findOrganization(domain.store.read, at);
    await createPrincipalWithServices(domain.store, organization.id, {
      kind: "group",
      displayName: required(name, "le nom"),
      address: address!,
      quotas: { mail: 0, files: 0 },
    });
    print(`Groupe créé : ${address} (${organization.name})`);
  },
};
