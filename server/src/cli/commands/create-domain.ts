import { findOrganization } from "../../domain/identity/find-in-directory.ts";
import { addMemberDomain } from "../../domain/lifecycle/create-member.ts";
import { type Command, required } from "../command.ts";

export const createDomainCommand: Command = {
  usage: ['create-domain commune.fr --organization "Nom, identifiant ou domaine"'],
  what: "Ajoute un domaine à une collectivité, avec sa clé DKIM.",
  options: { organization: { type: "string" } },
  async run({ domain, print }, [name], options) {
    const organization = await findOrganization(domain.store.read, required(options.organization, "--organization"));
    const added = await addMemberDomain(domain.identity, organization.id, required(name, "le domaine"));
    print(`Domaine ajouté à ${organization.name} : ${added} (npm run bouquet -- show-dns ${added})`);
  },
};
