import { createMember } from "../../domain/lifecycle/create-member.ts";
import { type Command, required } from "../command.ts";

export const createOrganizationCommand: Command = {
  usage: ['create-organization "Nom" --domain commune.fr [--domain autre.fr] [--operator]'],
  what: "Crée une collectivité, ou l’opérateur lui-même, avec ses domaines.",
  options: { domain: { type: "string", multiple: true }, operator: { type: "boolean" } },
  async run({ domain, print }, [name], options) {
    const created = await createMember(domain.identity, {
      name: required(name, "le nom de la collectivité"),
      kind: options.operator === true ? "operator" : "member",
      domains: (options.domain as string[] | undefined) ?? [],
    });
    print(`Collectivité créée : ${created.organizationId}`);
    for (const each of created.domains) print(`Domaine : ${each} (npm run bouquet -- show-dns ${each})`);
  },
};
