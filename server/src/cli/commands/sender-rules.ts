import { findOrganization, findPerson } from "../../domain/identity/find-in-directory.ts";
import {
  addSenderRule,
  listSenderRules,
  type RuleOwner,
  removeSenderRule,
} from "../../domain/mail/screening/sender-rules.ts";
import { type Command, required, UsageError } from "../command.ts";

export const senderRulesCommand: Command = {
  usage: [
    "sender-rules [allow|block|remove adresse-ou-domaine] --organization commune.fr",
    "sender-rules [allow|block|remove adresse-ou-domaine] --person prenom.nom@commune.fr",
  ],
  what: "Montre ou change les expéditeurs autorisés et bloqués d’une collectivité ou d’une personne.",
  options: { organization: { type: "string" }, person: { type: "string" } },
  async run({ domain, print }, [action, pattern], options) {
    const owner = await findOwner();
    const rules = await listSenderRules(domain.store.read, owner);
    switch (action) {
      case undefined:
        if (rules.length === 0) return print("La liste est vide.");
        for (const rule of rules) print(`${rule.kind === "allow" ? "autorisé" : "bloqué  "}  ${rule.pattern}`);
        return;
      case "allow":
      case "block": {
        const text = required(pattern, "l’adresse ou le domaine");
        const added = await addSenderRule(domain.store, owner, { kind: action, pattern: text, createdBy: null });
        return print(`${added.pattern} : ${action === "allow" ? "autorisé" : "bloqué"}`);
      }
      case "remove": {
        const known = rules.find((rule) => rule.pattern === pattern?.toLowerCase());
        if (!known) throw new UsageError("Cette adresse ou ce domaine n’est pas dans la liste.");
        await removeSenderRule(domain.store, owner, known.id);
        return print(`${known.pattern} : retiré de la liste`);
      }
      default:
        throw new UsageError("L’action est allow, block ou remove.");
    }

    async function findOwner(): Promise<RuleOwner> {
      if (typeof options.person === "string") return findPerson(domain.store.read, options.person);
      const name = required(options.organization, "--organization ou --person");
      return { organizationId: (await findOrganization(domain.store.read, name)).id, accountId: null };
    }
  },
};
